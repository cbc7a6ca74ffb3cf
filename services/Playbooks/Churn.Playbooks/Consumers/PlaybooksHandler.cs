using Churn.Playbooks.Storage;
using Churn.ServiceDefaults.Leases;
using Churn.ServiceDefaults.Streams;
using Churn.ServiceDefaults.Threads;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using WireSignal = Churn.Metrics.V1.Signal;

namespace Churn.Playbooks.Consumers;

/// <summary>Makes runs of the stream of signals: states, requests and the point applied in one transaction a batch.</summary>
internal sealed partial class PlaybooksHandler(
    PlaybooksStore store, Policies policies, [FromKeyedServices(PlaybooksHost.Requests)] StreamLog requests, ILogger<PlaybooksHandler> logger)
    : IStreamHandler, IDisposable
{
    private const int MostCustomers = 500;

    private readonly QuietThread _thread = new("playbooks");
    private long _quarantined;

    /// <summary>Gives the records and timers that could not be applied.</summary>
    public long Quarantined => Volatile.Read(ref _quarantined);

    public Task<IReadOnlyList<AppliedPoint>> TakeAsync(IReadOnlyList<Lease> leases, CancellationToken cancellationToken)
    {
        Volatile.Write(ref _quarantined, store.CountQuarantined());
        return Task.FromResult<IReadOnlyList<AppliedPoint>>([.. leases.Select(lease => store.AppliedOf(lease.Shard))]);
    }

    public Task ApplyAsync(IReadOnlyList<ShardPage> pages, CancellationToken cancellationToken) => _thread.RunAsync(() => Write(connection => AppliedRows.Advance(connection, pages), (_, desk) =>
    {
        foreach (var page in pages)
        {
            foreach (var chunk in page.Page.Chunks)
            {
                Take(desk, page.Lease.Shard, chunk);
            }
        }
    }));

    /// <summary>Fires timers that are due, of shards that are held, up to a number of customers; gives how many customers had some.</summary>
    /// <param name="due">The leases, and for each by when.</param>
    public async Task<int> FireAsync(IReadOnlyList<(Lease Lease, long Until)> due)
    {
        var count = 0;
        await _thread.RunAsync(() => Write(connection => LeaseTable.Check(connection, due.Select(of => of.Lease)), (connection, desk) =>
        {
            foreach (var (lease, until) in due)
            {
                foreach (var (tenant, customer) in PlaybooksStore.Due(connection, lease.Shard, until, MostCustomers - count))
                {
                    desk.FireDue(lease.Shard, tenant, customer, until);
                    count++;
                }
            }
        }));
        return count;
    }

    public Task ResetAsync(Lease lease, CancellationToken cancellationToken)
    {
        store.Write(connection =>
        {
            LeaseTable.Check(connection, [lease]);
            PlaybooksStore.Drop(connection, lease.Shard);
        });
        Volatile.Write(ref _quarantined, store.CountQuarantined());
        return Task.CompletedTask;
    }

    public Task GiveUpAsync(IReadOnlyList<int> shards, CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose() => _thread.Dispose();

    private void Write(Action<ServiceDefaults.Storage.DatabaseConnection> check, Action<ServiceDefaults.Storage.DatabaseConnection, Desk> work)
    {
        var quarantined = store.Write(connection =>
        {
            check(connection);
            var desk = new Desk(connection, policies, requests);
            work(connection, desk);
            desk.Save();
            return desk.Quarantined;
        });
        if (quarantined > 0)
        {
            Interlocked.Add(ref _quarantined, quarantined);
            LogPutAside(quarantined);
        }
    }

    private static void Take(Desk desk, int shard, StreamChunk chunk)
    {
        var offset = chunk.FirstOffset;
        foreach (var record in chunk.Read())
        {
            try
            {
                desk.Take(shard, chunk.Tenant, WireSignal.Parser.ParseFrom(record.Span).FromWire(), record);
            }
            catch (Exception exception) when (Desk.IsUndecidable(exception))
            {
                desk.PutAside(shard, chunk.Tenant, offset, chunk.RecordTime, exception.Message, record.Span);
            }

            offset++;
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Count} signals or timers could not be decided on; the table quarantine says why, and the others go on.")]
    private partial void LogPutAside(int count);
}
