namespace Churn.Ingestion;

/// <summary>Says how the ingestion service is set up.</summary>
internal sealed record IngestionOptions
{
    /// <summary>The folder of the database of facts.</summary>
    public required string DataFolder { get; init; }
}
