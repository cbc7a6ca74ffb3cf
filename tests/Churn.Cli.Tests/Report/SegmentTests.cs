using System.Globalization;
using System.Text;

namespace Churn.Cli.Tests.Report;

/// <summary>A report split by an attribute or by plan.</summary>
public sealed class SegmentTests : IDisposable
{
    private static readonly string[] Source = File.ReadAllLines(Desk.Data("oracle-small/subscriptions.csv"));
    private readonly Desk _desk = new();

    public void Dispose() => _desk.Dispose();

    [Fact]
    public void By_Attribute_GivesTheReportsOfTheFilteredFiles()
    {
        // Names that need quotes, that sort by bytes, and none at all.
        string[] segments = ["\"North, \"\"upper\"\"\"", "north", "", "\u00c5land"];
        string SegmentOf(string row) => segments[int.Parse(row.Split(',')[1][1..], CultureInfo.InvariantCulture) % segments.Length];
        string[] months = ["--from", "2022-06", "--to", "2024-12"];
        var all = _desk.Write("all.csv", Source[0] + ",region\n" + string.Concat(Source[1..].Select(row => $"{row},{SegmentOf(row)}\n")));
        var split = _desk.RunFiles([all, "--by", "region", .. months]);
        string[] order = ["", "\"North, \"\"upper\"\"\"", "north", "\u00c5land"];
        var parts = order.Select(segment => _desk.RunFiles(
            [_desk.Write("part.csv", string.Join('\n', Source.Where((row, i) => i == 0 || SegmentOf(row) == segment))), .. months])).ToList();
        foreach (var (name, content) in split)
        {
            var header = Encoding.UTF8.GetString(parts[0][name]).Split('\n')[0];
            var expected = new StringBuilder($"segment,{header}\n");
            foreach (var (segment, part) in order.Zip(parts))
            {
                foreach (var line in Encoding.UTF8.GetString(part[name]).Split('\n', StringSplitOptions.RemoveEmptyEntries)[1..])
                {
                    expected.Append(segment).Append(',').Append(line).Append('\n');
                }
            }

            Assert.Equal(expected.ToString(), Encoding.UTF8.GetString(content));
        }
    }

    [Fact]
    public void By_Plan_EverySectionClosesAndTransfersCancel()
    {
        string[] months = ["--from", "2022-03", "--to", "2024-12"];
        var file = Desk.Data("oracle-small/subscriptions.csv");
        var (total, split) = (_desk.RunFiles([file, .. months]), _desk.RunFiles([file, "--by", "plan", .. months]));
        foreach (var name in (string[])["monthly.csv", "daily.csv"])
        {
            var keys = name == "monthly.csv" ? (string[])["grain", "month"] : ["day"];
            var rows = Table(split[name]);
            foreach (var row in rows)
            {
                var closing = row.Money("opening_mrr") + row.Money("new_mrr") + row.Money("expansion_mrr") + row.Money("reactivation_mrr")
                    - row.Money("contraction_mrr") - row.Money("churn_mrr") + row.Money("transfer_in_mrr") - row.Money("transfer_out_mrr");
                Assert.Equal(row.Money("closing_mrr"), closing);
            }

            foreach (var plan in rows.Where(r => r.Cells.GetValueOrDefault("grain", "month") == "month").GroupBy(r => r.Cells["segment"]))
            {
                Assert.All(plan.Zip(plan.Skip(1)), pair => Assert.Equal(pair.First.Money("closing_mrr"), pair.Second.Money("opening_mrr")));
            }

            var byPeriod = rows.ToLookup(r => string.Join(',', keys.Select(k => r.Cells[k])), StringComparer.Ordinal);
            foreach (var row in Table(total[name]))
            {
                var parts = byPeriod[string.Join(',', keys.Select(k => row.Cells[k]))].ToList();
                Assert.Equal(row.Money("closing_mrr"), parts.Sum(p => p.Money("closing_mrr")));
                Assert.Equal(row.Money("opening_mrr"), parts.Sum(p => p.Money("opening_mrr")));
                Assert.Equal(parts.Sum(p => p.Money("transfer_in_mrr")), parts.Sum(p => p.Money("transfer_out_mrr")));
            }
        }

        Assert.Contains(Table(split["monthly.csv"]), row => row.Money("transfer_in_mrr") > 0);
        Assert.All(Table(split["rates.csv"]), row => Assert.Equal("0", row.Cells["reconcile"]));
        // A section's closings are those of the plan table of the whole.
        var closings = Table(total["by_plan_monthly.csv"]).ToDictionary(r => (r.Cells["plan"], r.Cells["month"]), r => r.Money("closing_mrr"));
        Assert.All(
            Table(split["monthly.csv"]),
            row => Assert.Equal(closings.GetValueOrDefault((row.Cells["segment"], row.Cells["month"])), row.Money("closing_mrr")));
    }

