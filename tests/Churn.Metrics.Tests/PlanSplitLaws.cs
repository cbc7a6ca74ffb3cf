using Churn.Metrics.Domain;

namespace Churn.Metrics.Tests;

public class PlanSplitLaws
{
    [Fact]
    public void Law_Plans_SumToTheWholeAndTransfersCancelOut() => Law.Holds(Generators.Businesses, business =>
    {
        var whole = business.ToLedger();
        var plans = ByPlan(business);
        foreach (var grain in Enum.GetValues<Grain>())
        {
            AssertSums(whole.Months(grain), [.. plans.Select(p => p.Months(grain))]);
        }

        AssertSums(whole.Days(), [.. plans.Select(p => p.Days())]);
    });

    [Fact]
    public void Law_EveryPlansBridge_ClosesOnItsTerms() => Law.Holds(Generators.Businesses, business =>
    {
        foreach (var (ledger, plan) in ByPlan(business).Select((l, plan) => (l, plan)))
        {
            foreach (var grain in Enum.GetValues<Grain>())
            {
                Assert.All(ledger.Imbalances(grain), imbalance => Assert.Equal(0, imbalance));
            }

            Assert.Equal(business.ToLedger().PlanClosings().Where(c => c.Plan == plan), ledger.PlanClosings());
        }
    });

    [Fact]
    public void Load_SwitchToADearerPlan_IsTransferAndExpansion()
    {
        var (january, february) = (Calendar.Start(0), Calendar.Start(1));
        var ledgers = ByPlan(new Business(0, 1, [[new Term(january, february, 50, Plan: 0), new Term(february, Calendar.Open, 80, Plan: 1)]]));
        var (from, to) = (ledgers[0].Months(Grain.Month)[1], ledgers[1].Months(Grain.Month)[1]);
        Assert.Equal((50, 0), (from[MovementKind.TransferOut], from.Closing));
        Assert.Equal((50, 30, 80), (to[MovementKind.TransferIn], to[MovementKind.Expansion], to.Closing));
    }

    private static Ledger[] ByPlan(Business business)
    {
        var ledgers = Enumerable.Range(0, Business.Plans).Select(_ => new Ledger(business.Horizon, Business.Plans)).ToArray();
        var split = new PlanSplit();
        foreach (var customer in business.Customers)
        {
            split.Load([.. customer]);
            for (var place = 0; place < split.Plans.Count; place++)
            {
                var plan = split.Plans[place];
                ledgers[plan].Add(split[place], [.. customer.Where(t => t.Plan == plan)]);
            }
        }

        return ledgers;
    }

    private static void AssertSums(IReadOnlyList<Bridge> whole, IReadOnlyList<IReadOnlyList<Bridge>> plans)
    {
        for (var i = 0; i < whole.Count; i++)
        {
            Int128 Of(Func<Bridge, Int128> value) => plans.Aggregate(Int128.Zero, (sum, p) => sum + value(p[i]));
            Assert.Equal(whole[i].Opening, Of(b => b.Opening));
            Assert.Equal(whole[i].Closing, Of(b => b.Closing));
            Assert.Equal(Of(b => b[MovementKind.TransferIn]), Of(b => b[MovementKind.TransferOut]));
            for (var kind = MovementKind.New; kind < MovementKind.TransferIn; kind++)
            {
                Assert.Equal((kind, whole[i][kind]), (kind, Of(b => b[kind])));
            }
        }
    }
}
