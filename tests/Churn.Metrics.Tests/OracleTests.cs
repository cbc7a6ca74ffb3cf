using Churn.Metrics.Domain;

namespace Churn.Metrics.Tests;

/// <summary>Compares every number of the hand-checked cases; Data/oracle-small/README.md says what they are.</summary>
public class OracleTests
{
    private static readonly MovementKind[] Kinds =
        [MovementKind.New, MovementKind.Expansion, MovementKind.Reactivation, MovementKind.Contraction, MovementKind.Churn];

    private static readonly Horizon Horizon = new(Calendar.MonthOf(2022, 1), Calendar.MonthOf(2024, 12), Calendar.MonthOf(2022, 1));
    private static readonly List<Table.Row> Subscriptions = Table.Read("subscriptions.csv");
    private static readonly List<string> Plans = [.. Subscriptions.Select(s => s["plan"]).Distinct().Order(StringComparer.Ordinal)];

    private static readonly List<(string Id, Term[] Terms)> Customers =
    [
        .. Subscriptions.GroupBy(s => s["customer_id"]).OrderBy(g => g.Key, StringComparer.Ordinal)
            .Select(g => (g.Key, g.Select(ToTerm).ToArray())),
    ];

    private static readonly Ledger Ledger = Load();

    [Fact]
    public void Monthly_EveryCell_IsTheOracles()
    {
        var rows = Table.Read("expected", "monthly.csv");
        var actual = Enum.GetValues<Grain>().SelectMany(g => Ledger.Months(g).Select((b, i) => (Grain: NameOf(g), Month: Horizon.From + i, Bridge: b)));
        AssertRows(rows, actual, (row, a) => row.AssertIs(
            [
                ("grain", a.Grain), ("month", Table.Month(a.Month)),
                ("opening_mrr", a.Bridge.Opening), ("opening_customers", a.Bridge.OpeningCustomers),
                .. Moved(a.Bridge),
                ("closing_mrr", a.Bridge.Closing), ("closing_customers", a.Bridge.ClosingCustomers),
            ]));
    }

    [Fact]
    public void Rates_EveryCell_IsTheOracles()
    {
        var rows = Table.Read("expected", "rates.csv");
        var actual = Enum.GetValues<Grain>().SelectMany(g => Ledger.Months(g).Zip(Ledger.Imbalances(g))
            .Select((b, i) => (Grain: NameOf(g), Month: Horizon.From + i, Rates: new Rates(b.First), Imbalance: b.Second)));
        AssertRows(rows, actual, (row, a) => row.AssertIs(
            ("grain", a.Grain), ("month", Table.Month(a.Month)),
            ("logo_churn_rate", a.Rates.LogoChurn), ("gross_mrr_churn_rate", a.Rates.GrossMrrChurn),
            ("net_mrr_churn_rate_excl_react", a.Rates.NetMrrChurn), ("net_mrr_churn_rate_incl_react", a.Rates.NetMrrChurnAfterReactivation),
            ("nrr_month", a.Rates.Nrr), ("grr_month", a.Rates.Grr),
            ("quick_ratio_incl_react", a.Rates.QuickRatioWithReactivation), ("quick_ratio_excl_react", a.Rates.QuickRatio),
            ("arpa_cents", new Ratio(a.Rates.Arpa.Numerator, a.Rates.Arpa.Denominator * 10_000)), ("reconcile", a.Imbalance)));
    }

    [Fact]
    public void Daily_EveryCell_IsTheOracles()
    {
        var rows = Table.Read("expected", "daily.csv");
        AssertRows(rows, Ledger.Days().Select((b, i) => (Day: Horizon.FirstDay + i, Bridge: b)), (row, a) => row.AssertIs(
            [
                ("day", Table.Day(a.Day)), ("opening_mrr", a.Bridge.Opening), .. Moved(a.Bridge),
                ("closing_mrr", a.Bridge.Closing), ("closing_customers", a.Bridge.ClosingCustomers),
            ]));
    }

