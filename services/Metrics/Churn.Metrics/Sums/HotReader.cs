using System.Collections.Concurrent;
using Churn.Metrics.Books;
using Churn.Metrics.Domain;
using Churn.Metrics.Owners;
using Churn.Metrics.Reads;

namespace Churn.Metrics.Sums;

/// <summary>Holds what Redis had for sure of a tenant's sums by one attribute.</summary>
/// <param name="Shards">The shards of which it did.</param>
/// <param name="State">How far they are; null where there are none.</param>
/// <param name="Values">What each of them has; a shard without the tenant's customers has nothing.</param>
/// <param name="Kept">Keeps what was added up for the calls that share what was read.</param>
internal sealed record HotAnswer(ShardSet Shards, LedgerState? State, IReadOnlyList<HotValue> Values, HotTotals Kept)
{
    /// <summary>Gives that nothing was there.</summary>
    public static readonly HotAnswer None = new(default, null, [], new HotTotals());

    /// <summary>Adds the sums of a currency up, by value; not to be changed.</summary>
    public Dictionary<int, WindowSums[]> SumsOf(string currency)
    {
        if (Kept.Find(Shards, currency, Values.Count) is { } known)
        {
            return known;
        }

        var sums = new Dictionary<int, WindowSums[]>();
        foreach (var ((of, value), windows) in Values.SelectMany(v => v.Sums))
        {
            if (of == currency)
            {
                HotSums.Merge(sums, value, windows);
            }
        }

        Kept.Keep(Shards, currency, Values.Count, sums);
        return sums;
    }
}

/// <summary>Keeps the sums that were added up last of what one look has read.</summary>
internal sealed class HotTotals
{
    private Entry? _last;

    public Dictionary<int, WindowSums[]>? Find(ShardSet shards, string currency, int values) =>
        Volatile.Read(ref _last) is { } last && last.Shards == shards && last.Values == values && last.Currency == currency ? last.Sums : null;

    public void Keep(ShardSet shards, string currency, int values, Dictionary<int, WindowSums[]> sums) =>
        Volatile.Write(ref _last, new Entry(shards, currency, values, sums));

    private sealed record Entry(ShardSet Shards, string Currency, int Values, Dictionary<int, WindowSums[]> Sums);
}

/// <summary>Reads sums from Redis that other owners keep current there, as far as these say that they hold.</summary>
internal sealed class HotReader(HotStore? store, OwnerFollower follower, Vocabulary vocabulary, TimeProvider clock)
{
    private static readonly TimeSpan Together = TimeSpan.FromMilliseconds(25);

    private readonly ConcurrentDictionary<string, Look> _looks = new(StringComparer.Ordinal);

    /// <summary>Reads what holds for sure of some shards; what is missing in the answer is the owners' to say.</summary>
    /// <param name="read">Whose sums, of today.</param>
    /// <param name="attribute">The attribute that is kept; empty for all customers.</param>
    /// <param name="shards">The shards.</param>
    public async ValueTask<HotAnswer> ReadAsync(Read read, string attribute, ShardSet shards)
    {
        if (store is null || shards.IsEmpty)
        {
            return HotAnswer.None;
        }

        var marks = follower.MarksOf(read.Tenant, shards).FindAll(m => m.Shard.Flushed >= read.Token.Offset(m.Shard.Shard) && m.Shard.Flushed >= 0 && m.Sums != -1);
        if (marks.Count == 0)
        {
            return HotAnswer.None;
        }

        var key = HotStore.KeyOf(read.Tenant, attribute);
        var look = LookAt(key, clock.GetTimestamp(), Together);
        if (await look.Reading is not { } values)
        {
            return HotAnswer.None;
        }

        // What was read for another call a moment ago may be older than what the owner has told since.
        if (marks.Exists(m => !Holds(m, values, read.Day)))
        {
            look = LookAt(key, clock.GetTimestamp(), TimeSpan.Zero);
            values = await look.Reading ?? values;
        }

        var sure = marks.FindAll(m => Holds(m, values, read.Day));
        if (sure.Count == 0)
        {
            return HotAnswer.None;
        }

        List<HotValue> found = [.. sure.Where(m => m.Sums is not null).Select(m => values[m.Shard.Shard])];
        var state = new LedgerState(
            sure.Min(m => m.Shard.Watermark),
            sure.Sum(m => m.Shard.Lag),
            sure.Sum(m => m.Shard.Quarantined),
            [.. found.SelectMany(v => v.Currencies).Distinct().Order(StringComparer.Ordinal)],
            [.. found.SelectMany(v => v.Attributes).Distinct().Order(StringComparer.Ordinal)]);
        return new HotAnswer(ShardSet.Of(sure.Select(m => m.Shard.Shard)), state, found, look.Totals);
    }

    // Another life or term is another owner's, or from before the log or the leases were restored.
    private static bool Holds(OwnerMark mark, Dictionary<int, HotValue> values, int day) => mark.Sums is null
        || (values.TryGetValue(mark.Shard.Shard, out var value)
            && value.Term == mark.Shard.Term && value.Life == mark.Shard.Life && value.Offset >= mark.Sums && value.Day == day);

    // Calls that come while one reads, or just after, share what it reads.
    private Look LookAt(string key, long now, TimeSpan age)
    {
        while (true)
        {
            var known = _looks.GetValueOrDefault(key);
            if (known is not null && (now < known.Began || clock.GetElapsedTime(known.Began, now) < age))
            {
                return known;
            }

            var next = new Look(now, new Lazy<Task<Dictionary<int, HotValue>?>>(() => LoadAsync(key, known)));
            if (known is null ? _looks.TryAdd(key, next) : _looks.TryUpdate(key, next, known))
            {
                return next;
            }
        }
    }

    private async Task<Dictionary<int, HotValue>?> LoadAsync(string key, Look? before)
    {
        if (await store!.ReadAsync(key) is not { } fields)
        {
            return null;
        }

        var known = before is { Reading.IsCompletedSuccessfully: true } ? await before.Reading : null;
        var values = new Dictionary<int, HotValue>(fields.Count);
        foreach (var (shard, raw) in fields)
        {
            // Most of what was read is what was read before.
            var value = known?.GetValueOrDefault(shard) is { } same && same.Raw.AsSpan().SequenceEqual(raw) ? same : HotValue.Read(raw, vocabulary);
            if (value is not null)
            {
                values.Add(shard, value);
            }
        }

        return values;
    }

    private sealed record Look(long Began, Lazy<Task<Dictionary<int, HotValue>?>> Loading)
    {
        public HotTotals Totals { get; } = new();

        public Task<Dictionary<int, HotValue>?> Reading => Loading.Value;
    }
}
