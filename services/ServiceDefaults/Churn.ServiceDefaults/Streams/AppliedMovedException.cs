namespace Churn.ServiceDefaults.Streams;

/// <summary>Says that a shard is applied to another point than its consumer believes: it is to be taken anew, from what is stored.</summary>
/// <param name="shard">The shard.</param>
/// <param name="offset">The last offset that is applied.</param>
public sealed class AppliedMovedException(int shard, long offset) : Exception($"Shard {shard} is applied through {offset}, which is not where this process left it.")
{
    /// <summary>Gives the shard.</summary>
    public int Shard => shard;
}
