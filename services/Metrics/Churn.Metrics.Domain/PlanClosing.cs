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
    private readonly Sums?[] _plans = new Sums?[plans];
    private readonly List<(int Plan, int From, int To)> _stretches = [];

    public void Add(ReadOnlySpan<Term> terms)
    {
        _stretches.Clear();
        foreach (ref readonly var term in terms)
        {
            if (term.State != TermState.Active || term.Mrr == 0 || term.Start >= term.End)
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

            var plan = _plans[term.Plan] ??= new Sums(horizon.Months + 1);
            Sum.Range(plan.Mrr, from, to, term.Mrr);
            Sum.Range(plan.Subscriptions, from, to);
            if (terms.Length == 1)
            {
                Sum.Range(plan.Customers, from, to);
            }
            else
            {
                _stretches.Add((term.Plan, from, to));
            }
        }

        if (_stretches.Count > 0)
        {
            AddCustomers();
        }
    }

    public void Merge(PlanSums other)
    {
        for (var i = 0; i < _plans.Length; i++)
        {
            if (other._plans[i] is not { } more)
            {
                continue;
            }

            if (_plans[i] is not { } mine)
            {
                _plans[i] = more;
                continue;
            }

            Sum.Into(mine.Mrr, more.Mrr);
            Sum.Into(mine.Customers, more.Customers);
            Sum.Into(mine.Subscriptions, more.Subscriptions);
        }
    }

    /// <summary>Reads the closings by month, then plan number; plans without MRR are left out.</summary>
    public IEnumerable<PlanClosing> Read()
    {
        var values = _plans.Select(p => p is null
            ? default
            : (Mrr: Sum.Run(p.Mrr), Customers: Sum.Run(p.Customers), Subscriptions: Sum.Run(p.Subscriptions))).ToArray();
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

    // A customer with several subscriptions to a plan is one customer of it: their stretches are united.
    private void AddCustomers()
    {
        _stretches.Sort();
        for (var i = 0; i < _stretches.Count;)
        {
            var (plan, from, to) = _stretches[i];
            for (i++; i < _stretches.Count && _stretches[i].Plan == plan && _stretches[i].From <= to; i++)
            {
                to = Math.Max(to, _stretches[i].To);
            }

            Sum.Range(_plans[plan]!.Customers, from, to);
        }
    }

    private sealed class Sums(int length)
    {
        public Int128[] Mrr { get; } = new Int128[length];

        public long[] Customers { get; } = new long[length];

        public long[] Subscriptions { get; } = new long[length];
    }
}
