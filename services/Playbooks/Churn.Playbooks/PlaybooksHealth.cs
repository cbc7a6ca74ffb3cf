using Churn.ServiceDefaults.Streams;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Churn.Playbooks;

/// <summary>Says that playbooks are ready when every shard of the signals has an owner.</summary>
internal sealed class PlaybooksHealth([FromKeyedServices(PlaybooksHost.Signals)] StreamConsumer consumer) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(consumer.IsReady ? HealthCheckResult.Healthy() : HealthCheckResult.Unhealthy("The shards of the signals are being taken."));
}
