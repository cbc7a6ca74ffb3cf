namespace Churn.ServiceDefaults.Streams;

/// <summary>Reads a stream's log, wherever it is: in this process or behind gRPC.</summary>
public interface IStreamSource
{
    /// <summary>Gives the head of every shard, by shard.</summary>
    ValueTask<IReadOnlyList<ShardHead>> HeadsAsync(CancellationToken cancellationToken);

    /// <summary>Gives the next chunks of a shard.</summary>
    /// <param name="shard">The shard.</param>
    /// <param name="after">The last offset that the reader has: the last one of a chunk, or 0.</param>
    /// <param name="mostBytes">About how many bytes of records to give; at least one chunk comes where there is one.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="StreamRolledBackException">The shard's head is before <paramref name="after"/>, or no chunk ends there.</exception>
    ValueTask<StreamPage> ReadAsync(int shard, long after, int mostBytes, CancellationToken cancellationToken);
}
