using System.Runtime.InteropServices;
using Churn.Metrics.Books;
using Churn.Metrics.Domain;
using Churn.Metrics.Domain.Signals;
using Churn.Metrics.Signals;
using Churn.Metrics.Storage;
using Churn.ServiceDefaults.Storage;
using Churn.ServiceDefaults.Streams;
using LedgerFact = Churn.Metrics.Domain.Fact;
using WireFact = Churn.Ingestion.V1.Fact;

namespace Churn.Metrics.Consumers;

/// <summary>Applies a batch within its transaction: what is stored of all its customers is read at once, and what is new of them written at once.</summary>
internal sealed class BatchWork(DatabaseConnection connection, Shelf shelf, long now)
{
    private readonly Rows _facts = LedgerStore.Facts();
    private readonly List<(CustomerKey Customer, Due Was, Due Due)> _dues = [];

    /// <summary>Gives the customers of whom numbers are made anew.</summary>
    public List<(Customer Customer, Account Account)> Accounts { get; } = [];

    /// <summary>Gives the signals that were raised, in order.</summary>
    public List<RaisedSignal> Raised { get; } = [];

    /// <summary>Gives how many records of each shard could not be applied.</summary>
    public long[] Quarantined { get; } = new long[Shards.Count];

    public void Apply(FactBatch batch, IReadOnlyDictionary<int, long> silentThrough)
    {
        var dues = DueTable.Of(connection, batch.Customers.ConvertAll(customer => customer.Key));
        var arrivals = batch.Customers.Select((customer, i) => new CustomerArrivals(customer, dues[i], silentThrough[customer.Shard], now)).ToList();
        var told = arrivals.FindAll(a => a.AreTold);
        var days = Of(told, UsageTable.DaysOf(connection, told.ConvertAll(a => (a.Customer.Key, CustomerSignals.FirstDay(a.Passed)))));
        var known = arrivals.FindAll(a => days.ContainsKey(a) || IsKnown(a));
        var facts = Of(known, LedgerStore.FactsOf(connection, known.ConvertAll(a => a.Customer.Key)));
        var firsts = UsageTable.Add(connection, [.. batch.Customers.SelectMany(customer => customer.Uses, (customer, use) => (customer.Key, use))]);
        var used = arrivals.FindAll(a => a.Customer.Uses.Count > 0);
        var last = Of(used, UsageTable.LastOf(connection, used.ConvertAll(a => a.Customer.Key)));
        foreach (var customer in arrivals)
        {
            Apply(customer, facts.GetValueOrDefault(customer) ?? [], days.GetValueOrDefault(customer), firsts, last.GetValueOrDefault(customer));
        }

        connection.Insert(_facts);
        DueTable.Set(connection, _dues);
        foreach (var bad in batch.Unreadable)
        {
            PutAside(bad.Shard, bad.Tenant, bad.Offset, bad.RecordTime, bad.Reason, bad.Record);
        }
    }

    private static Dictionary<CustomerArrivals, T> Of<T>(List<CustomerArrivals> customers, T[] values) =>
        customers.Select((customer, i) => (customer, values[i])).ToDictionary(of => of.customer, of => of.Item2);

    private static List<ArrivedFact> Bearing(Customer customer) => customer.Facts.FindAll(arrived => arrived.BearsOnLedger || Knowledge.Bears(arrived.Fact));

    // Of a customer that nothing is known of nothing has to be read: an import's are nearly all of that kind.
    private bool IsKnown(CustomerArrivals arrivals) =>
        (arrivals.Due.At is not null || shelf.BookOf(arrivals.Customer.Shard, arrivals.Customer.Tenant).Holds(arrivals.Customer.Id)) && Bearing(arrivals.Customer).Count > 0;

    // What cannot be applied is put aside by itself: the customer's other facts count.
    private void Apply(CustomerArrivals arrivals, List<(WireFact Fact, long Offset)> stored, List<UsageDay>? days, HashSet<ArrivedUse> firsts, long? lastUse)
    {
        var customer = arrivals.Customer;
        var told = days is null ? null : arrivals.Open(shelf.Vocabulary.Plans, stored, days);
        var bearing = Bearing(customer);
        var reasons = new Dictionary<long, string>();
        var knowledge = bearing.Count > 0 ? Know(stored, bearing, reasons) : null;
        foreach (var arrived in customer.Facts)
        {
            if (reasons.TryGetValue(arrived.Offset, out var reason))
            {
                PutAside(customer.Shard, customer.Tenant, arrived.Offset, arrived.RecordTime, reason, arrived.Record);
            }
            else
            {
                customer.Key.AddTo(_facts).Add(arrived.Offset).Add(arrived.RecordTime).Add(arrived.Record.ToArray());
            }
        }

        _dues.Add((customer.Key, arrivals.Due, told is null ? arrivals.NextDue(knowledge, lastUse) : Tell(arrivals, told, knowledge, reasons, firsts, lastUse)));
        if (knowledge is not null && bearing.Exists(arrived => arrived.BearsOnLedger))
        {
            Accounts.Add((customer, knowledge.Account));
        }
    }

    private Knowledge Know(List<(WireFact Fact, long Offset)> stored, List<ArrivedFact> bearing, Dictionary<long, string> reasons)
    {
        var facts = stored.ConvertAll(of => of.Fact.FromWire(shelf.Vocabulary.Plans));
        var known = facts.Count;
        facts.AddRange(bearing.Select(arrived => arrived.Fact));
        if (Try(facts, out var knowledge) is null)
        {
            return knowledge!;
        }

        facts.RemoveRange(known, bearing.Count);
        KnowHalves(facts, bearing, reasons);
        return KnowledgeOf(facts);
    }

    // What fits all together may not fit in the order in which it came; such a customer is told no further.
    private Due Tell(
        CustomerArrivals arrivals, CustomerSignals told, Knowledge? knowledge, Dictionary<long, string> reasons, HashSet<ArrivedUse> firsts, long? lastUse)
    {
        try
        {
            return arrivals.Tell(told, reasons, firsts, Raised);
        }
        catch (OverflowException)
        {
            return arrivals.NextDue(knowledge, lastUse);
        }
    }

    // All at once, or each half by itself: a few that cannot be applied among many cost a few tries.
    private static void KnowHalves(List<LedgerFact> facts, List<ArrivedFact> more, Dictionary<long, string> reasons)
    {
        var known = facts.Count;
        facts.AddRange(more.Select(m => m.Fact));
        if (Try(facts, out _) is not { } reason)
        {
            return;
        }

        facts.RemoveRange(known, more.Count);
        if (more.Count == 1)
        {
            reasons[more[0].Offset] = reason;
            return;
        }

        KnowHalves(facts, more[..(more.Count / 2)], reasons);
        KnowHalves(facts, more[(more.Count / 2)..], reasons);
    }

    private static string? Try(List<LedgerFact> facts, out Knowledge? knowledge)
    {
        try
        {
            knowledge = KnowledgeOf(facts);
            return null;
        }
        catch (Exception e) when (e is OverflowException or ArgumentException)
        {
            knowledge = null;
            return e is OverflowException ? "with it the customer's MRR exceeds 9223372036854775807 micros" : e.Message;
        }
    }

    private static Knowledge KnowledgeOf(List<LedgerFact> facts) => Knowledge.Of(CollectionsMarshal.AsSpan(facts), Policy.Standard);

    private void PutAside(int shard, string tenant, long offset, long recordTime, string reason, ReadOnlyMemory<byte> record)
    {
        AppliedRows.PutAside(connection, shard, tenant, offset, recordTime, reason, record.Span);
        Quarantined[shard]++;
    }
}
