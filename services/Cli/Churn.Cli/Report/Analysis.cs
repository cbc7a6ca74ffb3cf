using Churn.Cli.Report.Input;
using Churn.Cli.Report.Output;
using Churn.Metrics.Domain;

namespace Churn.Cli.Report;

/// <summary>Holds the ledger of one segment; the segment is null where the report is not split.</summary>
internal sealed record Section(string? Segment, Ledger Ledger);

/// <summary>Builds ledgers from subscriptions with several threads, and writes the movements on the way.</summary>
internal static class Analysis
{
    // Enough customers that taking a range costs nothing, few enough that the threads end together.
    private const int RangeSize = 2_048;

    /// <summary>Builds the ledger of some customers.</summary>
    /// <param name="subscriptions">What was read.</param>
    /// <param name="customers">The customers, in the order in which their movements are written.</param>
    /// <param name="horizon">The months reported.</param>
    /// <param name="segment">What stands before each line of movements; empty where the report is not split.</param>
    /// <param name="files">Where the movements go; null for nowhere.</param>
    /// <param name="threads">How many threads may work.</param>
    public static Ledger Run(
        Subscriptions subscriptions, int[] customers, Horizon horizon, byte[] segment, MovementFiles? files, int threads)
    {
        var ranges = (customers.Length + RangeSize - 1) / RangeSize;
        var turns = new MovementFiles.Turns();
        var ledgers = new Ledger?[threads];
        var taken = -1;
        Work.OnEach(Math.Clamp(ranges, 1, threads), thread =>
        {
            var ledger = new Ledger(horizon, subscriptions.Plans.Count);
            var history = new History();
            var lines = new MovementFiles.Range();
            for (int range; (range = Interlocked.Increment(ref taken)) < ranges;)
            {
                foreach (var customer in customers.AsSpan()[(range * RangeSize)..Math.Min((range + 1) * RangeSize, customers.Length)])
                {
                    var terms = subscriptions.Of(customer);
                    history.Load(terms);
                    ledger.Add(history, terms);
                    files?.Format(lines, segment, subscriptions.Customers[customer], history);
                }

                files?.Write(lines, range, turns);
            }

            ledgers[thread] = ledger;
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
}
