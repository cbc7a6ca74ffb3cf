using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using Churn.Cli.Report.Output;
using Churn.Cli.Report.Output.Terminal;
using FsCheck;
using FsCheck.Fluent;

namespace Churn.Cli.Tests.Report.Output;

public sealed partial class PageTests
{
    [Theory]
    [InlineData("few")]
    [InlineData("few-by-country")]
    [InlineData("few-by-plan")]
    [InlineData("generated")]
    public void Page_PlainAtWidth100_IsTheGoldenOne(string name)
    {
        var page = Reports.Page(name switch
        {
            "few" => Reports.OfFew(),
            "few-by-country" => Reports.OfFew(by: "country"),
            "few-by-plan" => Reports.OfFew(by: "plan"),
            _ => Reports.Generated(),
        });
        var path = Path.Combine(Folder(), "Golden", name + ".txt");
        if (Environment.GetEnvironmentVariable("UPDATE_GOLDEN") == "1")
        {
            File.WriteAllText(path, page);
        }

        Assert.Equal(File.ReadAllText(path), page);
    }

    [Theory]
    [InlineData(60)]
    [InlineData(80)]
    [InlineData(120)]
    [InlineData(200)]
    public void Page_AnyWidth_NoLineIsLonger(int width)
    {
        foreach (var report in new[] { Reports.OfFew(), Reports.OfFew(1), Reports.OfFew(by: "plan"), Reports.Generated(), Reports.Generated(by: "industry") })
        {
            foreach (var line in Reports.Page(report, width, unicode: true).Split('\n'))
            {
                Assert.InRange(Cells.Width(line), 0, width);
            }
        }
    }

    [Fact]
    public void Page_NarrowWidth_ShowsTheBridgeOfAllMonthsInBands()
    {
        foreach (var width in (int[])[40, 60, 80, 100, 140])
        {
            var bands = Reports.Page(Reports.Generated(), width).Split('\n').Where(l => l.StartsWith("MRR,", StringComparison.Ordinal)).ToArray();
            var months = bands.SelectMany(b => b.Split(' ').Where(w => w.StartsWith("2024-", StringComparison.Ordinal)));
            Assert.Equal(Enumerable.Range(1, 12).Select(m => $"2024-{m:00}"), months);
        }
    }

    [Fact]
    public void Page_Plain_IsPrintableAsciiAndHasNoTrailingBlanks()
    {
        var page = Reports.Page(Reports.Generated());
        Assert.All(page, c => Assert.True(c is '\n' or (>= ' ' and <= '~')));
        Assert.DoesNotContain(page.Split('\n'), l => l.EndsWith(' '));
    }

    [Fact]
    public void Page_Color_DiffersFromPlainBySgrCodesAlone()
    {
        var report = Reports.Generated();
        var colored = Reports.Page(report, color: true);
        Assert.Contains("\u001b[", colored, StringComparison.Ordinal);
        Assert.DoesNotContain('\u001b', Reports.Page(report));
        var bare = Sgr().Replace(colored, "");
        Assert.DoesNotContain('\u001b', bare);
        Assert.Equal(Reports.Page(report), string.Join('\n', bare.Split('\n').Select(l => l.TrimEnd(' '))));
    }

    [Theory]
    [InlineData("\u001b[31mred\u001b[0m\u0007")]
    [InlineData("[bold]markup[/] [link=x]y[/]")]
    [InlineData("\u682a\u5f0f\u4f1a\u793e\u30c7\u30fc\u30bf\u30d9\u30fc\u30b9\u682a\u5f0f\u4f1a\u793e\u30c7\u30fc\u30bf\u30d9\u30fc\u30b9\u682a\u5f0f\u4f1a\u793e")]
    [InlineData("a\u2028b\u2029c\u202ed\u200b")]
    [InlineData("")]
    [InlineData("   ")]
    public void Page_HostileNames_DoNothingToTheTerminal(string name)
    {
        var csv = Reports.Header
            + $"\"c{name}\",\"{name}\",10.00,EUR,2024-12-03,,\"{name}\"\n\"d{new string('x', 5_000)}\",\"{new string('y', 5_000)}\",9.00,EUR,2024-12-03,,DE\n";
        foreach (var by in new[] { null, "country", "plan" })
        {
            var report = Reports.Of(csv, by: by) with { Notes = [name, new string('z', 9_999)], Files = [name], Folder = name };
            foreach (var unicode in new[] { true, false })
            {
                var page = Reports.Page(report, 60, unicode: unicode);
                Assert.All(page.Split('\n'), l => Assert.InRange(Cells.Width(l), 0, 60));
                Assert.All(page, c => Assert.False((char.IsControl(c) && c != '\n') || c is '\u2028' or '\u2029' or '\u202e' or '\u200b'));
            }
        }
    }

