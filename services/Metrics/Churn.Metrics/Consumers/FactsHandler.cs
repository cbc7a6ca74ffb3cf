using Churn.Metrics.Books;
using Churn.Metrics.Domain;
using Churn.Metrics.Domain.Signals;
using Churn.Metrics.Signals;
using Churn.Metrics.Storage;
using Churn.ServiceDefaults.Leases;
using Churn.ServiceDefaults.Storage;
using Churn.ServiceDefaults.Streams;
using Churn.ServiceDefaults.Threads;
using LedgerFact = Churn.Metrics.Domain.Fact;

namespace Churn.Metrics.Consumers;

/// <summary>Makes the ledger of the stream of facts: facts and signals to disk in one transaction a batch, then accounts into the books.</summary>
internal sealed class FactsHandler(LedgerStore store, Shelf shelf, SignalLog signals, TimeProvider clock) : IStreamHandler, IDisposable
{
    private readonly QuietThread _thread = new("ledger");
    private long _quarantined;

    /// <summary>Gives the facts that could not be applied.</summary>
    public long Quarantined => Volatile.Read(ref _quarantined);

    private long Now => (clock.GetUtcNow().UtcTicks - DateTimeOffset.UnixEpoch.Ticks) / 10;

    private int Today => Calendar.DayOf(Now);

    public Task<IReadOnlyList<AppliedPoint>> TakeAsync(IReadOnlyList<Lease> taken, CancellationToken cancellationToken)
    {
        var points = new List<AppliedPoint>(taken.Count);
        foreach (var lease in taken)
        {
            cancellationToken.ThrowIfCancellationRequested();
            shelf.Open(lease.Shard);
            var ledgerFacts = new List<LedgerFact>();
            store.EachCustomer(lease.Shard, (tenant, customer, facts) =>
            {
                ledgerFacts.Clear();
                foreach (var fact in facts.Where(FactFromWire.BearsOnLedger))
                {
                    ledgerFacts.Add(fact.FromWire(shelf.Vocabulary.Plans));
                }

                if (ledgerFacts.Count > 0)
                {
                    shelf.BookOf(lease.Shard, tenant).Put(customer, AccountOf(ledgerFacts), Today);
                }
            });
            points.Add(store.AppliedOf(lease.Shard));
        }

        Volatile.Write(ref _quarantined, store.CountQuarantined());
        return Task.FromResult<IReadOnlyList<AppliedPoint>>(points);
    }

    public Task ApplyAsync(IReadOnlyList<ShardPage> pages, CancellationToken cancellationToken) => _thread.RunAsync(() => Apply(pages));

    public void Dispose() => _thread.Dispose();

    private void Apply(IReadOnlyList<ShardPage> pages)
    {
        var batch = new FactBatch(shelf.Vocabulary.Plans);
        foreach (var page in pages)
        {
            batch.Add(page.Lease.Shard, page.Page.Chunks);
        }

        var accounts = new List<(Customer Customer, Account Account)>(batch.Customers.Count);
        var quarantined = store.Write(connection =>
        {
            AppliedRows.Advance(connection, pages);

            var count = batch.Unreadable.Count;
            var silent = pages.ToDictionary(page => page.Lease.Shard, page => LedgerStore.SilentThrough(connection, page.Lease.Shard));
            var raised = new List<RaisedSignal>();
            foreach (var customer in batch.Customers)
            {
                if (Apply(connection, customer, silent[customer.Shard], raised, ref count) is { } account)
                {
                    accounts.Add((customer, account));
                }
            }

            signals.Append(connection, raised);

            foreach (var bad in batch.Unreadable)
            {
                AppliedRows.PutAside(connection, bad.Shard, bad.Tenant, bad.Offset, bad.RecordTime, bad.Reason, bad.Record.Span);
            }

            return count;
        });
        var today = Today;
        var changed = new HashSet<Book>();
        foreach (var (customer, account) in accounts)
        {
            var book = shelf.BookOf(customer.Shard, customer.Tenant);
            book.Put(customer.Id, account, today);
            changed.Add(book);
        }

        foreach (var book in changed)
        {
            book.PublishSums();
        }

        Interlocked.Add(ref _quarantined, quarantined);
    }

