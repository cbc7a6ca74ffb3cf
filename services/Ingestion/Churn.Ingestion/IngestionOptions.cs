using Churn.ServiceDefaults.Storage;

namespace Churn.Ingestion;

/// <summary>Says how the ingestion service is set up.</summary>
internal sealed record IngestionOptions
{
    /// <summary>The folder of the database of facts.</summary>
    public required string DataFolder { get; init; }

    /// <summary>Gives the PostgreSQL that holds it instead of a file; null for a file.</summary>
    public PostgresOptions? Postgres { get; init; }
}
