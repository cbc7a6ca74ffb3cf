using Churn.Metrics.Domain;

namespace Churn.Metrics.Tests;

/// <summary>Recomputes everything a ledger yields by the words of the definitions, looking at every customer at every closing.</summary>
/// <remarks>It shares with the domain the shape of terms and the calendar (which has its own tests), and no other code.</remarks>
internal sealed class NaiveLedger(Business business)
{
    private readonly Horizon _horizon = business.Horizon;
    private readonly List<Customer> _customers = [.. business.Customers.Select(c => new Customer(c))];

    public List<Cell> ToCells()
    {
        var cells = new Cells();
        var months = Enumerable.Range(_horizon.From, _horizon.Months).Select(m => (Calendar.Start(m), Calendar.Start(m + 1))).ToList();
        foreach (var grain in Enum.GetValues<Grain>())
        {
            AddBridges(cells, $"month by {grain}", months, (c, from, to) => Moves(c, grain, from, to));
        }

        var days = Enumerable.Range(_horizon.FirstDay, _horizon.Days).Select(d => (d * Calendar.Day, (d + 1) * Calendar.Day)).ToList();
        AddBridges(cells, "day", days, (c, from, to) => Moves(c, Grain.Day, from, to));
        AddBridges(cells, "month by true history", months, (c, from, to) => Moves(c, Grain.Month, from, to).Select(m => ByTrueHistory(c, m, from, to)));
        AddTrailing(cells);
        AddCohorts(cells);
        AddPlans(cells);
        return cells.ToList();
    }

    private void AddBridges(
        Cells cells, string table, List<(long From, long To)> periods, Func<Customer, long, long, IEnumerable<Move>> moves)
    {
        for (var i = 0; i < periods.Count; i++)
        {
            var (from, to) = periods[i];
            var all = new List<Move>();
            Int128 opening = 0, closing = 0;
            long openingCustomers = 0, closingCustomers = 0;
            foreach (var customer in _customers)
            {
                // The closing of a period that ends at T is the state just before T, and instants are whole microseconds.
                var (before, after) = (customer.MrrAt(from - 1), customer.MrrAt(to - 1));
                opening += before;
                closing += after;
                openingCustomers += before > 0 ? 1 : 0;
                closingCustomers += after > 0 ? 1 : 0;
                all.AddRange(moves(customer, from, to));
            }

            var paying = all.Where(m => m.Before > 0).ToList();
            cells.Bridge(
                table, i, opening, openingCustomers, closing, closingCustomers,
                Sum(paying.Where(m => m.After < m.Before).Select(m => m.Before - m.After)),
                Sum(paying.Where(m => m.After > m.Before).Select(m => m.After - m.Before)),
                kind => all.Count == 0 ? 0 : Sum(all.Where(m => m.Kind == kind).Select(m => Int128.Abs(m.After - m.Before))),
                kind => all.Count == 0 ? 0 : all.Count(m => m.Kind == kind));
        }
    }

    /// <summary>Gives the movements of a customer at a grain inside [from, to): one for each period of the grain in which something is netted.</summary>
    private static List<Move> Moves(Customer customer, Grain grain, long from, long to)
    {
        if (!Array.Exists(customer.Changes, t => t >= from && t < to))
        {
            return [];
        }

        var periods = customer.Changes.Where(t => t >= from && t < to).Select(t => PeriodOf(grain, t)).Distinct().Order();
        var moves = new List<Move>();
        foreach (var (start, end) in periods)
        {
            var (before, after) = (customer.MrrAt(start - 1), customer.MrrAt(end - 1));
            if (before != after)
            {
                moves.Add(new Move(before, after, KindOf(customer, grain, start, end, before, after)));
            }
        }

        return moves;
    }

    private static MovementKind KindOf(Customer customer, Grain grain, long start, long end, Int128 before, Int128 after)
    {
        var paused = customer.PausedAt(end - 1) - customer.PausedAt(start - 1);
        if (before == 0)
        {
            var paidAtAClosing = customer.Changes.Where(t => t < start).Any(t => customer.MrrAt(PeriodOf(grain, t).End - 1) > 0);
            return !paidAtAClosing ? MovementKind.New : paused < 0 ? MovementKind.Resumed : MovementKind.Reactivation;
        }

        if (after == 0)
        {
            return paused > 0 ? MovementKind.Paused : AllRanOut(customer, end) ? MovementKind.Completed : MovementKind.Churn;
        }

        return after > before
            ? -paused >= after - before ? MovementKind.Resumed : MovementKind.Expansion
            : paused >= before - after ? MovementKind.Paused : MovementKind.Contraction;
    }

    // What ended at the last instant at which MRR went to zero was all fixed terms.
    private static bool AllRanOut(Customer customer, long end)
    {
        var last = customer.Changes.Where(t => t < end && customer.MrrAt(t - 1) > 0 && customer.MrrAt(t) == 0).Max();
        return customer.Terms.Where(t => t.End == last && t.Mrr > 0 && Customer.Counts(t, last - 1)).All(t => t.Completes);
    }

