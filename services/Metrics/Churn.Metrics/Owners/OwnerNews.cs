using Churn.Metrics.Sums;
using Churn.ServiceDefaults.Streams;

namespace Churn.Metrics.Owners;

/// <summary>Tells those who follow this process how far its shards are.</summary>
internal sealed class OwnerNews(ILedgerProgress progress, HotFields fields)
{
    /// <summary>Comes before everything that is told.</summary>
    public const long Start = 0;

    /// <summary>Gives how long there is silence at most.</summary>
    public static readonly TimeSpan Heartbeat = TimeSpan.FromMilliseconds(500);

    /// <summary>Gives over how long changes are told together.</summary>
    public static readonly TimeSpan Together = TimeSpan.FromMilliseconds(25);

    /// <summary>Gives a task that ends when there is something to tell; taken before one looks, nothing is missed.</summary>
    public Task NextChange => Task.WhenAny(progress.NextChange, fields.NextChange);

    /// <summary>Tells what is new since a place, and the place to go on from.</summary>
    public (V1.FollowResponse News, long Place) Since(long place)
    {
        Span<ShardProgress> shards = stackalloc ShardProgress[Shards.Count];
        progress.Look(shards);
        var news = new V1.FollowResponse();
        for (var shard = 0; shard < shards.Length; shard++)
        {
            var (term, applied, head, closed, quarantined) = shards[shard];
            if (term > 0)
            {
                news.Shards.Add(new V1.ShardMark
                {
                    Shard = shard,
                    Term = term,
                    Applied = applied,
                    Flushed = -1,
                    Watermark = closed,
                    Lag = Math.Max(0, head - applied),
                    Quarantined = quarantined,
                });
            }
        }

        return (news, fields.Tell(news, place));
    }
}
