using Churn.ServiceDefaults.Leases;

namespace Churn.ServiceDefaults.Streams;

/// <summary>Holds how far a consumer has applied one shard.</summary>
/// <param name="Shard">The shard.</param>
/// <param name="Offset">The last offset applied: the last one of a chunk, or 0.</param>
/// <param name="Hash">The shard's running hash there.</param>
public readonly record struct AppliedPoint(int Shard, long Offset, UInt128 Hash);

/// <summary>Holds chunks of one shard that follow on what is applied, to be applied under a lease.</summary>
/// <param name="Lease">The lease under which the effects are committed.</param>
/// <param name="Page">The chunks; at least one.</param>
public sealed record ShardPage(Lease Lease, StreamPage Page)
{
    /// <summary>Gives how far the shard is applied when the page is.</summary>
    public AppliedPoint Applied => new(Lease.Shard, Page.Chunks[^1].LastOffset, Page.Chunks[^1].Hash);
}

/// <summary>Makes something of a stream's records: what a consumer of it provides. It is called by one caller at a time.</summary>
public interface IStreamHandler
{
    /// <summary>Loads the state of shards that this process has just taken, and gives how far each is applied.</summary>
    Task<IReadOnlyList<AppliedPoint>> TakeAsync(IReadOnlyList<Lease> leases, CancellationToken cancellationToken);

    /// <summary>Applies pages of different shards in one transaction, which also keeps <see cref="ShardPage.Applied"/> and checks the terms.</summary>
    /// <remarks>A record that cannot be applied, however often it is tried, is put aside in the same transaction and counted.</remarks>
    /// <exception cref="LeaseLostException">A lease is no longer held: nothing is applied.</exception>
    Task ApplyAsync(IReadOnlyList<ShardPage> pages, CancellationToken cancellationToken);

    /// <summary>Drops all of a shard's effects: its log was rolled back and will be read from the beginning.</summary>
    Task ResetAsync(Lease lease, CancellationToken cancellationToken);

    /// <summary>Drops the memory of shards that this process no longer holds; what is on disk stays.</summary>
    Task GiveUpAsync(IReadOnlyList<int> shards, CancellationToken cancellationToken);
}
