namespace Churn.ServiceDefaults.Leases;

/// <summary>Holds the right to write one shard's effects.</summary>
/// <param name="Shard">The shard.</param>
/// <param name="Term">Grows by one with each taking: a commit under an older term is refused.</param>
public readonly record struct Lease(int Shard, long Term);

/// <summary>Says that a lease was lost to another owner: what was to be committed under it is not.</summary>
/// <param name="shard">The shard.</param>
public sealed class LeaseLostException(int shard) : Exception($"The lease of shard {shard} is held by another owner.")
{
    /// <summary>Gives the shard.</summary>
    public int Shard => shard;
}
