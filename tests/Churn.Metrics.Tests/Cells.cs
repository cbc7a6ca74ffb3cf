using Churn.Metrics.Domain;

namespace Churn.Metrics.Tests;

/// <summary>Holds one number of a ledger, with its place; months and days count from the horizon's first.</summary>
internal readonly record struct Cell(string Table, int Row, int Sub, string Column, Int128 Value, bool IsMoney);

/// <summary>Lists every number that a ledger yields, so that two ledgers compare cell by cell.</summary>
internal sealed class Cells
{
    private readonly List<Cell> _cells = [];

    public static List<Cell> Of(Ledger ledger)
    {
        var cells = new Cells();
        foreach (var grain in Enum.GetValues<Grain>())
        {
            cells.Bridges($"month by {grain}", ledger.Months(grain));
        }

        cells.Bridges("day", ledger.Days());
        cells.Bridges("month by true history", ledger.MonthsByTrueHistory());
        var from = ledger.Horizon.From;
        foreach (var year in ledger.TrailingYears())
        {
            cells.Trailing(
                year.Month - from, year.BaseMrr, year.BaseCustomers, year.NowMrr, year.NowCustomers, year.NowCapped);
        }

        foreach (var basis in Enum.GetValues<CohortBasis>())
        {
            foreach (var cohort in ledger.Cohorts(basis))
            {
                for (var age = 0; age < cohort.Ages; age++)
                {
                    cells.Cohort(
                        basis, cohort.Month - from, age, cohort.Customers, cohort.FirstMrr, cohort.ActiveCustomers(age), cohort.ActiveMrr(age));
                }
            }
        }

        foreach (var plan in ledger.PlanClosings())
        {
            cells.Plan(plan.Month - from, plan.Plan, plan.Mrr, plan.Customers, plan.Subscriptions);
        }

        return cells._cells;
    }

    public static List<Cell> Of(string table, IReadOnlyList<Bridge> bridges)
    {
        var cells = new Cells();
        cells.Bridges(table, bridges);
        return cells._cells;
    }

    /// <summary>Asserts that two ledgers yield the same, and shows the first cells that differ.</summary>
    public static void AssertSame(IReadOnlyList<Cell> expected, IReadOnlyList<Cell> actual)
    {
        // xUnit compares and prints long lists slowly: it is asked only when there is something to print.
        if (!expected.SequenceEqual(actual))
        {
            Assert.Equal(expected.Except(actual).Take(5), actual.Except(expected).Take(5));
            Assert.Equal(expected, actual);
        }
    }

    public List<Cell> ToList() => _cells;

    private void Bridges(string table, IReadOnlyList<Bridge> bridges)
    {
        for (var i = 0; i < bridges.Count; i++)
        {
            var b = bridges[i];
            Bridge(table, i, b.Opening, b.OpeningCustomers, b.Closing, b.ClosingCustomers, b.Lost, b.Gained, k => b[k], k => b.Count(k));
        }
    }

    public void Bridge(
        string table, int row, Int128 opening, long openingCustomers, Int128 closing, long closingCustomers, Int128 lost, Int128 gained,
        Func<MovementKind, Int128> amount, Func<MovementKind, long> count)
    {
        Money(table, row, 0, "opening", opening);
        Count(table, row, 0, "opening", openingCustomers);
        Money(table, row, 0, "closing", closing);
        Count(table, row, 0, "closing", closingCustomers);
        Money(table, row, 0, "lost", lost);
        Money(table, row, 0, "gained", gained);
        for (var kind = 0; kind < Movements.Kinds; kind++)
        {
            var (moved, movements) = (amount((MovementKind)kind), count((MovementKind)kind));
            if (moved != 0 || movements != 0)
            {
                Money(table, row, kind, "amount", moved);
                Count(table, row, kind, "count", movements);
            }
        }
    }

    public void Trailing(int row, Int128 baseMrr, long baseCustomers, Int128 nowMrr, long nowCustomers, Int128 capped)
    {
        Money("trailing", row, 0, "base", baseMrr);
        Count("trailing", row, 0, "base", baseCustomers);
        Money("trailing", row, 0, "now", nowMrr);
        Count("trailing", row, 0, "now", nowCustomers);
        Money("trailing", row, 0, "capped", capped);
    }

    public void Cohort(CohortBasis basis, int row, int age, long customers, Int128 firstMrr, long activeCustomers, Int128 activeMrr)
    {
        var table = $"cohort by {basis}";
        Count(table, row, age, "customers", customers);
        Money(table, row, age, "first", firstMrr);
        Count(table, row, age, "active", activeCustomers);
        Money(table, row, age, "active", activeMrr);
    }

    public void Plan(int row, int plan, Int128 mrr, long customers, long subscriptions)
    {
        Money("plan", row, plan, "closing", mrr);
        Count("plan", row, plan, "customers", customers);
        Count("plan", row, plan, "subscriptions", subscriptions);
    }

    private void Money(string table, int row, int sub, string column, Int128 value) =>
        _cells.Add(new Cell(table, row, sub, column, value, IsMoney: true));

    private void Count(string table, int row, int sub, string column, long value) =>
        _cells.Add(new Cell(table, row, sub, column, value, IsMoney: false));
}
