using FsCheck;
using FsCheck.Fluent;

namespace Churn.Cli.Tests.Generate;

public sealed class FactsAndIntervalsTests
{
    [Fact]
    public void Fold_FactsOfTheDefaultBusiness_GivesTheIntervals() =>
        Assert.Equal(Generated.Rows(Generated.Intervals(2_000)), Generated.Fold(Generated.Facts(2_000)));

    [Fact]
    public void Law_FactsAndIntervalsOfAnySeed_DescribeTheSameBusiness()
    {
        var businesses =
            from seed in Gen.Choose(0, int.MaxValue)
            from months in Gen.Choose(1, 240)
            from start in Gen.Choose(0, 131 * 12 - 1)
            select (Seed: seed, Months: months, Start: new DateTime(1970, 1, 1, 0, 0, 0, DateTimeKind.Utc).AddMonths(start));
        Prop.ForAll(businesses.ToArbitrary(), b =>
        {
            var rows = Generated.Rows(Generated.Intervals(20, b.Months, b.Seed, b.Start));
            var end = b.Start.AddMonths(b.Months);
            Assert.All(rows, r => Assert.True(r.Start >= b.Start && r.Start < (r.End ?? end) && (r.End ?? b.Start) < end));
            Assert.Equal(rows, Generated.Fold(Generated.Facts(20, b.Months, b.Seed, b.Start)));
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void Law_OneSubscription_HasOneFactOfItsTermsAtAnInstant()
    {
        var kinds = new HashSet<string>
        {
            "subscriptionStarted", "subscriptionChanged", "subscriptionPaused", "subscriptionResumed", "subscriptionEnded",
        };
        var instants = Generated.Parse(Generated.Facts(2_000, months: 60))
            .Select(f => (Time: Generated.Text(f, "occurTime"), Fact: Generated.Kind(f)))
            .Where(f => kinds.Contains(f.Fact.Kind))
            .Select(f => (f.Time, Generated.Text(f.Fact.Body, "subscriptionId")))
            .ToList();
        Assert.Equal(instants.Count, instants.Distinct().Count());
    }
}
