using System.CommandLine;
using System.Net;
using System.Text;
using System.Text.Json;
using Churn.Cli.Generate;
using Churn.Cli.Report;
using Churn.Suite.Import;
using Churn.Suite.Metrics;
using Churn.Suite.Serve;

namespace Churn.Suite.Tests.Import;

/// <summary>For one file, <c>report</c> and <c>import</c> with <c>metrics</c> give the same figures, from the real server.</summary>
public sealed class SameFiguresTests : IAsyncLifetime
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("churn-same-figures-");
    private SuiteServer _server = null!;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _server = await SuiteServer.StartAsync(
        new SuiteOptions { Listen = new IPEndPoint(IPAddress.Loopback, 0), Data = Path.Combine(_folder.FullName, "data") }, cancellationToken: Ct);

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("plan")]
    public async Task Overview_OfTheOraclesRows_IsThatOfTheReport(string? by) =>
        await CompareAsync(Data("oracle-small.csv"), [], by, "2023-01", "2024-12");

    [Theory]
    [InlineData(null, null)]
    [InlineData("contract", "plan")]
    [InlineData("internet_service", "internet_service")]
    public async Task Overview_OfTheTelcoFile_IsThatOfTheReport(string? by, string? metricsBy) =>
        await CompareAsync(Data("telco.csv"), ["--mapping", "telco", "--snapshot-date", "2020-01-01"], by, "2014-01", "2020-01", metricsBy);

    [Theory]
    [InlineData(null)]
    [InlineData("plan")]
    [InlineData("country")]
    [InlineData("offer")]
    public async Task Overview_OfAGeneratedBusiness_IsThatOfTheReport(string? by) =>
        await CompareAsync(Write("rows.csv", Generated(1_500, _ => true)), [], by, "2022-01", "2024-12");

    [Fact]
    public async Task Overview_OfExportsMonthByMonth_IsThatOfTheLast()
    {
        // Each export knows what its month knew; what was to come is not in it, or not over.
        foreach (var month in new[] { "2022-06", "2023-01", "2023-02", "2024-03" })
        {
            Assert.Equal(0, await ImportAsync(Write("rows.csv", Generated(800, time => string.CompareOrdinal(time, month) < 0)), []));
        }

        await CompareAsync(Write("rows.csv", Generated(800, _ => true)), [], "country", "2022-01", "2024-12");
    }

    [Fact]
    public async Task Overview_OfRowsThatWereWrongMeanwhile_IsThatOfTheReport()
    {
        var right = Generated(400, _ => true);
        var wrong = right.Replace("00,USD", "10,USD", StringComparison.Ordinal).Replace(",DE,", ",US,", StringComparison.Ordinal).Replace("-15T", "-16T", StringComparison.Ordinal);
        foreach (var export in new[] { right, wrong })
        {
            Assert.Equal(0, await ImportAsync(Write("rows.csv", export), []));
        }

        await CompareAsync(Write("rows.csv", right), [], "country", "2022-01", "2024-12");
    }

    private static string Data(string name) => Path.Combine(AppContext.BaseDirectory, "Data", name);

    private static JsonElement Sections(byte[] json) => JsonElement.Parse(json).GetProperty("sections");

    /// <summary>The rows of a business, as far as a time knows of them: those that have begun, and the ends that have come.</summary>
    private static string Generated(int customers, Func<string, bool> isKnown)
    {
        using var stream = new MemoryStream();
        new SyntheticBusiness(5, new DateTime(2022, 1, 1, 0, 0, 0, DateTimeKind.Utc), 36).WriteIntervals(stream, customers);
        var lines = new StringBuilder();
        foreach (var line in Encoding.UTF8.GetString(stream.ToArray()).Split('\n')[..^1])
        {
            var cells = line.Split(',');
            if (cells[7] != "start_at")
            {
                if (!isKnown(cells[7]))
                {
                    continue;
                }

                cells[8] = isKnown(cells[8]) ? cells[8] : "";
            }

            lines.Append(string.Join(',', cells)).Append('\n');
        }

        return lines.ToString();
    }

    private string Write(string name, string text)
    {
        var path = Path.Combine(_folder.FullName, name);
        File.WriteAllText(path, text);
        return path;
    }

    private async Task CompareAsync(string file, string[] options, string? by, string from, string to, string? metricsBy = null)
    {
        Assert.Equal(0, await ImportAsync(file, options));
        var report = await RunAsync(
            streams => ReportCommand.Create(o => ReportRun.Run(o, streams)),
            [file, .. options, "--from", from, "--to", to, "--format", "json", .. by is null ? Array.Empty<string>() : ["--by", by]]);
        var metrics = await RunAsync(
            streams => MetricsCommand.Create(streams),
            ["overview", "--from", from, "--to", to, "--format", "json", "--address", _server.Address, .. by is null ? Array.Empty<string>() : ["--by", metricsBy ?? by]]);
        Assert.Equal(Sections(report).GetRawText(), Sections(metrics).GetRawText());
        Assert.NotEqual("[]", Sections(report).GetRawText());
    }

    private async Task<int> ImportAsync(string file, string[] options)
    {
        using var error = new StringWriter();
        var status = 1;
        await RunAsync(
            streams => ImportCommand.Create(async (o, stop) => status = await new ImportRun(o, streams, new ImportScreen(error, isTerminal: false), TimeProvider.System).RunAsync(stop)),
            [file, .. options, "--address", _server.Address]);
        Assert.All(error.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries), line => Assert.StartsWith("note: ", line, StringComparison.Ordinal));
        return status;
    }

    private static async Task<byte[]> RunAsync(Func<ReportStreams, Command> command, string[] arguments)
    {
        using var output = new MemoryStream();
        using var error = new StringWriter();
        var status = await command(new ReportStreams(() => Stream.Null, output, error, _ => null, null)).Parse(arguments).InvokeAsync(new InvocationConfiguration { Error = error, Output = error }, Ct);
        Assert.True(status == 0, error.ToString());
        return output.ToArray();
    }
}