    [Fact]
    public void TrueHistory_EveryCell_IsTheOracles()
    {
        var rows = Table.Read("expected", "monthly_new_react_true_history.csv");
        AssertRows(rows, Ledger.MonthsByTrueHistory().Select((b, i) => (Month: Horizon.From + i, Bridge: b)), (row, a) => row.AssertIs(
            ("month", Table.Month(a.Month)),
            ("new_mrr_th", a.Bridge[MovementKind.New]), ("reactivation_mrr_th", a.Bridge[MovementKind.Reactivation]),
            ("new_n_th", a.Bridge.Count(MovementKind.New)), ("reactivation_n_th", a.Bridge.Count(MovementKind.Reactivation))));
    }

    [Fact]
    public void Trailing_EveryCell_IsTheOracles() =>
        AssertRows(Table.Read("expected", "trailing12.csv"), Ledger.TrailingYears(), (row, y) => row.AssertIs(
            ("month", Table.Month(y.Month)), ("base_month", Table.Month(y.BaseMonth)),
            ("base_mrr", y.BaseMrr), ("base_customers", y.BaseCustomers),
            ("now_mrr", y.NowMrr), ("now_customers", y.NowCustomers), ("now_mrr_capped", y.NowCapped),
            ("nrr12", y.Nrr), ("grr12", y.Grr), ("logo_retention12", y.LogoRetention)));

    [Fact]
    public void Cohorts_EveryCell_IsTheOracles()
    {
        var actual = Enum.GetValues<CohortBasis>().SelectMany(Ledger.Cohorts)
            .SelectMany(c => Enumerable.Range(0, c.Ages).Select(age => (Cohort: c, Age: age)));
        AssertRows(Table.Read("expected", "cohort_triangle.csv"), actual, (row, a) => row.AssertIs(
            ("basis", a.Cohort.Basis == CohortBasis.FirstClosing ? "first_closing" : "first_paid_instant"),
            ("cohort_month", Table.Month(a.Cohort.Month)), ("age", a.Age),
            ("cohort_customers", a.Cohort.Customers), ("cohort_mrr0", a.Cohort.FirstMrr),
            ("active_customers", a.Cohort.ActiveCustomers(a.Age)), ("active_mrr", a.Cohort.ActiveMrr(a.Age)),
            ("logo_retention", a.Cohort.LogoRetention(a.Age)), ("mrr_retention", a.Cohort.MrrRetention(a.Age))));
    }

    [Fact]
    public void Plans_EveryCell_IsTheOracles() =>
        AssertRows(Table.Read("expected", "by_plan_monthly.csv"), Ledger.PlanClosings(), (row, p) => row.AssertIs(
            ("month", Table.Month(p.Month)), ("plan", Plans[p.Plan]), ("closing_mrr", p.Mrr), ("customers", p.Customers),
            ("subscriptions", p.Subscriptions)));

    [Theory]
    [InlineData(Grain.Month, "month")]
    [InlineData(Grain.Day, "day")]
    [InlineData(Grain.Instant, "t")]
    public void Movements_EveryCell_IsTheOracles(Grain grain, string period) =>
        AssertRows(Table.Read("expected", $"movements_{NameOf(grain)}.csv"), MovementsOf(grain), (row, m) =>
        {
            (string, object?)[] cells =
            [
                ("customer_id", m.Customer), (period, PeriodOf(grain, m.Movement.Period)),
                ("before", (Int128)m.Movement.Before), ("after", (Int128)m.Movement.After), ("delta", (Int128)m.Movement.Delta),
                ("category", NameOf(m.Movement.Kind)),
            ];
            row.AssertIs(grain != Grain.Month
                ? cells
                : [.. cells, ("category_true_history", NameOf(Ledger.ByTrueHistory(m.Movement, Calendar.MonthOf(m.FirstPaid))))]);
        });

