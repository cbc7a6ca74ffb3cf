using Churn.Cli.Report.Input;
using Churn.Cli.Report.Output;
using Churn.Metrics.Domain;

namespace Churn.Cli.Report;

/// <summary>Holds the figures of one segment; the segment is null where the report is not split.</summary>
internal sealed record Section(string? Segment, Figures Figures);

/// <summary>Builds ledgers from subscriptions with several threads, and writes the movements on the way.</summary>
internal sealed class Analysis(
    Subscriptions subscriptions, Horizon horizon, MovementFiles? files, Movers? movers, int threads)
{
    // Enough customers that taking a range costs nothing, few enough that the threads end together.
    private const int RangeSize = 2_048;

    /// <summary>Names one part of a report.</summary>
    /// <param name="Segment">Its name, or null for all.</param>
    /// <param name="Plan">The plan it is, or -1.</param>
    /// <param name="Customers">Its customers, in the order in which their movements are written.</param>
    /// <param name="Prefix">What each line begins with.</param>
    internal sealed record Part(string? Segment, int Plan, int[] Customers, byte[] Prefix);

    /// <summary>Splits the customers as the report is split, by name in byte order.</summary>
    public IEnumerable<Part> Parts(bool segmented, bool byPlan)
    {
        if (!segmented)
        {
            return [new Part(null, -1, subscriptions.Order, [])];
        }

        var names = byPlan ? subscriptions.Plans : subscriptions.Segments;
        var customers = new List<int>[names.Count];
        for (var i = 0; i < customers.Length; i++)
        {
            customers[i] = [];
        }

        foreach (var customer in subscriptions.Order)
        {
            if (!byPlan)
            {
                customers[subscriptions.SegmentOf[customer]].Add(customer);
                continue;
            }

            foreach (ref readonly var term in subscriptions.Of(customer))
            {
                var ofPlan = customers[term.Plan];
                if (ofPlan.Count == 0 || ofPlan[^1] != customer)
                {
                    ofPlan.Add(customer);
                }
            }
        }

        return names.Select((name, i) => new Part(name, byPlan ? i : -1, [.. customers[i]], PrefixOf(name)))
            .Where(part => part.Customers.Length > 0);
    }

    /// <summary>Builds the ledger of a part.</summary>
    public Ledger Run(Part part)
    {
        var customers = part.Customers;
        var ranges = (customers.Length + RangeSize - 1) / RangeSize;
        var turns = new MovementFiles.Turns();
        var ledgers = new Ledger?[threads];
        var taken = -1;
        Work.OnEach(Math.Clamp(ranges, 1, threads), thread =>
        {
            var worker = new Worker(this, part);
            for (int range; (range = Interlocked.Increment(ref taken)) < ranges;)
            {
                for (var i = range * RangeSize; i < Math.Min((range + 1) * RangeSize, customers.Length); i++)
                {
                    worker.Add(customers[i]);
                }

                files?.Write(worker.Lines, range, turns);
            }

            ledgers[thread] = worker.Finish();
        });
        for (var i = 1; i < threads; i++)
        {
            if (ledgers[i] is { } other)
            {
                ledgers[0]!.Merge(other);
            }
        }

        return ledgers[0]!;
    }

    private static byte[] PrefixOf(string segment) => new Lines().Cell(segment).Comma().Written.ToArray();

    private sealed class Worker(Analysis analysis, Part part)
    {
        private readonly Ledger _ledger = new(analysis.Horizon, analysis.Subscriptions.Plans.Count);
        private readonly History _history = new();
        private readonly PlanSplit _split = new();
        private readonly Movers _movers = new();
        private Term[] _terms = new Term[16];

        public MovementFiles.Range Lines { get; } = new();

        public void Add(int customer)
        {
            var terms = analysis.Subscriptions.Of(customer);
            if (part.Plan < 0)
            {
                _history.Load(terms);
                Add(customer, _history, terms);
            }
            else
            {
                _split.Load(terms);
                Add(customer, _split[IndexOf(_split.Plans, part.Plan)], OfPlan(terms));
            }
        }

        public Ledger Finish()
        {
            analysis.Movers?.Merge(_movers);
            return _ledger;
        }

        private void Add(int customer, History history, ReadOnlySpan<Term> terms)
        {
            _ledger.Add(history, terms);
            var name = analysis.Subscriptions.Customers[customer];
            analysis.Files?.Format(Lines, part.Prefix, name, history);
            var months = history[Grain.Month];
            for (var i = months.Length - 1; i >= 0 && months[i].Period >= analysis.Horizon.To; i--)
            {
                if (months[i].Period == analysis.Horizon.To)
                {
                    _movers.Offer(name, months[i]);
                }
            }
        }

        private ReadOnlySpan<Term> OfPlan(ReadOnlySpan<Term> terms)
        {
            if (_terms.Length < terms.Length)
            {
                _terms = new Term[terms.Length];
            }

            var kept = 0;
            foreach (ref readonly var term in terms)
            {
                if (term.Plan == part.Plan)
                {
                    _terms[kept++] = term;
                }
            }

            return _terms.AsSpan(0, kept);
        }

        private static int IndexOf(IReadOnlyList<int> plans, int plan)
        {
            var i = 0;
            while (plans[i] != plan)
            {
                i++;
            }

            return i;
        }
    }

    private Horizon Horizon => horizon;

    private Subscriptions Subscriptions => subscriptions;

    private MovementFiles? Files => files;

    private Movers? Movers => movers;
}
