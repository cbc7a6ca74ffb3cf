using Churn.ServiceDefaults.Storage;

namespace Churn.Metrics;

/// <summary>Says how the metrics service is set up.</summary>
internal sealed record MetricsOptions
{
    /// <summary>Gives the folder of the ledger's database.</summary>
    public required string DataFolder { get; init; }

    /// <summary>Gives the PostgreSQL that holds it instead of a file; null for a file.</summary>
    public PostgresOptions? Postgres { get; init; }

    /// <summary>Gives the name under which leases are held; the same one takes its own back at once after a crash.</summary>
    public string Owner { get; init; } = "embedded";

    /// <summary>Gives where other replicas call this one.</summary>
    public string Address { get; init; } = "";

    /// <summary>Gives the Redis that holds the sums of rolling windows for all replicas; null where there is none.</summary>
    public StackExchange.Redis.ConfigurationOptions? Redis { get; init; }

    /// <summary>Gives the attributes by which the sums of rolling windows are kept current; others are scanned for.</summary>
    public IReadOnlyList<string> KeptSegments { get; init; } = ["size", "industry", "country", "plan_tier", "channel", "entry_offer"];
}
