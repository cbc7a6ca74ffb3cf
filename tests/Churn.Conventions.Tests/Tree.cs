using System.Xml;
using System.Xml.Linq;
using Microsoft.CodeAnalysis.CSharp;

namespace Churn.Conventions.Tests;

/// <summary>One text file of the repository; its path is relative to the root, with slashes.</summary>
internal sealed class TextFile(string path, string text)
{
    private readonly Lazy<CSharpSyntaxTree> _syntax = new(() =>
        (CSharpSyntaxTree)CSharpSyntaxTree.ParseText(text, new CSharpParseOptions(LanguageVersion.Preview)));

    public string Path => path;

    public string Text => text;

    public string Extension => System.IO.Path.GetExtension(path);

    public string[] Folders => path.Split('/')[..^1];

    public string Name => System.IO.Path.GetFileNameWithoutExtension(path);

    public string[] Lines { get; } = text.Split('\n');

    /// <summary>Gives every element of an XML file.</summary>
    public IEnumerable<XElement> Elements => XDocument.Parse(text, LoadOptions.SetLineInfo).Descendants();

    public CSharpSyntaxTree Syntax => _syntax.Value;

    public bool IsUnder(string folder) => path.StartsWith(folder + "/", StringComparison.Ordinal);

    /// <summary>Says where an offence is and what to do about it; lines count from 1.</summary>
    public string Offence(int line, string whatToDo) => $"{path}:{line}: {whatToDo}";

    public string OffenceAt(XElement element, string whatToDo) => Offence(((IXmlLineInfo)element).LineNumber, whatToDo);

    public string OffenceAt(int position, string whatToDo) => Offence(text.AsSpan(0, position).Count('\n') + 1, whatToDo);
}

/// <summary>The repository as it lies on the disk, without what is built.</summary>
internal static class Tree
{
    // Data and generated output may lie about; what people write is smaller.
    private const long MostBytes = 1_000_000;
    private static readonly string[] NotOurs = [".git", ".idea", ".vs", "__pycache__", "artifacts", "bin", "node_modules", "obj", "TestResults"];

    public static string Root { get; } = FindRoot();

    public static IReadOnlyList<TextFile> Files { get; } = Walk(new DirectoryInfo(Root)).OrderBy(file => file.Path, StringComparer.Ordinal).ToList();

    public static IEnumerable<TextFile> Projects => Files.Where(file => file.Extension == ".csproj");

    /// <summary>C# that the project writes as it likes: not compat/, whose names and shapes are given.</summary>
    public static IEnumerable<TextFile> OwnCode => Files.Where(file => file.Extension == ".cs" && !file.IsUnder("compat"));

    public static bool Exists(string path) => File.Exists(Path.Combine(Root, path));

    private static IEnumerable<TextFile> Walk(DirectoryInfo folder)
    {
        foreach (var entry in folder.EnumerateFileSystemInfos().Where(entry => !NotOurs.Contains(entry.Name) && entry.LinkTarget is null))
        {
            if (entry is DirectoryInfo inner)
            {
                foreach (var file in Walk(inner))
                {
                    yield return file;
                }
            }
            else if (entry is FileInfo { Length: <= MostBytes } && File.ReadAllText(entry.FullName) is var text && !text.Contains('\0'))
            {
                yield return new TextFile(Path.GetRelativePath(Root, entry.FullName).Replace('\\', '/'), text);
            }
        }
    }

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "Churn.sln")))
        {
            folder = folder.Parent ?? throw new InvalidOperationException($"No Churn.sln above {AppContext.BaseDirectory}.");
        }

        return folder.FullName;
    }
}

internal static class Offenders
{
    public static void None(IEnumerable<string> offenders)
    {
        var list = offenders.Distinct().ToList();
        if (list.Count > 0)
        {
            Assert.Fail($"{list.Count} to mend:\n{string.Join('\n', list)}");
        }
    }
}
