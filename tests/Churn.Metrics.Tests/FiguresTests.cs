using Churn.Metrics.Domain;

namespace Churn.Metrics.Tests;

public class FiguresTests
{
    [Fact]
    public void Law_FiguresOfALedger_AreItsReadingsAndBalanced() => Law.Holds(Generators.Businesses, business =>
    {
        var ledger = business.ToLedger();
        var figures = Figures.Of(ledger);
        Assert.Equal(business.Horizon, figures.Horizon);
        Assert.Equal(ledger.Months(Grain.Month).Select(Text), figures.Months.Select(Text));
        Assert.Equal(ledger.TrailingYears(), figures.TrailingYears);
        Assert.Equal(ledger.PlanClosings(), figures.PlanClosings);
        Assert.Equal(ledger.Cohorts(CohortBasis.FirstClosing).Select(Text), figures.Cohorts.Select(Text));
        Assert.Empty(figures.Imbalances);
        Assert.Equal(0, figures.ImbalanceOf(business.From));
    });

    [Fact]
    public void Law_FiguresThatWereRead_StayWhenTheLedgerGoesOn() => Law.Holds(Generators.Businesses, business =>
    {
        var ledger = business.ToLedger();
        var figures = Figures.Of(ledger);
        var before = figures.Months.Select(Text).Concat(figures.Cohorts.Select(Text)).ToArray();
        ledger.Merge(business.ToLedger());
        Assert.Equal(before, figures.Months.Select(Text).Concat(figures.Cohorts.Select(Text)));
    });

    [Fact]
    public void Law_BridgesAndCohorts_MadeOfTheirParts_AreTheSame() => Law.Holds(Generators.Businesses, business =>
    {
        var figures = Figures.Of(business.ToLedger());
        foreach (var bridge in figures.Months)
        {
            var flows = Enum.GetValues<MovementKind>().Reverse().Where(k => bridge.Count(k) > 0).Select(k => (k, bridge[k], bridge.Count(k)));
            var made = Bridge.Of(bridge.Opening, bridge.OpeningCustomers, bridge.ClosingCustomers, bridge.Lost, bridge.Gained, [.. flows]);
            Assert.Equal(Text(bridge), Text(made));
        }

        foreach (var cohort in figures.Cohorts)
        {
            var ages = Enumerable.Range(0, cohort.Ages);
            var made = new Cohort(
                cohort.Basis, cohort.Month, cohort.Customers, cohort.FirstMrr,
                [.. ages.Select(cohort.ActiveCustomers)], [.. ages.Select(cohort.ActiveMrr)]);
            Assert.Equal(Text(cohort), Text(made));
        }
    });

    [Fact]
    public void Of_ReasonStatedTwice_IsRefused() =>
        Assert.Throws<ArgumentException>(() => Bridge.Of(0, 0, 0, 0, 0, [(MovementKind.New, 1, 1), (MovementKind.New, 1, 1)]));

    [Fact]
    public void Cohort_AgesThatDiffer_AreRefused() =>
        Assert.Throws<ArgumentException>(() => new Cohort(CohortBasis.FirstClosing, 0, 1, 1, [1, 1], [1]));

    [Fact]
    public void ImbalanceOf_MonthAndGrain_GivesThatOfTheMonthsGrain()
    {
        var figures = new Figures
        {
            Horizon = new Horizon(10, 11, 10),
            Months = [],
            Imbalances = [new Imbalance(10, Grain.Day, 1), new Imbalance(11, Grain.Month, -2)],
        };
        Assert.Equal((0, -2), (figures.ImbalanceOf(10), figures.ImbalanceOf(11)));
    }

    private static string Text(Bridge bridge) =>
        $"{bridge.Opening} {bridge.OpeningCustomers} {bridge.Closing} {bridge.ClosingCustomers} {bridge.Lost} {bridge.Gained} "
        + string.Join(' ', Enum.GetValues<MovementKind>().Select(k => $"{bridge[k]}/{bridge.Count(k)}"));

    private static string Text(Cohort cohort) =>
        $"{cohort.Basis} {cohort.Month} {cohort.Customers} {cohort.FirstMrr} "
        + string.Join(' ', Enumerable.Range(0, cohort.Ages).Select(a => $"{cohort.ActiveCustomers(a)}/{cohort.ActiveMrr(a)}"));
}
