using Churn.ServiceDefaults.Streams;

namespace Churn.Metrics.Owners;

/// <summary>Holds what one owner has told: how far its shards are, and which sums of theirs hold in Redis.</summary>
internal sealed class HeardOwner
{
    private readonly Dictionary<string, long>[] _sums =
        [.. Enumerable.Range(0, Shards.Count).Select(_ => new Dictionary<string, long>(StringComparer.Ordinal))];

    private readonly ulong[] _lives = new ulong[Shards.Count];
    private V1.ShardMark?[] _shards = new V1.ShardMark?[Shards.Count];

    /// <summary>Gives when it was heard last.</summary>
    public long At { get; private set; }

    /// <summary>Takes in what it tells.</summary>
    public void Hear(V1.FollowResponse news, long at)
    {
        At = at;
        var marks = new V1.ShardMark?[Shards.Count];
        foreach (var mark in news.Shards.Where(mark => mark.Shard is >= 0 and < Shards.Count))
        {
            marks[mark.Shard] = mark;

            // An owner that is unsure of a shard for a while does not tell its sums again; another life has others. 0 is none yet.
            if (mark.Life != 0 && mark.Life != _lives[mark.Shard])
            {
                _lives[mark.Shard] = mark.Life;
                _sums[mark.Shard].Clear();
            }
        }

        _shards = marks;
        foreach (var sums in news.Sums.Where(sums => sums.Shard is >= 0 and < Shards.Count))
        {
            _sums[sums.Shard][sums.Tenant] = sums.Offset;
        }
    }

    /// <summary>Gives what it says of a shard; null where it says nothing.</summary>
    public OwnerMark? MarkOf(int shard, string tenant) => _shards[shard] is { } mark
        ? new OwnerMark(mark, _sums[shard].TryGetValue(tenant, out var offset) ? offset : null)
        : null;
}
