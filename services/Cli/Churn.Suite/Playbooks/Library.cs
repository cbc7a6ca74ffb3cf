using System.Reflection;
using Churn.Cli.Report.Input;
using Churn.Suite.Calls;
using Churn.Playbooks.V1;

namespace Churn.Suite.Playbooks;

/// <summary>Finds documents: the ready-made ones that come with this program, and the user's files.</summary>
internal static class Library
{
    private const string Folder = ".Library.";
    private const string Extension = ".yaml";
    private static readonly Assembly Home = Assembly.Load("Churn.Playbooks");

    /// <summary>Gives the names of the ready-made playbooks, in order.</summary>
    public static IReadOnlyList<string> Names { get; } =
        [.. Home.GetManifestResourceNames().Where(n => n.Contains(Folder, StringComparison.Ordinal) && n.EndsWith(Extension, StringComparison.Ordinal)).Select(NameOf).Order(StringComparer.Ordinal)];

    /// <summary>Gives a ready-made document; null where there is none of that name.</summary>
    public static Document? Find(string name)
    {
        var resource = Home.GetManifestResourceNames().FirstOrDefault(n => n.EndsWith(Folder + name + Extension, StringComparison.Ordinal));
        return resource is null ? null : new Document { File = name + Extension, Text = Read(resource) };
    }

    /// <summary>Gives the JSON Schema of documents.</summary>
    public static string Schema() => Read(Home.GetManifestResourceNames().Single(n => n.EndsWith(".schema.json", StringComparison.Ordinal)));

    /// <summary>Reads a file, or a ready-made document where there is no such file and the text is one's name.</summary>
    public static async Task<Document> LoadAsync(Call call, string fileOrName)
    {
        if (fileOrName == "-")
        {
            using var reader = new StreamReader(call.Streams.Input());
            return new Document { File = "standard input", Text = await reader.ReadToEndAsync(call.Stop) };
        }

        if (File.Exists(fileOrName))
        {
            return new Document { File = fileOrName, Text = await File.ReadAllTextAsync(fileOrName, call.Stop) };
        }

        return Find(fileOrName) ?? throw new AnswerException(IsFile(fileOrName)
            ? $"there is no file {Printable.OfPath(fileOrName)}"
            : $"{Printable.Of(fileOrName)} is neither a file nor a ready-made playbook; those are {string.Join(", ", Names)}");
    }

    /// <summary>Gives of a file the one playbook of a name, on the lines where it stood; the file where it has none of that name.</summary>
    public static Document Only(Document file, string name)
    {
        var before = 0;
        foreach (var part in file.Text.Split("\n---\n"))
        {
            var lines = part.Split('\n');
            if (lines.Contains("kind: playbook") && lines.Contains($"name: {name}"))
            {
                return new Document { File = file.File, Text = new string('\n', before) + part + "\n" };
            }

            before += lines.Length + 1;
        }

        return file;
    }

    /// <summary>Tells whether a text is meant as a file's path rather than as a name.</summary>
    public static bool IsFile(string text) =>
        text == "-" || File.Exists(text) || text.Contains('/', StringComparison.Ordinal) || text.Contains('.', StringComparison.Ordinal);

    private static string NameOf(string resource) =>
        resource[(resource.IndexOf(Folder, StringComparison.Ordinal) + Folder.Length)..^Extension.Length];

    private static string Read(string resource)
    {
        using var reader = new StreamReader(Home.GetManifestResourceStream(resource)!);
        return reader.ReadToEnd();
    }
}