    [Fact]
    public void Law_AnyNameAndWidth_NoLineIsLonger() => Prop.ForAll(
        ArbMap.Default.ArbFor<string>().Filter(n => n is not null && n.Length < 200),
        Gen.Choose(20, 150).ToArbitrary(),
        (name, width) =>
        {
            var report = Reports.OfFew() with { Movers = [new Mover(name, 1, 2_000_000, Metrics.Domain.MovementKind.Expansion)], Notes = [name], Plans = [name, name, name] };
            return Reports.Page(report, width, unicode: true).Split('\n').All(l => Cells.Width(l) <= width);
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Page_RatesWithoutDenominator_AreUndefined()
    {
        var page = Reports.Page(Reports.Of(Reports.Header + "ann,Team,0,EUR,2024-12-10,,DE\n"));
        Assert.Contains("logo churn n/a", page, StringComparison.Ordinal);
        Assert.DoesNotContain("NaN", page, StringComparison.Ordinal);
        Assert.DoesNotContain("\u221e", page, StringComparison.Ordinal);
    }

    [Fact]
    public void Page_OneMonth_ShowsItWithoutATotal()
    {
        var page = Reports.Page(Reports.OfFew(1));
        Assert.Contains("\n2024-12, EUR, 8 rows, 5 customers, policy standard@1, UTC\n", page, StringComparison.Ordinal);
        Assert.DoesNotContain("1 months", page, StringComparison.Ordinal);
        Assert.Contains("exactly, in the month", string.Join(' ', page.Split(default(char[]), StringSplitOptions.RemoveEmptyEntries)), StringComparison.Ordinal);
    }

    [Fact]
    public void Page_ShownBridge_AddsUpInEveryColumn()
    {
        var lines = Reports.Page(Reports.OfFew(), 120).Split('\n');
        decimal[] Row(string label) => [.. lines.First(l => l.StartsWith(label + "  ", StringComparison.Ordinal))[label.Length..]
            .Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(c => decimal.Parse(c, System.Globalization.CultureInfo.InvariantCulture))];
        var (opening, closing) = (Row("Opening"), Row("Closing"));
        string[] moved = ["New", "Expansion", "Reactivation", "Contraction", "Churn"];
        for (var i = 0; i < opening.Length; i++)
        {
            Assert.Equal(closing[i], opening[i] + moved.Sum(m => Row(m)[i]));
        }
    }

    [Fact]
    public void WriteIdentity_Imbalances_NamesMonthGrainSegmentAndAmount()
    {
        using var writer = new StringWriter();
        var report = Reports.OfFew();
        (string? Segment, Metrics.Domain.Imbalance Found)[] failures =
            [.. Enumerable.Range(0, 12).Select(i => ("DE", new Metrics.Domain.Imbalance(report.Horizon.From + i, Metrics.Domain.Grain.Day, -12_345_678)))];
        Cli.Report.Output.Page.WriteIdentity(new Canvas(writer, new PageStyle(100, Color: false, Unicode: false)), report, failures);
        var lines = writer.ToString().Split('\n');
        Assert.StartsWith("CHECK FAILED", lines[0], StringComparison.Ordinal);
        Assert.Equal("2023-01 of DE, grain day: the terms' closing less the bridge's is -12.345678", lines[1]);
        Assert.Equal("... and 2 more", lines[^2]);
    }

    [Theory]
    [InlineData(null, null, null, 80, false, false)]
    [InlineData(132, null, null, 132, true, false)]
    [InlineData(132, "NO_COLOR=1", "LANG=de_DE.UTF-8", 132, false, true)]
    [InlineData(132, "NO_COLOR=", "LC_ALL=C", 132, true, false)]
    [InlineData(132, "TERM=dumb", "LC_CTYPE=C.utf8", 132, false, true)]
    [InlineData(132, "COLUMNS=70", null, 70, true, false)]
    [InlineData(0, "COLUMNS=wide", null, 80, true, false)]
    [InlineData(null, "CLICOLOR_FORCE=1", "LANG=C.UTF-8", 80, true, true)]
    [InlineData(null, "FORCE_COLOR=0", null, 80, false, false)]
    public void Detect_Environment_ChoosesTheStyle(int? terminal, string? first, string? second, int width, bool color, bool unicode)
    {
        var environment = new Dictionary<string, string>(StringComparer.Ordinal) { ["TERM"] = "xterm" };
        foreach (var pair in new[] { first, second }.OfType<string>())
        {
            environment[pair.Split('=')[0]] = pair.Split('=')[1];
        }

        Assert.Equal(new PageStyle(width, color, unicode), PageStyle.Detect(terminal, v => environment.GetValueOrDefault(v)));
    }

    private static string Folder([CallerFilePath] string path = "") => Path.GetDirectoryName(path)!;

    [GeneratedRegex("\u001b\\[[0-9;]*m", RegexOptions.NonBacktracking)]
    private static partial Regex Sgr();
}
