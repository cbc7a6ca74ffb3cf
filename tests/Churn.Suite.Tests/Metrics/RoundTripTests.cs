using System.CommandLine;
using System.Text;
using Churn.Cli.Generate;
using Churn.Cli.Report;
using Churn.Cli.Report.Input;

namespace Churn.Suite.Tests.Metrics;

/// <summary>For one file, what a server says is what <c>churn report</c> says.</summary>
public class RoundTripTests
{
    public static TheoryData<string, string, string, string?> Businesses() => new()
    {
        { "few", "2023-01", "2024-12", null }, { "few", "2023-01", "2024-12", "country" }, { "few", "2024-02", "2024-12", "plan" },
        { "oracle-small", "2023-01", "2024-12", null }, { "oracle-small", "2023-06", "2024-06", "plan" },
        { "generated", "2022-01", "2024-12", null }, { "generated", "2023-01", "2024-12", "industry" }, { "generated", "2024-12", "2024-12", "plan" },
        { "telco", "2014-01", "2020-01", null },
    };

    [Theory]
    [MemberData(nameof(Businesses))]
    public async Task Overview_OfAFile_IsTheReportOfThatFile(string name, string from, string to, string? by)
    {
        await using var server = await MetricsServer.StartAsync(BusinessOf(name));
        await AssertIsReportAsync(BusinessOf(name), server.AskAsync, from, to, by);
    }

    [Theory]
    [MemberData(nameof(Businesses))]
    public async Task Overview_OfAnImportedFile_IsTheReportOfThatFile(string name, string from, string to, string? by)
    {
        var business = BusinessOf(name);
        await using var server = await ImportedServer.StartAsync(business);
        await AssertIsReportAsync(business, server.AskAsync, from, to, by);
    }

    [Theory]
    [InlineData("month")]
    [InlineData("day")]
    [InlineData("instant")]
    public async Task RatesCohortsAndMovements_OfAFile_AreTheFilesOfItsReport(string grain)
    {
        var business = BusinessOf("generated");
        await using var server = await MetricsServer.StartAsync(business);
        await AssertAreFilesAsync(business, server.AskAsync, grain);
    }

    [Theory]
    [InlineData("month")]
    [InlineData("day")]
    [InlineData("instant")]
    public async Task RatesCohortsAndMovements_OfAnImportedFile_AreTheFilesOfItsReport(string grain)
    {
        var business = BusinessOf("generated");
        await using var server = await ImportedServer.StartAsync(business);
        await AssertAreFilesAsync(business, server.AskAsync, grain);
    }

    private static async Task AssertIsReportAsync(Business business, Func<string[], Task<Outcome>> ask, string from, string to, string? by)
    {
        string[] asked = ["--from", from, "--to", to, .. by is null ? [] : new[] { "--by", by }];
        var csv = await ask(["overview", "--format", "csv", .. asked]);
        Assert.Equal((0, ""), (csv.Status, csv.Error));
        Assert.Equal(Report(business, "csv", asked), csv.Output);

        var json = await ask(["overview", "--format", "json", .. asked]);
        Assert.Equal(0, json.Status);
        Assert.Equal(FiguresOf(Report(business, "json", asked)), FiguresOf(json.Output));

        var page = await ask(["overview", .. asked]);
        Assert.Equal((0, ""), (page.Status, page.Error));
        Assert.Equal(BodyOf(Report(business, "table", asked)), BodyOf(page.Output));
    }

    private static async Task AssertAreFilesAsync(Business business, Func<string[], Task<Outcome>> ask, string grain)
    {
        string[] asked = ["--from", "2022-06", "--to", "2024-12"];
        var folder = Directory.CreateTempSubdirectory("churn-suite-");
        try
        {
            Report(business, "csv", [.. asked, "--out", folder.FullName]);
            string[] File(string name) => System.IO.File.ReadAllText(Path.Combine(folder.FullName, name)).Split('\n');

            var rates = await ask(["rates", "--grain", grain, "--format", "csv", .. asked]);
            var file = File("rates.csv");
            Assert.Equal([file[0], .. file.Where(l => l.StartsWith(grain + ",", StringComparison.Ordinal)), ""], rates.Output.Split('\n'));

            var movements = await ask(["movements", "--grain", grain, "--format", "csv", .. asked]);
            string[] expected = [.. File($"movements_{grain}.csv").Select(l => string.Join(',', l.Split(',').Take(6)))];
            Assert.Equal(expected[0], movements.Output.Split('\n')[0]);
            Assert.Equal(expected.Order(StringComparer.Ordinal), movements.Output.Split('\n').Order(StringComparer.Ordinal));

            var basis = grain == "month" ? "first-closing" : "first-paid-instant";
            var cohorts = await ask(["cohorts", "--basis", basis, "--format", "csv", .. asked]);
            file = File("cohort_triangle.csv");
            Assert.Equal(
                [file[0], .. file.Where(l => l.StartsWith(basis.Replace('-', '_') + ",", StringComparison.Ordinal)), ""], cohorts.Output.Split('\n'));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    internal static Business BusinessOf(string name)
    {
        switch (name)
        {
            case "few":
                return Business.Few;
            case "generated":
                using (var csv = new MemoryStream())
                {
                    new SyntheticBusiness(1, new DateTime(2022, 1, 1, 0, 0, 0, DateTimeKind.Utc), 36).WriteIntervals(csv, 300);
                    return new Business(csv.ToArray(), new InputOptions());
                }

            case "telco":
                return Business.OfFile("telco.csv", Mappings.Telco(new InputOptions { SnapshotDay = Mappings.TelcoSnapshot }));
            default:
                return Business.OfFile(name + ".csv");
        }
    }

    private static string Report(Business business, string format, string[] arguments)
    {
        using var output = new MemoryStream();
        using var error = new StringWriter();
        var streams = new ReportStreams(() => new MemoryStream(business.Csv), output, error, v => v == "COLUMNS" ? "100" : null, Width: null);
        string[] mapping = business.Input.Tenure is null ? [] : ["--mapping", "telco"];
        var command = ReportCommand.Create(options => ReportRun.Run(options, streams));
        Assert.Equal(0, command.Parse(["-", .. mapping, "--format", format, .. arguments]).Invoke());
        return Encoding.UTF8.GetString(output.ToArray());
    }

    private static string FiguresOf(string json) => json[json.IndexOf("\"sections\":", StringComparison.Ordinal)..];

    // Below the first lines, which say where the figures come from, and above the notes on the file. A server checks the grain of its answer.
    private static string BodyOf(string page)
    {
        var words = page[page.IndexOf("\n\n", StringComparison.Ordinal)..]
            .Replace("The files are exact.", "--format csv is exact.", StringComparison.Ordinal)
            .Replace("in the files.", "in --format csv.", StringComparison.Ordinal);
        var check = words.LastIndexOf("\nCheck:", StringComparison.Ordinal);
        var sentence = string.Join(' ', words[check..].Split(default(char[]), StringSplitOptions.RemoveEmptyEntries));
        return words[..check] + sentence[..(sentence.IndexOf(": OK", StringComparison.Ordinal) + 4)].Replace(", at the grains month, day and instant", "", StringComparison.Ordinal);
    }
}
