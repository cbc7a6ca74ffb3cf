using Churn.Metrics.Consumers;
using Churn.ServiceDefaults.Leases;
using Churn.ServiceDefaults.Streams;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Churn.Metrics;

/// <summary>Reads off the consumer of the facts how far the ledger has come; it is ready for calls when all that this process holds is loaded.</summary>
internal sealed class LedgerProgress(
    [FromKeyedServices(MetricsHost.Facts)] StreamConsumer consumer, [FromKeyedServices(MetricsHost.Facts)] LeaseHolder leases, FactsHandler handler)
    : ILedgerProgress, IHealthCheck
{
    private bool _hasCaughtUp;

    // What was recorded before a stop may not have been applied then: a ledger that has it not yet would say that nobody pays. Once all
    // was there, a shard that moves makes only those wait who ask for it.
    public bool IsReady
    {
        get
        {
            if (!Volatile.Read(ref _hasCaughtUp) && consumer.IsReady && leases.Held.All(lease => consumer.PlaceOf(lease.Shard).Closed > 0))
            {
                Volatile.Write(ref _hasCaughtUp, true);
            }

            return Volatile.Read(ref _hasCaughtUp);
        }
    }

    /// <summary>Tells whether no shard that this process holds is being loaded now.</summary>
    public bool IsWhole => IsReady && consumer.IsReady;

    public Task NextChange => consumer.NextApplied;

    public void Look(Span<ShardProgress> shards)
    {
        // Who slept through the end of its leases does not know yet who has them now.
        var sure = leases.IsSure;
        for (var shard = 0; shard < shards.Length; shard++)
        {
            var place = consumer.PlaceOf(shard);
            shards[shard] = new ShardProgress(
                sure && place.Closed > 0 ? place.Term : 0, place.Applied, place.Head, place.Closed, handler.QuarantinedIn(shard));
        }
    }

    public Task WaitAppliedAsync(ConsistencyToken token, CancellationToken cancellationToken) => consumer.WaitAppliedAsync(token, cancellationToken);

    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(IsReady ? HealthCheckResult.Healthy() : HealthCheckResult.Unhealthy("The ledger is being read from disk, or catches up with the log."));
}