    private static Move ByTrueHistory(Customer customer, Move move, long from, long to)
    {
        if (move.Kind is not (MovementKind.New or MovementKind.Reactivation))
        {
            return move;
        }

        return move with { Kind = FirstPaid(customer) is { } first && first >= from && first < to ? MovementKind.New : MovementKind.Reactivation };
    }

    private void AddTrailing(Cells cells)
    {
        for (var month = _horizon.From; month <= _horizon.To; month++)
        {
            var then = _customers.Select(c => c.MrrAt(Calendar.Start(month - 11) - 1)).ToList();
            var now = _customers.Select(c => c.MrrAt(Calendar.Start(month + 1) - 1)).ToList();
            if (then.Any(t => t > 0))
            {
                var pairs = then.Zip(now).Where(p => p.First > 0).ToList();
                cells.Trailing(
                    month - _horizon.From, Sum(then), then.Count(t => t > 0), Sum(pairs.Select(p => p.Second)),
                    pairs.Count(p => p.Second > 0), Sum(pairs.Select(p => Int128.Min(p.First, p.Second))));
            }
        }
    }

    private void AddCohorts(Cells cells)
    {
        foreach (var basis in Enum.GetValues<CohortBasis>())
        {
            var members = _customers.Select(c => (Customer: c, Began: Began(c, basis)))
                .Where(m => m.Began is { } began && began.Month <= _horizon.To)
                .GroupBy(m => m.Began!.Value.Month).OrderBy(g => g.Key);
            foreach (var cohort in members)
            {
                for (var month = cohort.Key; month <= _horizon.To; month++)
                {
                    var mrr = cohort.Select(m => m.Customer.MrrAt(Calendar.Start(month + 1) - 1)).ToList();
                    cells.Cohort(
                        basis, cohort.Key - _horizon.From, month - cohort.Key, cohort.Count(), Sum(cohort.Select(m => m.Began!.Value.Mrr)),
                        mrr.Count(m => m > 0), Sum(mrr));
                }
            }
        }
    }

    private static (int Month, Int128 Mrr)? Began(Customer customer, CohortBasis basis)
    {
        if (basis == CohortBasis.FirstPaidInstant)
        {
            return FirstPaid(customer) is { } first ? (Calendar.MonthOf(first), customer.MrrAt(first)) : null;
        }

        foreach (var month in customer.Changes.Select(Calendar.MonthOf).Distinct().Order())
        {
            if (customer.MrrAt(Calendar.Start(month + 1) - 1) is var mrr && mrr > 0)
            {
                return (month, mrr);
            }
        }

        return null;
    }

    private void AddPlans(Cells cells)
    {
        for (var month = _horizon.From; month <= _horizon.To; month++)
        {
            var closing = Calendar.Start(month + 1) - 1;
            for (var plan = 0; plan < Business.Plans; plan++)
            {
                var byCustomer = _customers.Select(c => c.Terms.Where(t => t.Plan == plan && t.Mrr > 0 && Customer.Counts(t, closing)).ToList()).ToList();
                if (byCustomer.Exists(c => c.Count > 0))
                {
                    cells.Plan(
                        month - _horizon.From, plan, Sum(byCustomer.SelectMany(c => c).Select(t => (Int128)t.Mrr)),
                        byCustomer.Count(c => c.Count > 0), byCustomer.Sum(c => c.Count));
                }
            }
        }
    }

    private static long? FirstPaid(Customer customer)
    {
        var paid = customer.Changes.Where(t => customer.MrrAt(t) > 0).ToList();
        return paid.Count > 0 ? paid.Min() : null;
    }

    private static (long Start, long End) PeriodOf(Grain grain, long instant) => grain switch
    {
        Grain.Month => (Calendar.Start(Calendar.MonthOf(instant)), Calendar.Start(Calendar.MonthOf(instant) + 1)),
        Grain.Day => (Calendar.DayOf(instant) * Calendar.Day, (Calendar.DayOf(instant) + 1) * Calendar.Day),
        _ => (instant, instant + 1),
    };

    private static Int128 Sum(IEnumerable<Int128> amounts) => amounts.Aggregate(Int128.Zero, (a, b) => a + b);

    /// <summary>Holds a customer and answers for any instant by adding up all of its terms.</summary>
    internal sealed class Customer(IReadOnlyList<Term> terms)
    {
        public Term[] Terms { get; } = [.. terms];

        /// <summary>Gives every instant at which anything may change.</summary>
        public long[] Changes { get; } = [.. terms.SelectMany(t => new[] { t.Start, t.End }).Where(t => t != Calendar.Open).Distinct()];

        public static bool Counts(Term term, long instant) =>
            term.State is TermState.Active or TermState.PastDue && term.Start <= instant && instant < term.End;

        public Int128 MrrAt(long instant)
        {
            Int128 sum = 0;
            foreach (var term in Terms)
            {
                sum += Counts(term, instant) ? term.Mrr : 0;
            }

            return sum;
        }

        public Int128 PausedAt(long instant)
        {
            Int128 sum = 0;
            foreach (var term in Terms)
            {
                sum += term.State == TermState.Paused && term.Start <= instant && instant < term.End ? term.Mrr : 0;
            }

            return sum;
        }
    }

    private readonly record struct Move(Int128 Before, Int128 After, MovementKind Kind);
}
