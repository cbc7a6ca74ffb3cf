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
            store.Database.Read(
                connection =>
                {
                    // A row that is left unread would hold the connection for the next one.
                    var sources = connection.Prepare("SELECT count(*) FROM source");
                    sources.Step();
                    sources.Rewind();
                    return true;
                },
                cancellationToken);
            return Task.FromResult(HealthCheckResult.Healthy());
        }
        catch (Exception exception) when (exception is StorageException or ObjectDisposedException)
        {
            return Task.FromResult(HealthCheckResult.Unhealthy("The facts cannot be read.", exception));
        }
    }
}