    public Task ResetAsync(Lease lease, CancellationToken cancellationToken)
    {
        store.Write(connection =>
        {
            LeaseTable.Check(connection, [lease]);
            LedgerStore.Drop(connection, lease.Shard);
        });
        shelf.Open(lease.Shard);
        Volatile.Write(ref _quarantined, store.CountQuarantined());
        return Task.CompletedTask;
    }

    public Task GiveUpAsync(IReadOnlyList<int> shards, CancellationToken cancellationToken)
    {
        foreach (var shard in shards)
        {
            shelf.Close(shard);
        }

        return Task.CompletedTask;
    }

    // What cannot be applied is put aside by itself: the customer's other facts count. Null where no number is made of what came.
    private Account? Apply(DatabaseConnection connection, Customer customer, long silentThrough, List<RaisedSignal> raised, ref int quarantined)
    {
        var due = DueTable.Of(connection, customer.Shard, customer.Tenant, customer.Id);
        var arrivals = new CustomerArrivals(customer, due, silentThrough, Now);
        var told = arrivals.AreTold ? arrivals.Open(connection, shelf.Vocabulary.Plans) : null;

        var facts = new List<LedgerFact>();
        var bearing = customer.Facts.FindAll(arrived => arrived.BearsOnLedger || Knowledge.Bears(arrived.Fact));
        if (bearing.Count > 0 && (due.At is not null || shelf.BookOf(customer.Shard, customer.Tenant).Holds(customer.Id)))
        {
            foreach (var (fact, _) in LedgerStore.FactsOf(connection, customer.Shard, customer.Tenant, customer.Id))
            {
                facts.Add(fact.FromWire(shelf.Vocabulary.Plans));
            }
        }

        var known = facts.Count;
        var reasons = new Dictionary<long, string>();
        Knowledge? knowledge = null;
        if (bearing.Count > 0)
        {
            facts.AddRange(bearing.Select(arrived => arrived.Fact));
            if (Try(facts, out knowledge) is not null)
            {
                facts.RemoveRange(known, bearing.Count);
                ApplyHalves(facts, bearing, reasons);
                knowledge = KnowledgeOf(facts);
            }
        }

        foreach (var arrived in customer.Facts)
        {
            if (reasons.TryGetValue(arrived.Offset, out var reason))
            {
                AppliedRows.PutAside(
                    connection, customer.Shard, customer.Tenant, arrived.Offset, arrived.RecordTime, reason, arrived.Record.Span);
                quarantined++;
            }
            else
            {
                LedgerStore.AddFact(
                    connection, customer.Shard, customer.Tenant, customer.Id, arrived.Offset, arrived.RecordTime, arrived.Record.Span);
            }
        }

        var firsts = customer.Uses.FindAll(use => UsageTable.Add(connection, customer.Shard, customer.Tenant, customer.Id, use));
        var next = told is null ? arrivals.NextDue(connection, knowledge) : Tell(connection, arrivals, told, knowledge, reasons, firsts, raised);
        DueTable.Set(connection, customer.Shard, customer.Tenant, customer.Id, due, next);
        return bearing.Exists(arrived => arrived.BearsOnLedger) ? knowledge?.Account : null;
    }

    // What fits all together may not fit in the order in which it came; such a customer is told no further.
    private static Due Tell(
        DatabaseConnection connection,
        CustomerArrivals arrivals,
        CustomerSignals told,
        Knowledge? knowledge,
        Dictionary<long, string> reasons,
        List<ArrivedUse> firsts,
        List<RaisedSignal> raised)
    {
        try
        {
            return arrivals.Tell(told, reasons, firsts, raised);
        }
        catch (OverflowException)
        {
            return arrivals.NextDue(connection, knowledge);
        }
    }

    // All at once, or each half by itself: a few that cannot be applied among many cost a few tries.
    private static void ApplyHalves(List<LedgerFact> facts, List<ArrivedFact> more, Dictionary<long, string> reasons)
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

        ApplyHalves(facts, more[..(more.Count / 2)], reasons);
        ApplyHalves(facts, more[(more.Count / 2)..], reasons);
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

    private static Knowledge KnowledgeOf(List<LedgerFact> facts) =>
        Knowledge.Of(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(facts), Policy.Standard);

    private static Account AccountOf(List<LedgerFact> facts) =>
        Account.Of(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(facts), Policy.Standard);
}
