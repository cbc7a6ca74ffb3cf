namespace Churn.ServiceDefaults.Streams;

/// <summary>Sets how a <see cref="StreamConsumer"/> reads.</summary>
public sealed record StreamConsumerOptions
{
    /// <summary>Names the stream.</summary>
    public required string Stream { get; init; }

    /// <summary>Gives about how many bytes of records, over all shards, are applied in one transaction.</summary>
    public int MostBytes { get; init; } = 1 << 20;

    /// <summary>Gives after how long without any news the log is asked for its heads.</summary>
    public TimeSpan Silence { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Gives the longest wait between attempts that fail.</summary>
    public TimeSpan LongestBackoff { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Gives the seed of the chance in those waits, so that replicas do not all come at once.</summary>
    public int Seed { get; init; }
}
