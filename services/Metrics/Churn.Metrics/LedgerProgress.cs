using Churn.Metrics.Consumers;
using Churn.ServiceDefaults.Streams;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Churn.Metrics;

/// <summary>Reads off the consumer of the facts how far the ledger has come; it is ready for calls when all of it is loaded.</summary>
internal sealed class LedgerProgress([FromKeyedServices(MetricsHost.Facts)] StreamConsumer consumer, FactsHandler handler)
    : ILedgerProgress, IHealthCheck
{
    public bool IsReady => consumer.IsReady;

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
        consumer.WaitAppliedAsync(ConsistencyToken.Parse(token), cancellationToken);

    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(IsReady ? HealthCheckResult.Healthy() : HealthCheckResult.Unhealthy("The ledger is being read from disk."));
}
