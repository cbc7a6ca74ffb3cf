using System.Diagnostics;
using Churn.Metrics.Books;
using Churn.Metrics.Storage;
using Churn.ServiceDefaults.Leases;
using Churn.ServiceDefaults.Telemetry;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Churn.Metrics.Signals;

/// <summary>Raises what time brings about, when the clock has passed it and no fact recorded until then is still to come.</summary>
/// <remarks>
/// Whatever is due when a fact comes is raised before it, by the handler of facts; here is raised what no fact follows on. So the
/// order is that of the instants, however late either of them looks.
/// </remarks>
internal sealed partial class DueSignals(
    LedgerStore store, Shelf shelf, SignalLog log, Func<IReadOnlyList<Lease>> held, Func<int, long> closedThrough, TimeProvider clock, ILogger<DueSignals> logger)
    : BackgroundService
{
    private const int MostAtOnce = 200;

    private static readonly TimeSpan Every = TimeSpan.FromSeconds(1);

    private bool _failing;

    /// <summary>Raises all that is due, and gives how many customers it was for.</summary>
    public int Raise()
    {
        var count = 0;
        foreach (var lease in held())
        {
            int raised;
            do
            {
                raised = Raise(lease);
                count += raised;
            }
            while (raised == MostAtOnce);
        }

        return count;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield();
        using var timer = new PeriodicTimer(Every, clock);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                try
                {
                    Raise();
                    _failing = false;
                }
                catch (LeaseLostException)
                {
                    // Its new owner raises them; what is held is asked again.
                }
                catch (Exception exception)
                {
                    if (!_failing)
                    {
                        LogFailing(exception);
                    }

                    _failing = true;
                }
            }
        }
        catch (OperationCanceledException)
        {
            // It was told to end.
        }
    }

    // A long backlog of one shard is not written in one transaction.
    private int Raise(Lease lease)
    {
        var now = (clock.GetUtcNow().UtcTicks - DateTimeOffset.UnixEpoch.Ticks) / 10;
        var until = Math.Min(now, closedThrough(lease.Shard));

        // Looked at beside the writer first: nearly always there is nothing.
        if (store.Read(connection => DueTable.By(connection, lease.Shard, until, 1)).Count == 0)
        {
            return 0;
        }

        using var span = Causes.Begin("raise due signals", ActivityKind.Internal, []);
        return store.Write(connection =>
        {
            LeaseTable.Check(connection, [lease]);
            var customers = DueTable.By(connection, lease.Shard, until, MostAtOnce);
            var keys = customers.ConvertAll(of => new CustomerKey(lease.Shard, of.Tenant, of.Customer));
            var dues = DueTable.Of(connection, keys);
            var facts = LedgerStore.FactsOf(connection, keys);
            var days = UsageTable.DaysOf(connection, [.. customers.Select((of, i) => (keys[i], CustomerSignals.FirstDay(of.At - 1)))]);
            var silentThrough = LedgerStore.SilentThrough(connection, [lease.Shard])[lease.Shard];
            var raised = new List<RaisedSignal>();
            var changes = new List<(CustomerKey, Due, Due)>();
            for (var i = 0; i < customers.Count; i++)
            {
                var (tenant, customer, at) = customers[i];
                var signals = CustomerSignals.Open(customer, shelf.Vocabulary.Plans, at - 1, silentThrough, facts[i], days[i]);
                raised.AddRange(signals.Pass(until).Where(signal => CustomerSignals.IsNews(signal, now)).Select(signal => new RaisedSignal(lease.Shard, tenant, signal)));
                changes.Add((keys[i], dues[i], new Due(signals.NextOfFacts(until), signals.NextOfUsage(until))));
            }

            DueTable.Set(connection, changes);
            log.Append(connection, raised);
            return customers.Count;
        });
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "What time brings about cannot be raised; it is tried again.")]
    private partial void LogFailing(Exception exception);
}
