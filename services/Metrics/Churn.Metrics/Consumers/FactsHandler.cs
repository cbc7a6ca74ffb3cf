using Churn.Metrics.Books;
using Churn.Metrics.Domain;
using Churn.Metrics.Storage;
using Churn.ServiceDefaults.Leases;
using Churn.ServiceDefaults.Storage;
using Churn.ServiceDefaults.Streams;
using Churn.ServiceDefaults.Threads;
using LedgerFact = Churn.Metrics.Domain.Fact;

namespace Churn.Metrics.Consumers;

/// <summary>Makes the ledger of the stream of facts: facts to disk in one transaction a batch, then accounts into the books.</summary>
internal sealed class FactsHandler(LedgerStore store, Shelf shelf, TimeProvider clock) : IStreamHandler, IDisposable
{
    private static readonly Account None = new([], new Dictionary<string, string>(StringComparer.Ordinal));
    private readonly QuietThread _thread = new("ledger");
    private long _quarantined;

    /// <summary>Gives the facts that could not be applied.</summary>
    public long Quarantined => Volatile.Read(ref _quarantined);

    private int Today => Calendar.DayOf((clock.GetUtcNow().UtcTicks - DateTimeOffset.UnixEpoch.Ticks) / 10);

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
                foreach (var fact in facts)
                {
                    ledgerFacts.Add(fact.FromWire(shelf.Vocabulary.Plans));
                }

                shelf.BookOf(lease.Shard, tenant).Put(customer, AccountOf(ledgerFacts), Today);
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
            LeaseTable.Check(connection, pages.Select(page => page.Lease));

            var count = batch.Unreadable.Count;
            foreach (var customer in batch.Customers)
            {
                accounts.Add((customer, Apply(connection, customer, ref count)));
            }

            foreach (var bad in batch.Unreadable)
            {
                LedgerStore.Quarantine(connection, bad.Shard, bad.Tenant, bad.Offset, bad.RecordTime, bad.Reason, bad.Record.Span);
            }

            foreach (var page in pages)
            {
                LedgerStore.SetApplied(connection, page.Applied);
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

    // What cannot be applied is put aside by itself: the customer's other facts count.
    private Account Apply(DatabaseConnection connection, Customer customer, ref int quarantined)
    {
        var facts = new List<LedgerFact>();
        if (shelf.BookOf(customer.Shard, customer.Tenant).Holds(customer.Id))
        {
            foreach (var fact in LedgerStore.FactsOf(connection, customer.Shard, customer.Tenant, customer.Id))
            {
                facts.Add(fact.FromWire(shelf.Vocabulary.Plans));
            }
        }

        var known = facts.Count;
        var reasons = new string?[customer.Facts.Count];
        facts.AddRange(customer.Facts.Select(arrived => arrived.Fact));
        if (Try(facts, out var account) is not null)
        {
            facts.RemoveRange(known, reasons.Length);
            ApplyHalves(facts, [.. customer.Facts.Select((arrived, place) => (arrived.Fact, place))], reasons);
            account = AccountOf(facts);
        }

        for (var i = 0; i < customer.Facts.Count; i++)
        {
            var arrived = customer.Facts[i];
            if (reasons[i] is { } reason)
            {
                LedgerStore.Quarantine(
                    connection, customer.Shard, customer.Tenant, arrived.Offset, arrived.RecordTime, reason, arrived.Record.Span);
                quarantined++;
            }
            else
            {
                LedgerStore.AddFact(
                    connection, customer.Shard, customer.Tenant, customer.Id, arrived.Offset, arrived.RecordTime, arrived.Record.Span);
            }
        }

        return account;
    }

    // All at once, or each half by itself: a few that cannot be applied among many cost a few tries.
    private static void ApplyHalves(List<LedgerFact> facts, List<(LedgerFact Fact, int Place)> more, string?[] reasons)
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
            reasons[more[0].Place] = reason;
            return;
        }

        ApplyHalves(facts, more[..(more.Count / 2)], reasons);
        ApplyHalves(facts, more[(more.Count / 2)..], reasons);
    }

    private static string? Try(List<LedgerFact> facts, out Account account)
    {
        try
        {
            account = AccountOf(facts);
            return null;
        }
        catch (Exception e) when (e is OverflowException or ArgumentException)
        {
            account = None;
            return e is OverflowException ? "with it the customer's MRR exceeds 9223372036854775807 micros" : e.Message;
        }
    }

    private static Account AccountOf(List<LedgerFact> facts) =>
        Account.Of(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(facts), Policy.Standard);
}
