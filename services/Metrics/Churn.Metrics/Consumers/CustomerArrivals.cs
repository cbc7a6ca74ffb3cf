using Churn.Metrics.Books;
using Churn.Metrics.Domain;
using Churn.Metrics.Domain.Signals;
using Churn.Metrics.Signals;
using Churn.Metrics.Storage;
using LedgerFact = Churn.Metrics.Domain.Fact;
using WireFact = Churn.Ingestion.V1.Fact;

namespace Churn.Metrics.Consumers;

/// <summary>Decides what of a batch about one customer raises signals, and has it raise them in the order in which it came.</summary>
/// <remarks>
/// History raises none, and then nothing has to be looked at one by one: an import costs little more than the ledger does. Signals
/// are of facts that are in time, and recorded no longer ago than that; and of what time brought about until then.
/// </remarks>
internal sealed class CustomerArrivals(Customer customer, Due due, long silentThrough, long now)
{
    public Customer Customer => customer;

    public Due Due => due;

    // What history brings about between commits that follow on each other as fast as an import's is passed over.
    private const long OneImport = 60 * Calendar.Second;

    /// <summary>Tells whether what came has to be told one by one.</summary>
    public bool AreTold => customer.LastOffset > silentThrough && (
        due.At <= customer.RecordTimes.Last
        || customer.RecordTimes.Last - customer.RecordTimes.First > OneImport
        || customer.Facts.Exists(f => f.Fact.Retracts is not null || Raises(f.Fact.OccurTime, f.Offset, f.RecordTime))
        || customer.Uses.Exists(u => Raises(u.Fact.OccurTime, u.Offset, u.RecordTime)));

    /// <summary>Gives the instant until which time has passed for the customer.</summary>
    public long Passed => due.At is { } at ? Math.Min(at - 1, customer.RecordTimes.First) : customer.RecordTimes.First;

    /// <summary>Opens the customer as it was before.</summary>
    public CustomerSignals Open(PlanTable plans, List<(WireFact Fact, long Offset)> facts, List<UsageDay> days) =>
        CustomerSignals.Open(customer.Id, plans, Passed, silentThrough, facts, days);

    /// <summary>Has what came raise signals, and gives what is due after it.</summary>
    /// <param name="signals">The customer as it was before.</param>
    /// <param name="aside">The offsets of facts that were put aside.</param>
    /// <param name="firsts">The uses that are the first of their meter and day.</param>
    /// <param name="raised">Where signals go.</param>
    public Due Tell(CustomerSignals signals, Dictionary<long, string> aside, HashSet<ArrivedUse> firsts, List<RaisedSignal> raised)
    {
        foreach (var arrival in InOrder())
        {
            if (arrival.Use is { } use)
            {
                var first = firsts.Contains(use) ? CustomerSignals.Read(use.Record.Span, use.RecordTime) : null;
                Add(signals.Arrive(use.Day, use.Fact, first, use.RecordTime, arrival.Raises), raised);
            }
            else if (arrival.Fact is { } came && !aside.ContainsKey(came.Offset))
            {
                Add(signals.Arrive(came.Fact, CustomerSignals.Read(came.Record.Span, came.RecordTime), came.RecordTime, arrival.Raises), raised);
            }
        }

        // Use that was taken together with earlier use, and what was put aside, let time pass too.
        var last = customer.RecordTimes.Last;
        Add(signals.Pass(last), raised);
        return new Due(signals.NextOfFacts(last), signals.NextOfUsage(last));
    }

    /// <summary>Gives what is due after what came, where it is not told.</summary>
    /// <param name="knowledge">What facts say; null where they say no more than before.</param>
    /// <param name="lastUse">The last use, after what came was stored; null where there is none.</param>
    public Due NextDue(Knowledge? knowledge, long? lastUse)
    {
        var after = customer.RecordTimes.Last;
        var ofFacts = knowledge is null ? due.OfFacts : knowledge.NextAfter(after);
        var ofUsage = customer.Uses.Count > 0 && lastUse is { } last
            ? Signaller.NextSilence(last, after)
            : due.OfUsage;
        return new Due(ofFacts, ofUsage);
    }

    // What is recorded at one instant is in no order of its own: history is known first, and the rest arrives as it counts.
    private List<Arrival> InOrder()
    {
        var arrivals = customer.Facts.ConvertAll(f => new Arrival(f.RecordTime, Raises(f.Fact.OccurTime, f.Offset, f.RecordTime), f.Fact, f, null));
        arrivals.AddRange(customer.Uses.Select(u => new Arrival(u.RecordTime, Raises(u.Fact.OccurTime, u.Offset, u.RecordTime), u.Fact, null, u)));
        arrivals.Sort(Arrival.Compare);
        return arrivals;
    }

    private bool Raises(long occurTime, long offset, long recordTime) =>
        offset > silentThrough && recordTime >= now - Signaller.Late && Signaller.IsInTime(occurTime, recordTime);

    // What time brought about while nobody looked, and too long ago, is history too.
    private void Add(IEnumerable<V1.Signal> signals, List<RaisedSignal> raised)
    {
        foreach (var signal in signals)
        {
            if (CustomerSignals.IsNews(signal, now))
            {
                raised.Add(new RaisedSignal(customer.Shard, customer.Tenant, signal));
            }
        }
    }

    private sealed record Arrival(long At, bool Raises, LedgerFact Counts, ArrivedFact? Fact, ArrivedUse? Use)
    {
        public static int Compare(Arrival a, Arrival b)
        {
            var order = a.At.CompareTo(b.At);
            order = order != 0 ? order : a.Raises.CompareTo(b.Raises);
            order = order != 0 ? order : LedgerFact.Compare(a.Counts, b.Counts);

            // A fact of use that takes out another is both, and takes out first.
            return order != 0 ? order : (a.Use is not null).CompareTo(b.Use is not null);
        }
    }
}
