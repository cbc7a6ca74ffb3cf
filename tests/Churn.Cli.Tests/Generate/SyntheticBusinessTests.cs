using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text;
using Churn.Cli.Generate;

namespace Churn.Cli.Tests.Generate;

public sealed class SyntheticBusinessTests
{
    private static readonly string Facts = Generated.Facts(3_000);
    private static readonly List<Row> Rows = Generated.Rows(Generated.Intervals(3_000));

    [Fact]
    public void Write_SmallBusiness_IsTheGoldenBytes()
    {
        var actual = $"{Hash(Generated.Facts(200))}  facts\n{Hash(Generated.Intervals(200))}  intervals\n";
        var golden = Path.Combine(Path.GetDirectoryName(ThisFile())!, "golden.sha256");
        if (Environment.GetEnvironmentVariable("UPDATE_GOLDEN") == "1")
        {
            File.WriteAllText(golden, actual);
        }

        Assert.Equal(File.ReadAllText(golden), actual);
    }

    [Fact]
    public void Write_SameArguments_WritesTheSameBytes()
    {
        Assert.Equal(Generated.Facts(100, seed: 7), Generated.Facts(100, seed: 7));
        Assert.NotEqual(Generated.Facts(100, seed: 7), Generated.Facts(100, seed: 8));
    }

