namespace Churn.Metrics.Domain;

/// <summary>Adds up the histories of customers over a horizon: bridges at every grain, trailing years, cohorts, plans.</summary>
/// <remarks>
/// Customers may come in any order and be split over several ledgers that are merged later: every sum is exact, so the result
/// is the same. The cost of a customer is the length of its history, whatever the number of months.
/// </remarks>
public sealed class Ledger
{
    private readonly Flows _monthly;
    private readonly Flows _daily;
    private readonly Flows _instants;
    private readonly Flows _renamed;
    private readonly TrailingSums _trailing;
    private readonly CohortSums[] _cohorts;
    private readonly PlanSums _plans;
    private readonly bool _keepsDays;

    /// <summary>Makes an empty ledger.</summary>
    /// <param name="horizon">The months it speaks of.</param>
    /// <param name="plans">How many plans there are, as far as is known; more may come.</param>
    /// <param name="keepsDays">Whether <see cref="Days"/> will be asked for; without it a ledger of many months is much smaller.</param>
    public Ledger(Horizon horizon, int plans, bool keepsDays = true)
    {
        Horizon = horizon;
        _keepsDays = keepsDays;
        _monthly = new Flows(horizon.Months);
        _daily = new Flows(keepsDays ? horizon.Days : horizon.Months);
        _instants = new Flows(horizon.Months);
        _renamed = new Flows(horizon.Months);
        _trailing = new TrailingSums(horizon);
        _cohorts = [new CohortSums(CohortBasis.FirstClosing, horizon), new CohortSums(CohortBasis.FirstPaidInstant, horizon)];
        _plans = new PlanSums(horizon, plans);
    }

    /// <summary>Gives the months it speaks of.</summary>
    public Horizon Horizon { get; }

    /// <summary>Adds one customer.</summary>
    /// <param name="history">The customer's history, loaded with the same terms.</param>
    /// <param name="terms">The customer's terms.</param>
    public void Add(History history, ReadOnlySpan<Term> terms)
    {
        _plans.Add(terms);
        foreach (ref readonly var movement in history[Grain.Instant])
        {
            if (movement.Period >= Horizon.End)
            {
                break;
            }

            Add(_instants, Calendar.MonthOf(movement.Period) - Horizon.From, movement);
        }

        var firstDay = Horizon.FirstDay;
        var days = Horizon.Days;
        foreach (ref readonly var movement in history[Grain.Day])
        {
            var day = (int)movement.Period - firstDay;
            if (day >= days)
            {
                break;
            }

            Add(_daily, _keepsDays || day < 0 ? day : MonthOfDay(day), movement);
        }

        AddMonths(history);
    }

    /// <summary>Adds what another ledger of the same horizon, with the same numbers of plans, holds; that one is not to be used any more.</summary>
    public void Merge(Ledger other)
    {
        for (var basis = 0; basis < _cohorts.Length; basis++)
        {
            _cohorts[basis].Merge(other._cohorts[basis]);
        }

        _monthly.Merge(other._monthly);
        _daily.Merge(other._daily);
        _instants.Merge(other._instants);
        _renamed.Merge(other._renamed);
        _trailing.Merge(other._trailing);
        _plans.Merge(other._plans);
    }

    /// <summary>Carries all sums, out of this ledger or into it when it is empty; the other end has the same horizon and the same kind of days.</summary>
    public void Carry(SumsCarrier carrier)
    {
        ArgumentNullException.ThrowIfNull(carrier);
        _monthly.Carry(carrier);
        _daily.Carry(carrier);
        _instants.Carry(carrier);
        _renamed.Carry(carrier);
        _trailing.Carry(carrier);
        foreach (var cohorts in _cohorts)
        {
            cohorts.Carry(carrier);
        }

        _plans.Carry(carrier);
    }

    /// <summary>Reads the bridge of every month, with the movements netted at a grain.</summary>
    public IReadOnlyList<Bridge> Months(Grain grain) => grain switch
    {
        Grain.Month => _monthly.ToBridges(),
        Grain.Day => SumDays().ToBridges(),
        _ => _instants.ToBridges(),
    };

