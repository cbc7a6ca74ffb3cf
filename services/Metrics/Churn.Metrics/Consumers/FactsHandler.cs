using Churn.Metrics.Books;
using Churn.Metrics.Domain;
using Churn.Metrics.Signals;
using Churn.Metrics.Storage;
using Churn.Metrics.Sums;
using Churn.ServiceDefaults.Leases;
using Churn.ServiceDefaults.Streams;
using Churn.ServiceDefaults.Threads;
using LedgerFact = Churn.Metrics.Domain.Fact;

namespace Churn.Metrics.Consumers;

/// <summary>Makes the ledger of the stream of facts: facts and signals to disk in one transaction a batch, then accounts into the books.</summary>
internal sealed class FactsHandler(LedgerStore store, Shelf shelf, SignalLog signals, HotFields fields, TimeProvider clock) : IStreamHandler, IDisposable
{
    private readonly QuietThread _thread = new("ledger");
    private readonly long[] _quarantined = new long[Shards.Count];

    /// <summary>Gives the facts of a shard that could not be applied.</summary>
    public long QuarantinedIn(int shard) => Volatile.Read(ref _quarantined[shard]);

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
            fields.Open(lease, points[^1].Offset, shelf.TenantsOf(lease.Shard));
            Volatile.Write(ref _quarantined[lease.Shard], store.CountQuarantined(lease.Shard));
        }

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

        // A lease, the point applied and the rows of a shard's customers are this process's alone until the transaction ends.
        var (accounts, quarantined) = store.Write(
            connection =>
            {
                AppliedRows.Advance(connection, pages);
                var work = new BatchWork(connection, shelf, Now);
                work.Apply(batch, LedgerStore.SilentThrough(connection, pages.Select(page => page.Lease.Shard)));
                signals.Append(connection, work.Raised);
                return (work.Accounts, work.Quarantined);
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

        foreach (var page in pages)
        {
            fields.Changed(page.Lease.Shard, page.Applied.Offset, accounts.Where(a => a.Customer.Shard == page.Lease.Shard).Select(a => a.Customer.Tenant).Distinct());
            Interlocked.Add(ref _quarantined[page.Lease.Shard], quarantined[page.Lease.Shard]);
        }
    }

    public Task ResetAsync(Lease lease, CancellationToken cancellationToken)
    {
        store.Write(connection =>
        {
            LeaseTable.Check(connection, [lease]);
            LedgerStore.Drop(connection, lease.Shard);
        });
        shelf.Open(lease.Shard);
        fields.Open(lease, 0, []);
        Volatile.Write(ref _quarantined[lease.Shard], 0);
        return Task.CompletedTask;
    }

    public Task GiveUpAsync(IReadOnlyList<int> shards, CancellationToken cancellationToken)
    {
        foreach (var shard in shards)
        {
            shelf.Close(shard);
            fields.Close(shard);
        }

        return Task.CompletedTask;
    }

    private static Account AccountOf(List<LedgerFact> facts) =>
        Account.Of(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(facts), Policy.Standard);
}
