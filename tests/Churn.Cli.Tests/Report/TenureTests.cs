using System.Globalization;

namespace Churn.Cli.Tests.Report;

/// <summary>Files with a tenure instead of dates, and the Telco file.</summary>
public sealed class TenureTests : IDisposable
{
    private static readonly string[] Options =
        ["--tenure", "months", "--churned", "left=yes", "--price", "fee", "--snapshot-date", "2023-03-31"];

    private readonly Desk _desk = new();

    public void Dispose() => _desk.Dispose();

    [Fact]
    public void Tenure_Rows_StartThatManyMonthsBeforeAndEndOnTheDay()
    {
        var file = _desk.Write("a.csv", "customer_id,months,left,fee\nA,1,yes,5\nB,13,no,7\nC,0,yes,9\nD,0,no,11\nE,2,Yes,13\n");
        var files = _desk.RunFiles([file, .. Options]);
        // 31 March less a month is 28 February; who left on the first day was never there.
        string[] expected =
        [
            "customer_id,t,before,after,delta,category",
            "A,2023-02-28T00:00:00Z,0.00,5.00,5.00,new", "A,2023-03-31T00:00:00Z,5.00,0.00,-5.00,churn",
            "B,2022-02-28T00:00:00Z,0.00,7.00,7.00,new", "D,2023-03-31T00:00:00Z,0.00,11.00,11.00,new",
            "E,2023-01-31T00:00:00Z,0.00,13.00,13.00,new",
        ];
        Assert.Equal(expected, Desk.Cells(files["movements_instant.csv"]).Select(c => string.Join(',', c)));
        var months = Desk.Cells(files["monthly.csv"])[1..].Where(c => c[0] == "month").Select(c => c[1]).ToList();
        Assert.Equal(("2022-02", "2023-03"), (months[0], months[^1]));
    }

    [Fact]
    public void Tenure_BadRows_AreRejected()
    {
        var file = _desk.Write("a.csv", "customer_id,months,left,fee\nA,x,yes,5\nB,-1,no,7\nC,1200,no,9\nD,3,,11\nE,1.5,no,1\nF,1,no,1\nG,,no,1\n");
        string[] expected =
        [
            "a.csv:2: months \"x\" is not a whole number of months from 0 to 1199",
            "a.csv:3: months \"-1\" is not a whole number of months from 0 to 1199",
            "a.csv:4: months \"1200\" is not a whole number of months from 0 to 1199",
            "a.csv:5: left is empty; it says yes of who left",
            "a.csv:6: months \"1.5\" is not a whole number of months from 0 to 1199",
            "a.csv:8: months is empty",
            "churn report: 6 rows are not reported",
            "note: no currency is stated: amounts are shown without one (--currency CODE states it)",
        ];
        var outcome = _desk.Run([file, .. Options]);
        Assert.Equal(2, outcome.Status);
        Assert.Equal(expected, outcome.Errors);
    }

    [Fact]
    public void Regression_KnownColumnsBesideATenure_AreIgnoredForTheRightReason()
    {
        var file = _desk.Write("a.csv", "customer_id,months,left,fee,start_at,mrr,plan,tier,end_date,currency\nA,1,yes,5,2023-01-01,3,x,y,z,EUR\n");
        string[] expected =
        [
            "note: a.csv: start_at is ignored, because the tenure says when a customer started",
            "note: a.csv: mrr is ignored, because fee is the price",
            "note: a.csv: plan is ignored, because tier is the plan",
        ];
        Assert.Equal(expected, _desk.Run([file, .. Options, "--plan", "tier"]).Errors);
    }

