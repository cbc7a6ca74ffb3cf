using System.Diagnostics;
using System.Text.Json;

namespace Churn.SystemTests.Foreign;

/// <summary>Clients that share no code with the suite call every RPC of a server that runs by itself.</summary>
public sealed class ForeignClientTests
{
    private static readonly string Here = Path.Combine(AppContext.BaseDirectory, "Foreign");

    [Fact]
    public async Task EveryRpc_ByPython_Answers()
    {
        Assert.SkipUnless(Directory.Exists("/usr/lib/python3/dist-packages/grpc"), "python3-grpcio is not installed");
        using var folder = new TemporaryFolder();
        using var server = await Server.StartAsync(folder.Path);
        Assert.Equal("ok\n", await RunAsync(
            "/usr/bin/python3", Path.Combine(Here, "client.py"), new Uri(server.Address).Authority, Path.Combine(Repository.Root, "protos", "churn.binpb")));
    }

    [Fact]
    public async Task EveryRpc_ByGrpcJs_Answers()
    {
        var modules = Path.Combine(Repository.Root, "tests", "node_modules");
        Assert.SkipUnless(Directory.Exists(Path.Combine(modules, "@grpc", "grpc-js")), "@grpc/grpc-js is not installed: npm ci --prefix tests");
        using var folder = new TemporaryFolder();
        using var server = await Server.StartAsync(folder.Path);
        Assert.Equal("ok\n", await RunAsync("node", Path.Combine(Here, "client.mjs"), new Uri(server.Address).Authority, Path.Combine(Repository.Root, "protos"), modules));
    }

    /// <summary>grpcurl knows nothing but what reflection tells it.</summary>
    [Fact]
    public async Task EveryRpc_ByGrpcurl_Answers()
    {
        var grpcurl = Grpcurl();
        Assert.SkipWhen(grpcurl is null, "grpcurl is not on PATH");
        using var folder = new TemporaryFolder();
        using var server = await Server.StartAsync(folder.Path);
        var address = new Uri(server.Address).Authority;
        Task<string> Call(string method, string request) => RunAsync(grpcurl!, "-plaintext", "-max-time", "20", "-d", request, address, method);

        var listed = await RunAsync(grpcurl!, "-plaintext", address, "list");
        Assert.Contains("churn.ingestion.v1.IngestionService", listed, StringComparison.Ordinal);
        var fact = """{"source":"grpcurl","event_id":"g1","customer_id":"c1","occur_time":"2024-03-01T00:00:00Z","subscription_started":{"subscription_id":"s1","plan":"pro","price":{"currency":"USD","mrr_micros":"49000000"}}}""";
        var recorded = await Call("churn.ingestion.v1.IngestionService/RecordFacts", $$"""{"facts":[{{fact}}]}""");
        Assert.Contains("VERDICT_RECORDED", recorded, StringComparison.Ordinal);
        using var token = JsonDocument.Parse(recorded);
        var read = $$"""
            "read":{"consistency_token":"{{token.RootElement.GetProperty("consistency_token").GetString()}}"}
            """;
        Assert.Contains("\"duplicate_count\": \"1\"", await Call("churn.ingestion.v1.IngestionService/StreamFacts", $$"""{"facts":[{{fact}}]}"""), StringComparison.Ordinal);
        Assert.Contains("record_time", await Call("churn.ingestion.v1.IngestionService/GetFact", """{"source":"grpcurl","event_id":"g1"}"""), StringComparison.Ordinal);
        Assert.Contains("\"event_id\": \"g1\"", await Call("churn.ingestion.v1.IngestionService/ListFacts", "{}"), StringComparison.Ordinal);
        foreach (var (method, request, expected) in (IEnumerable<(string, string, string)>)[
            ("GetOverview", "", "\"closing_mrr_micros\": \"49000000\""), ("ListMovements", "", "MOVEMENT_KIND_NEW"), ("GetRates", "", "logo_churn"),
            ("GetRollingMetrics", "", "WINDOW_LAST_MONTH"), ("GetSeries", """ "metric":"METRIC_MRR" """, "2024-03"), ("GetCohorts", "", "first_mrr_micros"),
            ("ListSegments", "", "\"value\": \"pro\""), ("ExplainMetric", """ "month":"2024-03" """, "subscription_started")])
        {
            var answer = await Call($"churn.metrics.v1.MetricsService/{method}", "{" + read + (request.Length > 0 ? "," : "") + request + "}");
            Assert.True(answer.Contains(expected, StringComparison.Ordinal), $"{method} answered without {expected}: {answer}");
        }

        // A watch ends when the caller has had enough.
        var watched = await RunAsync("/bin/sh", "-c", $"'{grpcurl}' -plaintext -max-time 2 -d '{{}}' {address} churn.metrics.v1.MetricsService/WatchMetrics 2>/dev/null || true");
        Assert.Contains("WINDOW_7_DAYS", watched, StringComparison.Ordinal);
        Assert.Contains("closed_time", await Call("churn.streams.v1.StreamService/ListHeads", """{"stream":"facts"}"""), StringComparison.Ordinal);
        Assert.Contains("head", await Call("churn.streams.v1.StreamService/ReadStream", """{"stream":"facts","shard":15}"""), StringComparison.Ordinal);
        Assert.Contains("retract:g1", await Call("churn.ingestion.v1.IngestionService/RetractFact", """{"source":"grpcurl","event_id":"g1"}"""), StringComparison.Ordinal);
        Assert.Contains("SERVING", await RunAsync(grpcurl!, "-plaintext", "-d", """{"service":"churn.metrics.v1.MetricsService"}""", address, "grpc.health.v1.Health/Check"), StringComparison.Ordinal);
    }

    private static string? Grpcurl() =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Select(folder => Path.Combine(folder, "grpcurl")).FirstOrDefault(File.Exists);

    private static async Task<string> RunAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false })!;
        var output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        var error = await process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(process.ExitCode == 0, $"{program} {string.Join(' ', arguments)} ended with {process.ExitCode}: {error}{await output}");
        return await output;
    }
}
