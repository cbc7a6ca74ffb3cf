using Churn.Metrics.Consumers;
using Churn.ServiceDefaults.Streams;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Churn.Metrics;

/// <summary>Reads off the consumer of the facts how far the ledger has come; it is ready for calls when all of it is loaded.</summary>
internal sealed class LedgerProgress([FromKeyedServices(MetricsHost.Facts)] StreamConsumer consumer, FactsHandler handler)
    : ILedgerProgress, IHealthCheck
{
    private bool _hasCaughtUp;

    // What was recorded before a stop may not have been applied then: a ledger that has it not yet would say that nobody pays.
    public bool IsReady
    {
        get
        {
            if (!consumer.IsReady)
            {
                return false;
            }

            if (!Volatile.Read(ref _hasCaughtUp) && Watermark > 0)
            {
                Volatile.Write(ref _hasCaughtUp, true);
            }

            return Volatile.Read(ref _hasCaughtUp);
        }
    }

    public long Lag => consumer.LagRecords;

    // Complete is what is complete in every shard.
    public long Watermark
    {
        get
        {
            var watermark = long.MaxValue;
            for (var shard = 0; shard < Shards.Count; shard++)
            {
                watermark = Math.Min(watermark, consumer.ClosedThrough(shard));
            }

            return watermark;
        }
    }

    public long Quarantined => handler.Quarantined;

    public Task NextChange => consumer.NextApplied;

    public Task WaitAppliedAsync(string token, CancellationToken cancellationToken) =>
        consumer.WaitAppliedAsync(ConsistencyToken.ParseAll(token), cancellationToken);

    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(IsReady ? HealthCheckResult.Healthy() : HealthCheckResult.Unhealthy("The ledger is being read from disk, or catches up with the log."));
}
