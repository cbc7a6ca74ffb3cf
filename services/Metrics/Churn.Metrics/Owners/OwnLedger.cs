using Churn.Metrics.Books;
using Churn.Metrics.Reads;
using Churn.ServiceDefaults.Streams;

namespace Churn.Metrics.Owners;

/// <summary>Holds what an owner, or several together, answered.</summary>
/// <param name="State">How far the shards were before.</param>
/// <param name="Part">The answer.</param>
/// <param name="Source">Where it came from.</param>
internal sealed record LedgerAnswer<T>(LedgerState State, T Part, V1.FiguresSource Source);

/// <summary>Answers for the shards that this process holds.</summary>
internal sealed class OwnLedger(Shelf shelf, ILedgerProgress progress, TimeProvider clock)
{
    // How often one who waits for a write makes sure that it will be applied here.
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(500);

    /// <summary>Gives the shards that are held, loaded and caught up.</summary>
    public ShardSet Held
    {
        get
        {
            Span<ShardProgress> shards = stackalloc ShardProgress[Shards.Count];
            progress.Look(shards);
            var held = default(ShardSet);
            for (var shard = 0; shard < shards.Length; shard++)
            {
                held = shards[shard].Term > 0 ? held.With(shard) : held;
            }

            return held;
        }
    }

    /// <summary>Answers a question for shards; null where one of them is not held, for an answer is never in part.</summary>
    /// <param name="question">The question.</param>
    /// <param name="read">Whose customers, in which currency, as of when.</param>
    /// <param name="shards">The shards.</param>
    /// <param name="terms">The terms under which they are to be held, by shard; empty for any.</param>
    public LedgerAnswer<T>? Answer<T>(Question<T> question, Read read, ShardSet shards, ReadOnlySpan<long> terms = default)
    {
        Span<ShardProgress> before = stackalloc ShardProgress[Shards.Count];
        progress.Look(before);
        if (!AreHeld(before, shards, terms) || shelf.BooksOf(read.Tenant, shards) is not { } books)
        {
            return null;
        }

        // The books of a shard that was given up and taken again in between may be empty still.
        Span<ShardProgress> after = stackalloc ShardProgress[Shards.Count];
        progress.Look(after);
        foreach (var shard in shards)
        {
            if (after[shard].Term != before[shard].Term)
            {
                return null;
            }
        }

        var state = LedgerState.Of(ProgressOf(before, shards), books, shelf.Vocabulary);
        return new LedgerAnswer<T>(state, question.Answer(new OwnBooks(shelf, books, read)), V1.FiguresSource.Ledger);
    }

    /// <summary>Waits until what a token stands for is applied in shards; false where one of them is not held any more.</summary>
    public async ValueTask<bool> WaitAsync(ConsistencyToken token, ShardSet shards, CancellationToken cancellationToken)
    {
        var here = ConsistencyToken.Of(Points(token, shards));
        if (here.IsEmpty)
        {
            return true;
        }

        var applied = progress.WaitAppliedAsync(here, cancellationToken);
        while (!applied.IsCompleted)
        {
            await Task.WhenAny(applied, Task.Delay(Look, clock, cancellationToken));
            cancellationToken.ThrowIfCancellationRequested();
            if (!applied.IsCompleted && !shards.Except(Held).IsEmpty)
            {
                return false;
            }
        }

        await applied;
        return true;
    }

    private static List<(int Shard, long Offset)> Points(ConsistencyToken token, ShardSet shards)
    {
        var points = new List<(int, long)>();
        foreach (var shard in shards)
        {
            points.Add((shard, token.Offset(shard)));
        }

        return points;
    }

    private static bool AreHeld(ReadOnlySpan<ShardProgress> progress, ShardSet shards, ReadOnlySpan<long> terms)
    {
        foreach (var shard in shards)
        {
            if (progress[shard].Term == 0 || (!terms.IsEmpty && terms[shard] != progress[shard].Term))
            {
                return false;
            }
        }

        return true;
    }

    private static (long Watermark, long Lag, long Quarantined) ProgressOf(ReadOnlySpan<ShardProgress> progress, ShardSet shards)
    {
        var (watermark, lag, quarantined) = (long.MaxValue, 0L, 0L);
        foreach (var shard in shards)
        {
            watermark = Math.Min(watermark, progress[shard].Closed);
            lag += Math.Max(0, progress[shard].Head - progress[shard].Applied);
            quarantined += progress[shard].Quarantined;
        }

        return (watermark, lag, quarantined);
    }
}