    [Fact]
    public void Write_LargerBusiness_StartsWithTheSmallerOne()
    {
        Assert.StartsWith(Generated.Facts(100), Facts, StringComparison.Ordinal);
        Assert.StartsWith(Generated.Intervals(100), Generated.Intervals(300), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(777)]
    public void WriteIntervals_Rows_WritesExactlySoManyOfTheSameBusiness(int rows)
    {
        var all = Generated.Lines(Generated.Intervals(1_000));
        var some = Generated.Lines(Generated.Intervals(SyntheticBusiness.MostCustomers, rows: rows));
        Assert.Equal(all[..(rows + 1)], some);
    }

    [Fact]
    public void WriteIntervals_Header_IsWhatTheReportReads()
    {
        Assert.Equal(
            "subscription_id,customer_id,plan,billing_period,amount_cents,mrr_cents,currency,start_at,end_at,recorded_at,country,industry,channel,size,offer",
            Generated.Lines(Generated.Intervals(1))[0]);
    }

    [Fact]
    public void WriteIntervals_EveryRow_IsValid()
    {
        var end = Generated.Start.AddMonths(36);
        Assert.Equal(Rows.Count, Rows.Select(r => r.SubscriptionId).Distinct().Count());
        Assert.Equal(3_000, Rows.Select(r => r.CustomerId).Distinct().Count());
        Assert.Equal(Rows.Select(r => r.CustomerId), Rows.Select(r => r.CustomerId).Order(StringComparer.Ordinal));
        Assert.All(Rows, row =>
        {
            Assert.InRange(row.Start, Generated.Start, end.AddSeconds(-1));
            Assert.True(row.End is null || (row.Start < row.End && row.End < end), row.ToString());
            Assert.True(row.AmountCents >= 0);
            Assert.True(row.MrrCents >= 0);
            Assert.Equal("USD", row.Currency);
            Assert.Contains(row.BillingPeriod, new[] { "month", "year" });
        });
    }

    [Fact]
    public void WriteIntervals_Business_HasEveryPlanAndAttribute()
    {
        Assert.Equal(["Analytics", "Business", "Enterprise", "Free", "Starter", "Team"], Values(r => r.Plan));
        Assert.Equal(["month", "year"], Values(r => r.BillingPeriod));
        Assert.Equal(["AU", "BR", "CA", "DE", "FR", "GB", "IN", "US"], Values(r => r.Country));
        Assert.Equal(["education", "finance", "health", "hospitality", "retail", "software"], Values(r => r.Industry));
        Assert.Equal(["organic", "paid", "partner", "sales"], Values(r => r.Channel));
        Assert.Equal(["enterprise", "mid", "self-employed", "small"], Values(r => r.Size));
        Assert.Equal(["discount", "free-months", "none"], Values(r => r.Offer));

        static IEnumerable<string> Values(Func<Row, string> of) => Rows.Select(of).Distinct().Order(StringComparer.Ordinal);
    }

    [Fact]
    public void WriteIntervals_Business_HasGapsReturnsAndOverlaps()
    {
        var pairs = Rows.Zip(Rows.Skip(1)).Where(p => p.First.CustomerId == p.Second.CustomerId).ToList();
        Assert.Contains(pairs, p => p.First.End == p.Second.Start);
        Assert.Contains(pairs, p => p.First.End < p.Second.Start);
        Assert.Contains(pairs, p => p.First.End is null || p.First.End > p.Second.Start);
        Assert.Contains(pairs, p => p.First.Plan == "Free" && p.Second.MrrCents > 0);
        Assert.Contains(pairs, p => p.First.MrrCents > 0 && p.Second.Plan == "Free");
        Assert.Contains(pairs, p => p.First.BillingPeriod != p.Second.BillingPeriod && p.First.End == p.Second.Start);
        Assert.Contains(pairs, p => p.First.MrrCents > p.Second.MrrCents && p.Second.MrrCents > 0);
    }

    [Fact]
    public void WriteFacts_Business_HasEveryKind()
    {
        Assert.Equal(
            [
                "cancellationScheduled", "customerProfile", "invoicePastDue", "paymentFailed", "paymentSucceeded", "subscriptionChanged",
                "subscriptionEnded", "subscriptionPaused", "subscriptionResumed", "subscriptionStarted",
            ],
            Generated.Parse(Facts).Select(f => Generated.Kind(f).Kind).Distinct().Order(StringComparer.Ordinal));
    }

    [Fact]
    public void WriteFacts_EveryFact_IsInOrderInsideTheHorizonAndNamedOnce()
    {
        var end = Generated.Start.AddMonths(36);
        var ids = new HashSet<string>();
        var last = (Customer: "", Time: default(DateTime), Id: "");
        foreach (var fact in Generated.Parse(Facts))
        {
            var next = (Customer: Generated.Text(fact, "customerId"), Time: Generated.Instant(Generated.Text(fact, "occurTime")), Id: Generated.Text(fact, "eventId"));
            Assert.True(ids.Add(next.Id));
            Assert.InRange(next.Time, Generated.Start, end.AddSeconds(-1));
            // The id breaks ties where readers order the facts of one instant by it.
            Assert.True(string.CompareOrdinal(last.Id, next.Id) < 0);
            Assert.True(last.Customer != next.Customer || last.Time <= next.Time);
            last = next;
        }
    }

    [Fact]
    public void WriteFacts_EveryFailedPayment_RecoversWithin30DaysOrEndsTheSubscriptionThen()
    {
        var facts = Generated.Parse(Facts).Select(f => (Time: Generated.Instant(Generated.Text(f, "occurTime")), Fact: Generated.Kind(f))).ToList();
        var paid = facts.Where(f => f.Fact.Kind == "paymentSucceeded").ToDictionary(f => Generated.Text(f.Fact.Body, "invoiceId"), f => f.Time);
        var ended = facts.Where(f => f.Fact.Kind == "subscriptionEnded")
            .ToDictionary(f => Generated.Text(f.Fact.Body, "subscriptionId"), f => (f.Time, Reason: Generated.Text(f.Fact.Body, "reasonCode")));
        var overdue = facts.Where(f => f.Fact.Kind == "invoicePastDue").ToList();
        var (recovered, lost) = (0, 0);
        foreach (var (_, (_, body)) in overdue)
        {
            var due = Generated.Instant(Generated.Text(body, "dueTime"));
            if (due.AddDays(30) >= Generated.Start.AddMonths(36))
            {
                continue;
            }

            if (paid.TryGetValue(Generated.Text(body, "invoiceId"), out var time))
            {
                Assert.InRange(time, due, due.AddDays(30).AddSeconds(-1));
                recovered++;
            }
            else
            {
                Assert.Equal((due.AddDays(30), "payment_failed"), ended[Generated.Text(body, "subscriptionId")]);
                lost++;
            }
        }

        Assert.InRange(recovered / (double)(recovered + lost), 0.7, 0.85);
    }

    [Fact]
    public void WriteFacts_EveryScheduledCancellation_EndsTheSubscriptionWhenItSays()
    {
        var facts = Generated.Parse(Facts).Select(f => (Time: Generated.Instant(Generated.Text(f, "occurTime")), Fact: Generated.Kind(f))).ToList();
        var ended = facts.Where(f => f.Fact.Kind == "subscriptionEnded").ToDictionary(f => Generated.Text(f.Fact.Body, "subscriptionId"), f => f.Time);
        Assert.All(facts.Where(f => f.Fact.Kind == "cancellationScheduled"), f =>
        {
            var effective = Generated.Instant(Generated.Text(f.Fact.Body, "effectiveTime"));
            Assert.True(f.Time < effective);
            if (effective < Generated.Start.AddMonths(36))
            {
                Assert.InRange(ended[Generated.Text(f.Fact.Body, "subscriptionId")], f.Time, effective);
            }
        });
    }

    [Theory]
    [InlineData(false, 1, 1_900, 19_000_000)]
    [InlineData(true, 1, 1_583, 15_833_333)]
    [InlineData(true, 3, 4_750, 47_500_000)]
    public void Mrr_Terms_IsThePriceOfAMonthRoundedOnce(bool annual, int seats, long cents, long micros)
    {
        var terms = new Terms(Plan.Starter, annual, seats);
        Assert.Equal((cents, micros), (terms.MrrCents, terms.MrrMicros));
    }

    [Fact]
    public void MrrCents_Tie_RoundsToEven()
    {
        // 6 seats with 70 percent off for a year: 34,200 / 12 = 2,850 exactly; 59,000 * 0.45 = 26,550 / 12 = 2,212.5.
        Assert.Equal(2_850, new Terms(Plan.Starter, Annual: true, 6, 70).MrrCents);
        Assert.Equal(2_212, new Terms(Plan.Business, Annual: true, 1, 55).MrrCents);
    }

    private static string Hash(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    private static string ThisFile([CallerFilePath] string path = "") => path;
}
