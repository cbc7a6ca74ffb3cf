namespace Churn.Metrics.Domain;

/// <summary>Holds what a plan stands at, at a month's closing.</summary>
/// <param name="Month">The month.</param>
/// <param name="Plan">The plan's number.</param>
/// <param name="Mrr">Its MRR in micros, above zero.</param>
/// <param name="Customers">Customers that pay for it.</param>
/// <param name="Subscriptions">Subscriptions to it with MRR.</param>
public readonly record struct PlanClosing(int Month, int Plan, Int128 Mrr, long Customers, long Subscriptions);

/// <summary>Adds up closings by plan, straight from the terms: what the bridges are checked against.</summary>
internal sealed class PlanSums(Horizon horizon, int plans)
{
    private Sums?[] _plans = new Sums?[plans];
    private Stretch[] _stretches = new Stretch[64];
    private bool _sorted = true;

    public void Add(ReadOnlySpan<Term> terms)
    {
        if (terms.Length > _stretches.Length)
        {
            _stretches = new Stretch[terms.Length];
        }

        var stretches = 0;
        foreach (ref readonly var term in terms)
        {
            if (term.State is TermState.Trial or TermState.Paused || term.Mrr == 0 || term.Start >= term.End)
            {
                continue;
            }

            // A closing is the state just before the month's end: the month of the end itself is not one.
            var from = Math.Max(horizon.From, Calendar.MonthOf(term.Start)) - horizon.From;
            var to = Math.Min(horizon.To + 1, Calendar.MonthOf(term.End)) - horizon.From;
            if (from >= to)
            {
                continue;
            }

            var plan = Of(term.Plan);
            Sum.Range(plan.Mrr, from, to, term.Mrr);
            Sum.Range(plan.Subscriptions, from, to);
            if (terms.Length == 1)
            {
                Sum.Range(plan.Customers, from, to);
            }
            else
            {
                stretches = Insert(stretches, new Stretch(term.Plan, from, to));
            }
        }

        AddCustomers(stretches);
    }

    public void Merge(PlanSums other)
    {
        for (var i = 0; i < other._plans.Length; i++)
        {
            if (other._plans[i] is not { } more)
            {
                continue;
            }

            var mine = Of(i);
            Sum.Into(mine.Mrr, more.Mrr);
            Sum.Into(mine.Customers, more.Customers);
            Sum.Into(mine.Subscriptions, more.Subscriptions);
        }
    }

    public void Carry(SumsCarrier carrier)
    {
        var known = Enumerable.Range(0, _plans.Length).Where(plan => _plans[plan] is not null).ToList();
        long count = known.Count;
        carrier.Carry(ref count);
        for (var i = 0; i < count; i++)
        {
            var plan = i < known.Count ? known[i] : 0;
            carrier.CarryPlan(ref plan);
            var sums = Of(plan);
            carrier.Carry(sums.Mrr);
            carrier.Carry(sums.Customers);
            carrier.Carry(sums.Subscriptions);
        }
    }

    /// <summary>Reads the closings by month, then plan number; plans without MRR are left out.</summary>
    public IEnumerable<PlanClosing> Read()
    {
        var values = _plans.Select(p => p is null
            ? default
            : (Mrr: Sum.Run(p.Mrr, horizon.Months), Customers: Sum.Run(p.Customers, horizon.Months),
                Subscriptions: Sum.Run(p.Subscriptions, horizon.Months))).ToArray();
        for (var month = 0; month < horizon.Months; month++)
        {
            for (var plan = 0; plan < values.Length; plan++)
            {
                if (values[plan].Mrr is { } mrr && mrr[month] != 0)
                {
                    yield return new PlanClosing(
                        horizon.From + month, plan, mrr[month], values[plan].Customers[month], values[plan].Subscriptions[month]);
                }
            }
        }
    }

    private Sums Of(int plan)
    {
        if (plan >= _plans.Length)
        {
            Array.Resize(ref _plans, Math.Max(plan + 1, _plans.Length * 2));
        }

        return _plans[plan] ??= new Sums(horizon.Months + 1);
    }

    // By plan, then month; few and nearly sorted is the rule.
    private int Insert(int count, Stretch stretch)
    {
        const int few = 64;
        var i = count;
        if (count < few)
        {
            for (; i > 0 && _stretches[i - 1].Compare(stretch) > 0; i--)
            {
                _stretches[i] = _stretches[i - 1];
            }
        }
        else if (_stretches[count - 1].Compare(stretch) > 0)
        {
            _sorted = false;
        }

        _stretches[i] = stretch;
        return count + 1;
    }

    // A customer with several subscriptions to a plan is one customer of it: their stretches are united.
    private void AddCustomers(int stretches)
    {
        if (!_sorted)
        {
            _stretches.AsSpan(0, stretches).Sort((a, b) => a.Compare(b));
            _sorted = true;
        }

        for (var i = 0; i < stretches;)
        {
            var (plan, from, to) = (_stretches[i].Plan, _stretches[i].From, _stretches[i].To);
            for (i++; i < stretches && _stretches[i].Plan == plan && _stretches[i].From <= to; i++)
            {
                to = Math.Max(to, _stretches[i].To);
            }

            Sum.Range(_plans[plan]!.Customers, from, to);
        }
    }

    private readonly struct Stretch(int plan, int from, int to)
    {
        public readonly int Plan = plan;
        public readonly int From = from;
        public readonly int To = to;

        public int Compare(in Stretch other) => Plan != other.Plan ? Plan - other.Plan : From - other.From;
    }

    private sealed class Sums(int length)
    {
        public readonly Total[] Mrr = new Total[length];
        public readonly long[] Customers = new long[length];
        public readonly long[] Subscriptions = new long[length];
    }
}
