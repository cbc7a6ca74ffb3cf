namespace Churn.ServiceDefaults.Streams;

/// <summary>Says that a log no longer holds what a consumer has applied: the shard is to be rebuilt from the log.</summary>
/// <param name="shard">The shard.</param>
/// <param name="message">What was found.</param>
public sealed class StreamRolledBackException(int shard, string message) : Exception(message)
{
    /// <summary>Gives the shard.</summary>
    public int Shard => shard;
}