    [Fact]
    public void By_OtherPlanColumn_SplitsByIt()
    {
        var file = _desk.Write("a.csv", "customer_id,start_at,end_at,mrr,tier,currency\nA,2023-01-10,2023-02-10,5,x,EUR\nA,2023-02-10,,7,y,EUR\n");
        var rows = Table(_desk.RunFiles([file, "--plan", "tier", "--by", "TIER", "--to", "2023-02"])["monthly.csv"]);
        Assert.Equal(["x", "x", "y", "y"], rows.Where(r => r.Cells["grain"] == "month").Select(r => r.Cells["segment"]));
        Assert.Equal([0, 5, 0, 0], rows.Where(r => r.Cells["grain"] == "month").Select(r => r.Money("transfer_out_mrr")));
    }

    [Theory]
    // The row that starts last counts; of two that start together the one recorded last, then the name that sorts last.
    [InlineData("A,2023-01-10,5,2023-01-10,x\nA,2023-02-10,5,2023-01-01,y\n", "y")]
    [InlineData("A,2023-02-10,5,2023-01-01,y\nA,2023-01-10,5,2023-05-10,x\n", "y")]
    [InlineData("A,2023-01-10,5,2023-02-10,x\nA,2023-01-10,5,2023-01-10,y\n", "x")]
    [InlineData("A,2023-01-10,5,2023-02-10,x\nA,2023-01-10,5,,y\n", "x")]
    [InlineData("A,2023-01-10,5,,x\nA,2023-01-10,5,,y\n", "y")]
    public void By_AttributeThatChanges_TakesTheLatestValue(string rows, string segment)
    {
        var file = _desk.Write("a.csv", $"customer_id,start_at,mrr,recorded_at,region\n{rows}");
        var monthly = Table(_desk.RunFiles([file, "--by", "region", "--to", "2023-06"])["monthly.csv"]);
        Assert.Equal([segment], monthly.Select(r => r.Cells["segment"]).Distinct());
    }

    [Fact]
    public void Regression_RecordTimeBefore1970_IsLaterThanNone()
    {
        var file = _desk.Write("a.csv", "customer_id,start_at,mrr,recorded_at,region\nA,1960-01-10,5,1960-02-10,x\nA,1960-01-10,5,,y\n");
        Assert.Equal("x", Table(_desk.RunFiles([file, "--by", "region", "--to", "1960-06"])["monthly.csv"])[0].Cells["segment"]);
    }

    [Fact]
    public void Regression_ByPlanOfAFileWithoutPlans_SaysSo() => Assert.Equal(
        ["churn report: a.csv has no column \"plan\", which --by names; its columns are customer_id, start_at, mrr"],
        _desk.Run(_desk.Write("a.csv", "customer_id,start_at,mrr\nA,2023-01-10,5\n"), "--by", "plan").Errors);

    [Theory]
    [InlineData("nosuch", "a.csv has no column \"nosuch\", which --by names; its columns are customer_id, start_at, mrr, region")]
    [InlineData("start_at", "a.csv cannot be split by \"start_at\": --by takes plan or an attribute (region)")]
    public void By_WhatCannotSplit_SaysSoAndReturnsOne(string by, string error)
    {
        var outcome = _desk.Run(_desk.Write("a.csv", "customer_id,start_at,mrr,region\nA,2023-01-10,5,x\n"), "--by", by);
        Assert.Equal(1, outcome.Status);
        Assert.Equal([$"churn report: {error}"], outcome.Errors);
    }

    private static List<Line> Table(byte[] csv)
    {
        var cells = Desk.Cells(csv);
        return [.. cells[1..].Select(row => new Line(cells[0].Zip(row).ToDictionary(c => c.First, c => c.Second, StringComparer.Ordinal)))];
    }

    private sealed record Line(Dictionary<string, string> Cells)
    {
        public decimal Money(string column) => decimal.Parse(Cells[column], CultureInfo.InvariantCulture);
    }
}
