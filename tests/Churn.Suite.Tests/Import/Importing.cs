using System.IO.Compression;
using System.Text;
using Churn.Cli.Report;
using Churn.Client.Tests;
using Churn.Ingestion.V1;
using Churn.Suite.Import;

namespace Churn.Suite.Tests.Import;

/// <summary>Imports texts into a server of the tests, and keeps what came out.</summary>
internal sealed class Importing : IAsyncDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("churn-import-").FullName;

    private Importing(FakeServer server) => Server = server;

    public FakeServer Server { get; private set; }

    /// <summary>Gives the clock of the importer; the 15th of June 2024 unless a test moves it.</summary>
    public Day Time { get; } = new() { Now = new DateTimeOffset(2024, 6, 15, 12, 0, 0, TimeSpan.Zero) };

    public string Output { get; private set; } = "";

    public string Error { get; private set; } = "";

    public string StandardInput { get; set; } = "";

    public static async Task<Importing> StartAsync() => new(await FakeServer.StartAsync());

    /// <summary>Writes a file and gives its path.</summary>
    public string File(string name, string text, bool gzip = false)
    {
        var path = Path.Combine(_folder, name);
        using Stream file = System.IO.File.Create(path);
        using var stream = gzip ? new GZipStream(file, CompressionLevel.Fastest) : file;
        stream.Write(Encoding.UTF8.GetBytes(text));
        return path;
    }

    public string PathOf(string name) => Path.Combine(_folder, name);

    /// <summary>Imports files as the command line says.</summary>
    public async Task<int> RunAsync(params string[] arguments)
    {
        using var output = new MemoryStream();
        using var error = new StringWriter();
        var status = await ImportCommand.Create((options, stop) => new ImportRun(
                options,
                new ReportStreams(() => new MemoryStream(Encoding.UTF8.GetBytes(StandardInput)), output, error, _ => null, null),
                new ImportScreen(error, isTerminal: false),
                Time).RunAsync(stop))
            .Parse(arguments.Contains("--address") ? arguments : [.. arguments, "--address", Server.Address])
            .InvokeAsync(new System.CommandLine.InvocationConfiguration { Output = error, Error = error }, TestContext.Current.CancellationToken);
        Output = Encoding.UTF8.GetString(output.ToArray());
        Error = error.ToString().Replace(_folder + Path.DirectorySeparatorChar, "", StringComparison.Ordinal);
        return status;
    }

    /// <summary>Imports one text as a file of CSV.</summary>
    public Task<int> CsvAsync(string text, params string[] arguments) => RunAsync([File("rows.csv", text), .. arguments]);

    /// <summary>Gives the facts that nothing retracts, without ids and retractions: what the numbers are made of.</summary>
    public List<Fact> Standing(string source = "csv")
    {
        var facts = Server.Log.Facts.Where(f => f.Source == source).ToList();
        var retracted = facts.Select(f => f.Retracts).ToHashSet();
        return facts.Where(f => f.Retraction is null && !retracted.Contains(f.EventId))
            .Select(f => new Fact(f) { EventId = "", Retracts = "" })
            .OrderBy(f => f.CustomerId, StringComparer.Ordinal).ThenBy(f => f.ToString(), StringComparer.Ordinal).ToList();
    }

    public async Task RestartAsync(int port, FakeLog log) => Server = await FakeServer.StartAsync(port, log);

    public async ValueTask DisposeAsync()
    {
        await Server.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    /// <summary>A clock that stands, of a system whose timers run.</summary>
    internal sealed class Day : TimeProvider
    {
        public DateTimeOffset Now { get; set; }

        public override DateTimeOffset GetUtcNow() => Now;
    }
}