    /// <summary>Reads the bridge of every day.</summary>
    /// <exception cref="InvalidOperationException">The ledger keeps no days.</exception>
    public IReadOnlyList<Bridge> Days() =>
        _keepsDays ? _daily.ToBridges() : throw new InvalidOperationException("This ledger was made without days.");

    /// <summary>Reads every month under the other rule for new: new only in the month of the first paid instant.</summary>
    public IReadOnlyList<Bridge> MonthsByTrueHistory()
    {
        var months = new Flows(Horizon.Months);
        months.Merge(_monthly);
        months.Merge(_renamed);
        return months.ToBridges();
    }

    /// <summary>Reads the trailing years, by month; those without a base are left out.</summary>
    public IReadOnlyList<TrailingYear> TrailingYears() => [.. _trailing.Read()];

    /// <summary>Reads the cohorts, by month; also those that began before the horizon.</summary>
    public IReadOnlyList<Cohort> Cohorts(CohortBasis basis) => [.. _cohorts[(int)basis].Read()];

    /// <summary>Reads the closings by month, then plan; plans without MRR are left out.</summary>
    public IReadOnlyList<PlanClosing> PlanClosings() => [.. _plans.Read()];

    /// <summary>
    /// Gives, for every month, the closing counted from the terms less the closing that a grain's bridge leads to: zero, or the
    /// ledger is wrong.
    /// </summary>
    public IReadOnlyList<Int128> Imbalances(Grain grain)
    {
        var closings = new Int128[Horizon.Months];
        foreach (var closing in _plans.Read())
        {
            closings[closing.Month - Horizon.From] += closing.Mrr;
        }

        return [.. Months(grain).Select((bridge, i) => closings[i] - bridge.Closing)];
    }

    /// <summary>Gives the kind under the rule that new is only the month of the first paid instant.</summary>
    /// <param name="movement">A movement at the month's grain.</param>
    /// <param name="firstPaidMonth">The month of the customer's first paid instant.</param>
    public static MovementKind ByTrueHistory(in Movement movement, int firstPaidMonth) => movement.Kind switch
    {
        MovementKind.New or MovementKind.Reactivation =>
            movement.Period == firstPaidMonth ? MovementKind.New : MovementKind.Reactivation,
        var kind => kind,
    };

    private static void Add(Flows flows, int period, in Movement movement)
    {
        if (period < 0)
        {
            flows.AddBefore(movement);
        }
        else
        {
            flows.Add(period, movement);
        }
    }

    private void AddMonths(History history)
    {
        var instants = history[Grain.Instant];
        if (instants.IsEmpty || instants[0].Period >= Horizon.End)
        {
            return;
        }

        var months = history[Grain.Month];
        foreach (ref readonly var movement in months)
        {
            var month = (int)movement.Period - Horizon.From;
            if (month >= Horizon.Months)
            {
                break;
            }

            Add(_monthly, month, movement);
            if (month >= 0 && ByTrueHistory(movement, history.FirstPaidMonth) is var kind && kind != movement.Kind)
            {
                _renamed.Rename(month, movement, kind);
            }
        }

        _cohorts[(int)CohortBasis.FirstPaidInstant].Add(Calendar.MonthOf(instants[0].Period), AfterFirst(instants), months);
        if (!months.IsEmpty && months[0].Period <= Horizon.To)
        {
            _trailing.Add(months);
            _cohorts[(int)CohortBasis.FirstClosing].Add((int)months[0].Period, AfterFirst(months), months);
        }
    }

    private Flows SumDays()
    {
        if (!_keepsDays)
        {
            return _daily;
        }

        var months = new Flows(Horizon.Months);
        months.AddAll(_daily, MonthOfDay);
        return months;
    }

    private int MonthOfDay(int day) => Calendar.MonthOfDay(Horizon.FirstDay + day) - Horizon.From;

    // By plan, one period may have two movements: a transfer and the customer's own.
    private static long AfterFirst(ReadOnlySpan<Movement> movements)
    {
        var last = 0;
        while (last + 1 < movements.Length && movements[last + 1].Period == movements[0].Period)
        {
            last++;
        }

        return movements[last].After;
    }
}
