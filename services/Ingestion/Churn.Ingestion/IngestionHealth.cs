using Churn.Ingestion.Storage;
using Churn.ServiceDefaults.Storage;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Churn.Ingestion;

/// <summary>Says whether facts can be read. A full disk is no reason to send calls elsewhere: they are told so, and reads go on.</summary>
internal sealed class IngestionHealth(FactsStore store) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        try
        {
            store.Database.Read(connection => connection.Prepare("SELECT count(*) FROM source").Step(), cancellationToken);
            return Task.FromResult(HealthCheckResult.Healthy());
        }
        catch (Exception exception) when (exception is StorageException or ObjectDisposedException)
        {
            return Task.FromResult(HealthCheckResult.Unhealthy("The facts cannot be read.", exception));
        }
    }
}