    [Fact]
    public void Telco_File_IsReportedWithAllItsCustomers()
    {
        var file = Desk.Data("telco/telco.csv");
        var files = _desk.RunFiles([file, "--mapping", "telco"]);
        var months = Desk.Cells(files["monthly.csv"]);
        int Column(string name) => Array.IndexOf(months[0], name);
        var instants = months.Where(c => c[0] == "instant").ToList();
        Assert.Equal("5174", instants[^1][Column("closing_customers")]);
        Assert.Equal("1869", instants[^1][Column("churn_n")]);
        Assert.Equal(7043, instants.Sum(c => int.Parse(c[Column("new_n")], CultureInfo.InvariantCulture)));
        Assert.Equal(1869, instants.Sum(c => int.Parse(c[Column("churn_n")], CultureInfo.InvariantCulture)));
        Assert.Equal("2020-01", instants[^1][1]);

        // The closings of every month, counted one customer after another.
        var rows = Desk.Cells(File.ReadAllBytes(file));
        int Of(string name) => Array.IndexOf(rows[0], name);
        var (tenure, churn, price) = (Of("tenure"), Of("churn"), Of("monthly_charges"));
        var snapshot = new DateTime(2020, 1, 1, 0, 0, 0, DateTimeKind.Utc);
        foreach (var month in months.Where(c => c[0] == "month"))
        {
            var end = DateTime.ParseExact(month[1] + "-01", "yyyy-MM-dd", CultureInfo.InvariantCulture).AddMonths(1);
            var (mrr, customers) = (0m, 0);
            foreach (var row in rows[1..])
            {
                var start = snapshot.AddMonths(-int.Parse(row[tenure], CultureInfo.InvariantCulture));
                if (start < end && (row[churn] != "Yes" || end <= snapshot))
                {
                    mrr += decimal.Parse(row[price], CultureInfo.InvariantCulture);
                    customers++;
                }
            }

            Assert.Equal(mrr, decimal.Parse(month[Column("closing_mrr")], CultureInfo.InvariantCulture));
            Assert.Equal(customers.ToString(CultureInfo.InvariantCulture), month[Column("closing_customers")]);
        }
    }

    [Theory]
    [InlineData("contract")]
    [InlineData("plan")]
    public void Telco_ByContract_GivesEachContract(string by)
    {
        var files = _desk.RunFiles([Desk.Data("telco/telco.csv"), "--mapping", "telco", "--by", by]);
        var months = Desk.Cells(files["monthly.csv"]);
        int Column(string name) => Array.IndexOf(months[0], name);
        var rows = Desk.Cells(File.ReadAllBytes(Desk.Data("telco/telco.csv")));
        var (contract, churn) = (Array.IndexOf(rows[0], "contract"), Array.IndexOf(rows[0], "churn"));
        var expected = rows[1..].GroupBy(r => r[contract]).OrderBy(g => g.Key, StringComparer.Ordinal)
            .Select(g => (g.Key, Count: g.Count(), Left: g.Count(r => r[churn] == "Yes"))).ToList();
        Assert.Equal(["Month-to-month", "One year", "Two year"], expected.Select(e => e.Key));
        Assert.Equal((3875, 1655), (expected[0].Count, expected[0].Left));
        foreach (var (name, count, left) in expected)
        {
            var instants = months.Where(c => c[0] == name && c[1] == "instant").ToList();
            Assert.Equal(count, instants.Sum(c => int.Parse(c[Column("new_n")], CultureInfo.InvariantCulture)));
            Assert.Equal(left, int.Parse(instants[^1][Column("churn_n")], CultureInfo.InvariantCulture));
            Assert.Equal(count - left, int.Parse(instants[^1][Column("closing_customers")], CultureInfo.InvariantCulture));
        }
    }

    [Fact]
    public void Telco_AnAttribute_SplitsTheReport()
    {
        var files = _desk.RunFiles([Desk.Data("telco/telco.csv"), "--mapping", "telco", "--by", "payment_method"]);
        var closings = Desk.Cells(files["monthly.csv"]).Where(c => c[1] == "month" && c[2] == "2020-01").ToList();
        Assert.Equal(["Bank transfer (automatic)", "Credit card (automatic)", "Electronic check", "Mailed check"], closings.Select(c => c[0]));
        Assert.Equal(5174, closings.Sum(c => int.Parse(c[^1], CultureInfo.InvariantCulture)));
    }

    [Fact]
    public void Telco_WithoutMapping_NamesTheMapping()
    {
        var outcome = _desk.Run(Desk.Data("telco/telco.csv"));
        Assert.Equal(1, outcome.Status);
        Assert.EndsWith("contract, paperless_billing, payment_method, monthly_charges, total_charges. It looks like the telco file: try --mapping telco", Assert.Single(outcome.Errors), StringComparison.Ordinal);
    }
}
