using System.CommandLine;
using System.IO.Compression;
using System.Text;
using Churn.Cli.Report;
using Churn.Cli.Report.Input;

namespace Churn.Cli.Tests.Report;

/// <summary>What a run of <c>churn report</c> left behind.</summary>
/// <param name="Status">The exit status.</param>
/// <param name="Errors">The lines on standard error.</param>
internal sealed record Outcome(int Status, string[] Errors);

/// <summary>A folder of its own to put files into and to run <c>churn report</c> on; it is gone afterwards.</summary>
internal sealed class Desk : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("churn-report-").FullName;
    private int _outputs;

    public static string Data(string path) => Path.Combine(AppContext.BaseDirectory, "Data", path);

    public static byte[] Gzip(byte[] content)
    {
        using var compressed = new MemoryStream();
        using (var gzip = new GZipStream(compressed, CompressionLevel.Fastest, leaveOpen: true))
        {
            gzip.Write(content);
        }

        return compressed.ToArray();
    }

    public string PathOf(string name) => Path.Combine(_folder, name);

    public string Write(string name, string text) => Write(name, Encoding.UTF8.GetBytes(text));

    public string Write(string name, byte[] content)
    {
        File.WriteAllBytes(PathOf(name), content);
        return PathOf(name);
    }

    public string Read(string name) => File.ReadAllText(PathOf(name));

    /// <summary>Runs the command line after <c>churn report</c> with its standard streams stood in for.</summary>
    public Outcome Run(params string[] arguments) => Run(arguments, Stream.Null);

    public Outcome Run(string[] arguments, Stream input, int threads = 2)
    {
        using var error = new StringWriter { NewLine = "\n" };
        using var output = new MemoryStream();
        var streams = new ReportStreams(() => input, output, error, _ => null, Width: null);
        var command = ReportCommand.Create(options => ReportRun.Run(options with { Threads = threads }, streams));
        var parsed = command.Parse([.. arguments, .. (string[])(arguments.Contains("--format") ? [] : ["--format", "csv"])]);
        var status = parsed.Errors.Count > 0 ? 1 : parsed.Invoke(new InvocationConfiguration { EnableDefaultExceptionHandler = false });
        foreach (var wrong in parsed.Errors)
        {
            error.WriteLine(wrong.Message);
        }

        // Folders differ from run to run; messages are compared without them.
        var text = error.ToString().Replace(_folder + Path.DirectorySeparatorChar, "", StringComparison.Ordinal);
        return new Outcome(status, text.Split('\n')[..^1]);
    }

    /// <summary>Runs with <c>--out</c> and gives the files written, by name.</summary>
    public Dictionary<string, byte[]> RunFiles(string[] arguments, Stream? input = null, int threads = 2, int status = 0)
    {
        var folder = PathOf($"out{_outputs++}");
        var outcome = Run([.. arguments, "--out", folder], input ?? Stream.Null, threads);
        Assert.True(outcome.Status == status, string.Join('\n', outcome.Errors));
        return Directory.GetFiles(folder).ToDictionary(p => Path.GetFileName(p), File.ReadAllBytes, StringComparer.Ordinal);
    }

    /// <summary>Reads what the options say from texts that stand in for files, named a, b, c, ...</summary>
    public static Subscriptions ReadTexts(InputOptions options, params string[] texts) =>
        ReadBytes(options, [.. texts.Select(Encoding.UTF8.GetBytes)]);

    public static Subscriptions ReadBytes(InputOptions options, params byte[][] contents) => Reading.Read(
        options with { Files = [.. contents.Select((_, i) => ((char)('a' + i)).ToString())] },
        name => new MemoryStream(contents[name[0] - 'a'], writable: false), threads: 1);

    /// <summary>Splits CSV without quotes into rows of cells, the header first.</summary>
    public static string[][] Cells(byte[] csv) =>
        [.. Encoding.UTF8.GetString(csv).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split(','))];

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
