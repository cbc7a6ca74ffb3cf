using System.Collections.Concurrent;
using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Churn.Conventions.Tests;

public sealed class CommandsTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);
    private static readonly string Dotnet = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..", "dotnet"));
    private readonly ConcurrentDictionary<string, string> _help = new(StringComparer.Ordinal);
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("churn-commands-");

    private static IEnumerable<TextFile> Documents => Tree.Files.Where(file => file.Extension == ".md" && (file.Folders.Length == 0 || file.IsUnder("docs")));

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void Readme_Commands_BeginWithOneThatRuns()
    {
        var readme = Tree.Files.SingleOrDefault(file => file.Path == "README.md");
        Assert.True(readme is not null, "README.md is missing; it is the first thing that a user reads.");
        Assert.True(
            CommandBlock.In(readme).Any(block => block.IsRunnable && Command.In(block).Any(command => command.Words[0] == "./churn")),
            "README.md has no block of commands that is tried; mark one that calls ./churn: ```sh runnable");
    }

    [Fact]
    public void Document_Commands_Exist() => Offenders.None(Documents.SelectMany(CommandBlock.In).SelectMany(Command.In).SelectMany(command => command.Offences(Help)));

    [Fact]
    public void Document_RunnableCommands_Run() => Offenders.None(Documents
        .Select(document => (document, blocks: CommandBlock.In(document).Where(block => block.IsRunnable).ToList()))
        .Where(at => at.blocks.Count > 0)
        .Select(at => Offence(at.document, at.blocks)).OfType<string>());

    [Theory]
    [InlineData("```sh\n./churn grow\n```", "a.md:2: ./churn grow: there is no command grow")]
    [InlineData("```sh\n# First.\nA=1 ./churn generate \\\n  --customers 1 --gold | ./churn report -\n```", "a.md:3: ./churn generate --customers 1 --gold: there is no option --gold")]
    [InlineData("```console\n$ ./churn generate --rows=5 --out - > \"--a\"\nanswer\n./churn gone\n```\n```\n./churn gone\n```", null)]
    [InlineData("```sh\n./test --fast\n```", "a.md:2: ./test --fast: there is no option --fast")]
    [InlineData("```sh\nCI=true ./test --no-install Churn.Metrics.Tests && ./churn --version # --not-an-option\n```", null)]
    public void Offences_Sample_FindsWhatDoesNotExist(string text, string? offence)
    {
        var offences = CommandBlock.In(new TextFile("a.md", text)).SelectMany(Command.In).SelectMany(command => command.Offences(Help)).ToList();
        if (offence is null)
        {
            Assert.Empty(offences);
        }
        else
        {
            Assert.StartsWith(offence, Assert.Single(offences), StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("```sh runnable\n./churn generate --customers 0\n```", "--customers takes a whole number")]
    [InlineData("```sh runnable\n./churn generate --customers 1 --out facts.ndjson\n```\n\n```console runnable\n$ wc -l < facts.ndjson\n7\n$ cat Churn.sln > /dev/null\n```", null)]
    [InlineData("```sh runnable\nfalse | true\ntrue\n```", "ended with status 1")]
    public void Offence_Sample_FindsWhatFails(string text, string? offence)
    {
        var document = new TextFile("a.md", text);
        var found = Offence(document, CommandBlock.In(document));
        if (offence is null)
        {
            Assert.Null(found);
        }
        else
        {
            Assert.Contains(offence, found, StringComparison.Ordinal);
        }
    }

    /// <summary>Runs the blocks of a document as one script, so that the second may use what the first wrote.</summary>
    /// <remarks>
    /// The working directory is an image of the repository's root, made of links, so that what a command writes does not
    /// stay. ./churn in it is the program that was built with these tests; there is no ./test in it.
    /// </remarks>
    private string? Offence(TextFile document, IEnumerable<CommandBlock> blocks)
    {
        var root = _folder.CreateSubdirectory(document.Name).FullName;
        foreach (var entry in new DirectoryInfo(Tree.Root).EnumerateFileSystemInfos().Where(entry => entry.Name is not (".git" or "artifacts" or "churn" or "test")))
        {
            File.CreateSymbolicLink(Path.Combine(root, entry.Name), entry.FullName);
        }

        File.WriteAllText(Path.Combine(root, "churn"), $"#!/bin/sh\nexec '{Dotnet}' exec '{Path.Combine(AppContext.BaseDirectory, "Churn.Suite.dll")}' \"$@\"\n");
        var (status, output) = Run(root, "bash", "-euo", "pipefail", "-c", string.Join('\n', ["chmod +x churn", .. blocks.Select(block => block.Script)]));
        return status == 0 ? null : document.Offence(1, $"its runnable blocks ended with status {status}:\n{output}");
    }

    private string Help(string[] command) => _help.GetOrAdd(string.Join(' ', command), _ =>
    {
        var (status, output) = command[0] == "./churn"
            ? Run(Tree.Root, Dotnet, ["exec", Path.Combine(AppContext.BaseDirectory, "Churn.Suite.dll"), .. command[1..], "--help"])
            : Run(Tree.Root, command[0], [.. command[1..], "--help"]);
        return status == 0 ? output : throw new InvalidOperationException($"{string.Join(' ', command)} --help ended with status {status}: {output}");
    });

    private static (int Status, string Output) Run(string folder, string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program == "./test" ? Path.Combine(folder, "test") : program, arguments)
        {
            WorkingDirectory = folder,
            RedirectStandardError = true,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            UseShellExecute = false,
        };
        using var process = Process.Start(start)!;
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        var error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        if (!process.WaitForExit(Patience))
        {
            process.Kill(entireProcessTree: true);
            return (-1, $"{program} {string.Join(' ', arguments)} took more than {Patience.TotalSeconds:N0} s");
        }

        return (process.ExitCode, error.GetAwaiter().GetResult() + output.GetAwaiter().GetResult());
    }
}
