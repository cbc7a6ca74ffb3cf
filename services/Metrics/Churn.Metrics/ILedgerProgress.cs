using Churn.ServiceDefaults.Streams;

namespace Churn.Metrics;

/// <summary>Holds how far the ledger of one shard has come in this process.</summary>
/// <param name="Term">The term under which it is held, loaded and has caught up with the log once; 0 where it is not.</param>
/// <param name="Applied">The last offset applied.</param>
/// <param name="Head">The last offset that the log is known to have.</param>
/// <param name="Closed">The instant until which every fact recorded is applied, in microseconds.</param>
/// <param name="Quarantined">The facts that could not be applied.</param>
internal readonly record struct ShardProgress(long Term, long Applied, long Head, long Closed, long Quarantined);

/// <summary>Tells how far the ledger has come along the stream of facts.</summary>
internal interface ILedgerProgress
{
    /// <summary>Tells whether the shards of this process are loaded, and have caught up with the log once since the start.</summary>
    bool IsReady { get; }

    /// <summary>Looks at all shards at one moment.</summary>
    /// <param name="shards">Where they go, by shard; as many as there are.</param>
    void Look(Span<ShardProgress> shards);

    /// <summary>Waits until all that a token stands for is applied in this process.</summary>
    Task WaitAppliedAsync(ConsistencyToken token, CancellationToken cancellationToken);

    /// <summary>Gives a task that ends when something more is applied; taken before one looks, nothing is missed.</summary>
    Task NextChange { get; }
}
