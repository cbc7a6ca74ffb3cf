namespace Churn.Metrics.Domain;

/// <summary>Holds what a ledger comes to, month by month, as it is shown and sent; the ledger itself may be let go.</summary>
public sealed record Figures
{
    /// <summary>Gives the months it speaks of.</summary>
    public required Horizon Horizon { get; init; }

    /// <summary>Gives the bridge of every month of the horizon, netted by month.</summary>
    public required IReadOnlyList<Bridge> Months { get; init; }

    /// <summary>Gives the trailing years, by month; those without a base are left out.</summary>
    public IReadOnlyList<TrailingYear> TrailingYears { get; init; } = [];

    /// <summary>Gives the cohorts by first paid closing, by month; also those that began before the horizon.</summary>
    public IReadOnlyList<Cohort> Cohorts { get; init; } = [];

    /// <summary>Gives the closings by month, then plan; plans without MRR are left out.</summary>
    public IReadOnlyList<PlanClosing> PlanClosings { get; init; } = [];

    /// <summary>Gives where a bridge does not lead to the closing: none, or the ledger is wrong.</summary>
    public IReadOnlyList<Imbalance> Imbalances { get; init; } = [];

    /// <summary>Reads the figures of a ledger; its bridges are checked at every grain.</summary>
    public static Figures Of(Ledger ledger) => new()
    {
        Horizon = ledger.Horizon,
        Months = ledger.Months(Grain.Month),
        TrailingYears = ledger.TrailingYears(),
        Cohorts = ledger.Cohorts(CohortBasis.FirstClosing),
        PlanClosings = ledger.PlanClosings(),
        Imbalances =
        [
            .. from grain in Enum.GetValues<Grain>()
               from month in ledger.Imbalances(grain).Select((micros, i) => (Micros: micros, Index: i))
               where month.Micros != 0
               select new Imbalance(ledger.Horizon.From + month.Index, grain, month.Micros),
        ],
    };

    /// <summary>Gives what a month's bridge at the month's grain is off by.</summary>
    /// <param name="month">A month of the horizon.</param>
    public Int128 ImbalanceOf(int month) => Imbalances.FirstOrDefault(i => i.Grain == Grain.Month && i.Month == month).Micros;
}

/// <summary>Holds a month in which a bridge does not lead to the closing that is counted on its own.</summary>
/// <param name="Month">The month.</param>
/// <param name="Grain">The grain at which its movements are netted.</param>
/// <param name="Micros">The closing less that of the bridge.</param>
public readonly record struct Imbalance(int Month, Grain Grain, Int128 Micros);