    [Fact]
    public void Movements_TypedByHand_AreTheDomains()
    {
        var expected = Table.Read("hand_expected_movements.csv").Select(r => string.Join(',', r.Cells.Select(c => c.Text)));
        var actual = Enum.GetValues<Grain>().SelectMany(grain => MovementsOf(grain).Select(m => string.Join(
            ',', NameOf(grain), m.Customer, PeriodOf(grain, m.Movement.Period), NameOf(m.Movement.Kind), Table.Cents(m.Movement.Delta))));
        Assert.Equal(expected.Order(StringComparer.Ordinal), actual.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Subscriptions_AsFacts_GiveTheSameLedger()
    {
        var ledger = new Ledger(Horizon, Plans.Count);
        var history = new History();
        foreach (var customer in Subscriptions.GroupBy(s => s["customer_id"]))
        {
            var terms = Terms.Of([.. customer.SelectMany(ToFacts).Reverse()], Policy.Standard);
            history.Load(terms);
            ledger.Add(history, terms);
        }

        Cells.AssertSame(Cells.Of(Ledger), Cells.Of(ledger));
    }

    private static Ledger Load()
    {
        var ledger = new Ledger(Horizon, Plans.Count);
        var history = new History();
        foreach (var (_, terms) in Customers)
        {
            history.Load(terms);
            ledger.Add(history, terms);
        }

        return ledger;
    }

    private static IEnumerable<(string Customer, Movement Movement, long FirstPaid)> MovementsOf(Grain grain)
    {
        foreach (var (id, terms) in Customers)
        {
            var history = new History();
            history.Load(terms);
            foreach (var movement in history[grain].ToArray())
            {
                var end = grain switch { Grain.Month => Horizon.To + 1, Grain.Day => Horizon.FirstDay + Horizon.Days, _ => Horizon.End };
                if (movement.Period < end)
                {
                    yield return (id, movement, history[Grain.Instant][0].Period);
                }
            }
        }
    }

    private static Term ToTerm(Table.Row row) =>
        new(Table.ParseInstant(row["start_at"]), End(row) ?? Calendar.Open, row.Micros("mrr_cents"), Plans.IndexOf(row["plan"]));

    private static IEnumerable<Fact> ToFacts(Table.Row row)
    {
        var start = new Fact
        {
            Source = "csv",
            EventId = $"{row["subscription_id"]}/start",
            OccurTime = Table.ParseInstant(row["start_at"]),
            Kind = FactKind.SubscriptionStarted,
            Subscription = row["subscription_id"],
            Plan = Plans.IndexOf(row["plan"]),
            Mrr = row.Micros("mrr_cents"),
        };
        yield return start;
        if (End(row) is { } end)
        {
            yield return start with { EventId = $"{row["subscription_id"]}/end", OccurTime = end, Kind = FactKind.SubscriptionEnded, Plan = 0, Mrr = 0 };
        }
    }

    private static long? End(Table.Row row) => row["end_at"].Length == 0 ? null : Table.ParseInstant(row["end_at"]);

    private static IEnumerable<(string, object?)> Moved(Bridge bridge) =>
        Kinds.Select(k => ($"{NameOf(k)}_mrr", (object?)bridge[k])).Concat(Kinds.Select(k => ($"{NameOf(k)}_n", (object?)bridge.Count(k))));

    private static void AssertRows<T>(List<Table.Row> expected, IEnumerable<T> actual, Action<Table.Row, T> check)
    {
        var rows = actual.ToList();
        Assert.Equal(expected.Count, rows.Count);
        foreach (var (row, value) in expected.Zip(rows))
        {
            check(row, value);
        }
    }

    private static string PeriodOf(Grain grain, long period) => grain switch
    {
        Grain.Month => Table.Month((int)period),
        Grain.Day => Table.Day((int)period),
        _ => Table.Instant(period),
    };

    private static string NameOf(Grain grain) => grain switch { Grain.Month => "month", Grain.Day => "day", _ => "instant" };

    private static string NameOf(MovementKind kind) => kind switch
    {
        MovementKind.New => "new",
        MovementKind.Expansion => "expansion",
        MovementKind.Reactivation => "reactivation",
        MovementKind.Contraction => "contraction",
        MovementKind.Churn => "churn",
        _ => throw new ArgumentOutOfRangeException(nameof(kind)),
    };
}
