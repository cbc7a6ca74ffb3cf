using System.Diagnostics;
using System.Net;
using System.Runtime.InteropServices;
using Churn.Client;
using Churn.Suite.Serve;

namespace Churn.Suite.Tests.Import;

/// <summary>What the importer and the client see of the real server.</summary>
public sealed class RealServerTests : IAsyncLifetime
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("churn-real-server-");
    private SuiteServer _server = null!;
    private Importing _import = null!;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _server = await StartAsync(0);
        _import = await Importing.StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _import.DisposeAsync();
        await _server.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    [Fact]
    public async Task Example_OfTheClient_RecordsAndReads()
    {
        var dotnet = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..", "dotnet"));
        // In its own folder: beside the tests it would lack what they have from the framework of servers.
        var configuration = Path.GetFileName(Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory));
        var program = Path.Combine(AppContext.BaseDirectory, "..", "..", "Churn.Client.Example", configuration, "Churn.Client.Example.dll");
        using var example = Process.Start(new ProcessStartInfo(dotnet, [program, _server.Address])
        {
            UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true,
        })!;
        var error = example.StandardError.ReadToEndAsync(Ct);
        var output = await example.StandardOutput.ReadToEndAsync(Ct);
        await example.WaitForExitAsync(Ct);
        Assert.Equal("", await error);
        Assert.Equal(
            [
                "verdicts: Recorded, Recorded, Rejected",
                "fact 2: FIELD_MISSING: customer_id is missing: give 1 to 200 bytes.",
                "streamed: 5000, rejected: 0",
                "MRR: 664873.33 USD of 5001 customers",
                "",
            ],
            output.ReplaceLineEndings("\n").Split('\n'));
    }

    [Fact]
    public async Task Import_RowsThatTheServerRejects_AreToldByTheirColumns()
    {
        var csv = _import.File("rows.csv", """
            subscription_id,customer_id,plan,mrr,Money,currency,start_at
            s1,c1,Team,1,a,USD,2024-01-15
            s2,c2,Team,1,a,XQQ,2024-01-15
            s3,c3?,Team,1,a,USD,2024-01-15

            """.Replace('?', '\uFFFD'));
        Assert.Equal(2, await _import.RunAsync(csv, "--address", _server.Address, "--rejects", _import.PathOf("rejects.csv")));
        Assert.Equal(
            [
                "rows.csv:3: currency: subscription_started.price.currency is XQQ, which is no currency of ISO 4217: give the code that the money is in. (CURRENCY_UNKNOWN)",
                "rows.csv:4: customer_id: customer_id holds a character that cannot be printed, or was not UTF-8: take it out. (FIELD_INVALID)",
                "rows.csv:4: customer_id: customer_id holds a character that cannot be printed, or was not UTF-8: take it out. (FIELD_INVALID)",
                "churn import: 3 rejects; all are in rejects.csv",
            ],
            _import.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        var rejects = await File.ReadAllLinesAsync(_import.PathOf("rejects.csv"), Ct);
        Assert.Contains(rejects, line => line.Contains("rows.csv,3,currency,\"subscription_started.price.currency is XQQ", StringComparison.Ordinal));
        Assert.Contains(": 3 recorded, 0 duplicates, 3 rejected", _import.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Import_FactsThatTheServerRejects_AreToldByLineAndField()
    {
        var facts = _import.File("facts.ndjson", """
            {"source":"a","eventId":"1","customerId":"c","occurTime":"2024-01-01T00:00:00Z","customerErased":{}}
            {"source":"a","eventId":"1","customerId":"d","occurTime":"2024-01-01T00:00:00Z","customerErased":{}}

            {"source":"a","eventId":"2","customerId":"c","occurTime":"2999-01-01T00:00:00Z","customerErased":{}}
            {"eventId":"3","customerId":"c","occurTime":"2024-01-01T00:00:00Z","customerErased":{}}
            """);
        Assert.Equal(2, await _import.RunAsync(facts, "--address", _server.Address));
        var lines = _import.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(
            ["facts.ndjson:2: event_id: ", "facts.ndjson:4: occur_time: ", "facts.ndjson:5: source: "], lines[..^1].Order().Select(l => string.Join(": ", l.Split(": ")[..2]) + ": "));
        Assert.EndsWith("(IDENTITY_CONFLICT)", lines[..^1].Order().First(), StringComparison.Ordinal);
        Assert.Equal(1, await _import.RunAsync(_import.File("none.ndjson", "{}\n"), "--address", _server.Address));
    }

    [Fact]
    public async Task Import_CustomersOfSeveralCurrencies_ReturnsWhenTheNumbersAnswer()
    {
        var csv = _import.File("rows.csv", "customer_id,mrr,currency,start_at\nc1,1,USD,2024-01-15\nc2,1,EUR,2024-01-15\n");
        Assert.Equal(0, await _import.RunAsync(csv, "--address", _server.Address));
        Assert.Equal("", _import.Error);
    }

    [Fact]
    public async Task WriteAsync_ServerStopsAndStartsAgain_RecordsEveryFactOnce()
    {
        using var client = new ChurnClient(_server.Address);
        var port = new Uri(_server.Address).Port;
        await using var writer = client.StreamFacts();
        for (var i = 0; i < 60_000; i++)
        {
            await writer.WriteAsync(Client.Tests.Facts.Started(i), i, Ct);
            if (i == 30_000)
            {
                await _server.DisposeAsync();
                _server = await StartAsync(port);
            }
        }

        var end = await writer.CompleteAsync(Ct);
        Assert.Equal((60_000, 0), (end.Recorded + end.Duplicates, end.Rejected));
        var listed = 0;
        await foreach (var page in client.ListFactsAsync(new() { Source = "test", PageSize = 10_000 }, Ct))
        {
            listed += page.Count;
        }

        Assert.Equal(60_000, listed);
        var rolling = await client.Metrics.GetRollingMetricsAsync(new() { Windows = { Churn.Metrics.V1.Window.MonthToDate } }, cancellationToken: Ct);
        Assert.Equal(100, rolling.Figures.Single().Bridge.ClosingCustomers);
    }

    private Task<SuiteServer> StartAsync(int port) => SuiteServer.StartAsync(
        new SuiteOptions { Listen = new IPEndPoint(IPAddress.Loopback, port), Data = Path.Combine(_folder.FullName, "data") }, cancellationToken: Ct);
}
