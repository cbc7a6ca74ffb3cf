using System.Text.RegularExpressions;
using Churn.SystemTests.Telemetry.Otlp;

namespace Churn.SystemTests.Telemetry;

/// <summary>Compares the list of docs/telemetry.md with what a running server exports.</summary>
public sealed partial class InstrumentsTests
{
    private const string OnlyThen = "## Only where it happens";

    [Fact]
    public async Task List_OfInstruments_IsWhatIsExported()
    {
        await using var collector = await Collector.StartAsync();
        using var folder = new TemporaryFolder();
        using var server = await Server.StartAsync(folder.Path, collector.Environment());
        await TelemetryTests.ApplyAsync(server);
        await TelemetryTests.FailAsync(server, "c1");
        await TelemetryTests.MailAsync(server);
        await Assert.ThrowsAsync<Grpc.Core.RpcException>(async () => await server.Ingestion.GetFactAsync(new Ingestion.V1.GetFactRequest { Source = "test", EventId = "none" }));
        using var http = new HttpClient();
        await http.GetStringAsync(new Uri(server.HttpAddress + "/readyz"), TestContext.Current.CancellationToken);
        var (always, all) = Listed(await File.ReadAllTextAsync(Path.Combine(Repository.Root, "docs", "telemetry.md"), TestContext.Current.CancellationToken));
        await Collector.UntilAsync(
            () => always.Keys.All(name => collector.Metrics.Any(metric => metric.Name == name)),
            () => $"never exported: {string.Join(", ", always.Keys.Except(collector.Metrics.Select(metric => metric.Name)))}");
        var wrong = new List<string>();
        foreach (var group in collector.Metrics.GroupBy(metric => metric.Name))
        {
            var exported = new Instrument(KindOf(group.Last()), group.Last().Unit, [.. group.SelectMany(AttributesOf).Distinct().Order(StringComparer.Ordinal)]);
            if (!all.TryGetValue(group.Key, out var listed) || (listed.Kind, listed.Unit) != (exported.Kind, exported.Unit) || exported.Attributes.Except(listed.Attributes).Any())
            {
                wrong.Add($"| `{group.Key}` | {exported.Kind} | {exported.Unit} | {string.Join(", ", exported.Attributes.Select(a => $"`{a}`"))} | {group.Last().Description} |");
            }
        }

        Assert.True(wrong.Count == 0, "docs/telemetry.md lists otherwise:\n" + string.Join('\n', wrong.Order(StringComparer.Ordinal)));
    }

    private static (Dictionary<string, Instrument> Always, Dictionary<string, Instrument> All) Listed(string page)
    {
        var parts = page.Split(OnlyThen);
        Assert.Equal(2, parts.Length);
        var always = Rows(parts[0]);
        Assert.NotEmpty(always);
        return (always, always.Concat(Rows(parts[1])).ToDictionary());
    }

    private static Dictionary<string, Instrument> Rows(string text) => Row().Matches(text).ToDictionary(
        row => row.Groups["name"].Value,
        row => new Instrument(
            row.Groups["kind"].Value, row.Groups["unit"].Value, [.. Name().Matches(row.Groups["attributes"].Value).Select(name => name.Groups[1].Value)]));

    private static string KindOf(Metric metric) => metric.DataCase switch
    {
        Metric.DataOneofCase.Sum => metric.Sum.IsMonotonic ? "counter" : "up-down counter",
        Metric.DataOneofCase.Gauge => "gauge",
        Metric.DataOneofCase.Histogram => "histogram",
        _ => "other",
    };

    private static IEnumerable<string> AttributesOf(Metric metric) => (metric.DataCase switch
    {
        Metric.DataOneofCase.Sum => metric.Sum.DataPoints.SelectMany(point => point.Attributes),
        Metric.DataOneofCase.Gauge => metric.Gauge.DataPoints.SelectMany(point => point.Attributes),
        _ => metric.Histogram.DataPoints.SelectMany(point => point.Attributes),
    }).Select(attribute => attribute.Key);

    [GeneratedRegex(@"^\| `(?<name>[^`]+)` \| (?<kind>[^|]+) \| (?<unit>[^|]*) \| (?<attributes>[^|]*) \| [^|]+ \|$", RegexOptions.Multiline | RegexOptions.ExplicitCapture)]
    private static partial Regex Row();

    [GeneratedRegex("`([^`]+)`")]
    private static partial Regex Name();

    private sealed record Instrument(string Kind, string Unit, IReadOnlyList<string> Attributes);
}
