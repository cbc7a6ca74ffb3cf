using System.Globalization;
using System.Text;
using System.Text.Json;
using Churn.Cli.Report.Output;
using Churn.Metrics.Domain;

namespace Churn.Cli.Tests.Report.Output;

public sealed class JsonAndCsvTests
{
    private static readonly string[] Gains = ["new", "expansion", "reactivation", "resumed", "transfer_in"];
    private static readonly string[] Losses = ["contraction", "churn", "paused", "completed", "transfer_out"];

    [Theory]
    [InlineData(null)]
    [InlineData("country")]
    [InlineData("plan")]
    public void Json_AnySplit_AgreesWithTheLedgerAndAddsUp(string? by)
    {
        var report = Reports.Generated(by: by);
        using var json = Json(report);
        var root = json.RootElement;
        Assert.Equal(("standard@1", "UTC", "USD"), (Text(root, "policy"), Text(root, "time_zone"), Text(root, "currency")));
        Assert.Equal(("2022-01", "2024-12", by), (Text(root, "from"), Text(root, "to"), root.GetProperty("by").GetString()));
        Assert.True(root.GetProperty("identity").GetProperty("ok").GetBoolean());
        var sections = root.GetProperty("sections").EnumerateArray().ToArray();
        Assert.Equal(report.Sections.Select(s => s.Segment), sections.Select(s => s.GetProperty("segment").GetString()));
        foreach (var (section, expected) in sections.Zip(report.Sections))
        {
            var bridges = expected.Figures.Months;
            var months = section.GetProperty("months").EnumerateArray().ToArray();
            Assert.Equal(36, months.Length);
            for (var i = 0; i < months.Length; i++)
            {
                Assert.Equal(bridges[i].Closing, Micros(months[i], "closing_mrr"));
                Assert.Equal(bridges[i].ClosingCustomers, months[i].GetProperty("closing_customers").GetInt64());
                var moved = Gains.Aggregate(Int128.Zero, (sum, k) => sum + Micros(months[i], k + "_mrr"))
                    - Losses.Aggregate(Int128.Zero, (sum, k) => sum + Micros(months[i], k + "_mrr"));
                Assert.Equal(Micros(months[i], "closing_mrr"), Micros(months[i], "opening_mrr") + moved);
                Assert.Equal(bridges[i].OpeningCustomers == 0, months[i].GetProperty("logo_churn_rate").ValueKind == JsonValueKind.Null);
            }

            Assert.Equal(expected.Figures.TrailingYears.Count, section.GetProperty("trailing12").GetArrayLength());
            Assert.Equal(expected.Figures.PlanClosings.Count, section.GetProperty("plans").GetArrayLength());
            Assert.Equal(
                expected.Figures.Cohorts.Select(c => c.ActiveMrr(c.Ages - 1)),
                section.GetProperty("cohorts").EnumerateArray().Select(c => Micros(c.GetProperty("ages").EnumerateArray().Last(), "active_mrr")));
        }
    }

    [Fact]
    public void Json_HostileNamesAndNoCurrency_IsStillJson()
    {
        const string name = "\u001b[31m \"\"quoted\"\" </script> \u2028 \u682a";
        var report = Reports.Of($"customer_id,plan,mrr,start_at\n1,\"{name}\",10,2024-01-01\n", by: "plan");
        using var json = Json(report);
        Assert.Equal(JsonValueKind.Null, json.RootElement.GetProperty("currency").ValueKind);
        Assert.Equal(name.Replace("\"\"", "\"", StringComparison.Ordinal), Text(json.RootElement.GetProperty("sections")[0], "segment"));
    }

    [Fact]
    public void Csv_NotSplit_HoldsTheMonthsSideBySideWithTheirRates()
    {
        var lines = Csv(Reports.OfFew()).Split('\n');
        Assert.Equal(24 + 2, lines.Length);
        Assert.Equal(
            "month,opening_mrr,opening_customers,new_mrr,expansion_mrr,reactivation_mrr,contraction_mrr,churn_mrr,new_n,expansion_n,reactivation_n,contraction_n,churn_n,closing_mrr,closing_customers,"
            + "logo_churn_rate,gross_mrr_churn_rate,net_mrr_churn_rate_excl_react,net_mrr_churn_rate_incl_react,nrr_month,grr_month,quick_ratio_incl_react,quick_ratio_excl_react,arpa,reconcile",
            lines[0]);
        Assert.Equal("2023-01,0.00,0,50.00,0.00,0.00,0.00,0.00,1,0,0,0,0,50.00,1,,,,,,,,,50.00,0", lines[1]);
        Assert.Equal(
            "2024-03,190.00,3,0.00,0.00,0.00,70.00,0.00,0,0,0,1,0,120.00,3,"
            + "0.000000000000,0.368421052632,0.368421052632,0.368421052632,0.631578947368,0.631578947368,0.000000000000,0.000000000000,40.00,0",
            lines[15]);
        Assert.Equal("", lines[^1]);
    }

    [Theory]
    [InlineData("country")]
    [InlineData("plan")]
    public void Csv_Split_BeginsWithTheSegmentAndEveryLineHasEveryColumn(string by)
    {
        var lines = Csv(Reports.OfFew(by: by)).TrimEnd('\n').Split('\n');
        var columns = lines[0].Split(',');
        Assert.Equal("segment", columns[0]);
        Assert.Equal(by == "plan", columns.Contains("transfer_in_mrr"));
        Assert.All(lines, l => Assert.Equal(columns.Length, l.Split(',').Length));
        Assert.Equal(1 + (24 * (by == "plan" ? 3 : 2)), lines.Length);
    }

    private static JsonDocument Json(Cli.Report.Output.Report report)
    {
        using var stream = new MemoryStream();
        JsonReport.Write(stream, report);
        return JsonDocument.Parse(stream.ToArray());
    }

    private static string Csv(Cli.Report.Output.Report report)
    {
        using var stream = new MemoryStream();
        CsvReport.Write(stream, report);
        return Encoding.UTF8.GetString(stream.ToArray());
    }

    private static string? Text(JsonElement element, string name) => element.GetProperty(name).GetString();

    private static Int128 Micros(JsonElement element, string name) =>
        (Int128)(decimal.Parse(Text(element, name)!, CultureInfo.InvariantCulture) * 1_000_000);
}
