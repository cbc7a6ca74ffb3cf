using System.Security.Cryptography;
using Churn.Metrics.Owners;
using Churn.ServiceDefaults.Leases;
using Churn.ServiceDefaults.Streams;

namespace Churn.Metrics.Sums;

/// <summary>Names the hot sums of a tenant in one shard as they are to be written.</summary>
/// <param name="Tenant">The tenant.</param>
/// <param name="Shard">The shard.</param>
/// <param name="Term">The term of the shard's lease.</param>
/// <param name="Life">Which taking or resetting of the shard this is.</param>
/// <param name="Offset">The offset through which the sums hold everything.</param>
/// <param name="Change">Which change of them it is.</param>
internal readonly record struct DirtyField(string Tenant, int Shard, long Term, ulong Life, long Offset, long Change);

/// <summary>Keeps which hot sums of this process Redis has acknowledged, and which not.</summary>
internal sealed class HotFields(TimeProvider clock)
{
    // Who asks for more than this gets it from here rather than from Redis.
    private static readonly TimeSpan LongestDirty = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan RewriteAfter = TimeSpan.FromSeconds(1);

    private readonly Lock _changing = new();
    private readonly Shard?[] _shards = new Shard?[Shards.Count];
    private TaskCompletionSource _next = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _change;

    /// <summary>Gives whether they are written at all.</summary>
    public bool IsWritten { get; init; }

    /// <summary>Gives a task that ends when something is to be written or told; taken before one looks, nothing is missed.</summary>
    public Task NextChange => Volatile.Read(ref _next).Task;

    /// <summary>Begins a shard that was taken, or whose log was rolled back: all of its fields are to be written.</summary>
    public void Open(Lease lease, long applied, IEnumerable<string> tenants)
    {
        lock (_changing)
        {
            var shard = _shards[lease.Shard] = new Shard(lease.Term, BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(8))) { Applied = applied };
            foreach (var tenant in tenants)
            {
                Dirty(shard, tenant, applied);
            }
        }

        Tell();
    }

    public void Close(int shard)
    {
        lock (_changing)
        {
            _shards[shard] = null;
        }
    }

    /// <summary>Notes what a batch has changed in a shard; the books have it already.</summary>
    public void Changed(int shard, long applied, IEnumerable<string> tenants)
    {
        lock (_changing)
        {
            if (_shards[shard] is not { } changed)
            {
                return;
            }

            foreach (var tenant in tenants)
            {
                Dirty(changed, tenant, applied);
            }

            changed.Applied = applied;
        }

        Tell();
    }

    /// <summary>Has fields written again that another replica did not find in Redis.</summary>
    public void Missed(string tenant, ShardSet shards)
    {
        lock (_changing)
        {
            foreach (var at in shards)
            {
                if (_shards[at]?.Fields.GetValueOrDefault(tenant) is { IsDirty: false } field && clock.GetElapsedTime(field.Written) >= RewriteAfter)
                {
                    (field.IsDirty, field.Change) = (true, ++_change);
                }
            }
        }

        Tell();
    }

    /// <summary>Has all fields written again: the day has changed, or their keys are to live on.</summary>
    public void DirtyAll()
    {
        lock (_changing)
        {
            foreach (var field in _shards.OfType<Shard>().SelectMany(shard => shard.Fields.Values))
            {
                (field.IsDirty, field.Change) = (true, ++_change);
            }
        }
    }

    /// <summary>Gives what is to be written, and how far each shard is when all of it is.</summary>
    /// <param name="progress">How far the shards are; looked at before.</param>
    public Round Take(ReadOnlySpan<ShardProgress> progress)
    {
        lock (_changing)
        {
            var round = new Round([], new (ulong, long, long)[Shards.Count]);
            for (var at = 0; at < _shards.Length; at++)
            {
                if (_shards[at] is { } shard)
                {
                    round.Reached[at] = (shard.Life, shard.Applied, progress[at].Closed);
                    round.Fields.AddRange(shard.Fields.Where(f => f.Value.IsDirty)
                        .Select(f => new DirtyField(f.Key, at, shard.Term, shard.Life, f.Value.Offset, f.Value.Change)));
                }
            }

            return round;
        }
    }

    /// <summary>Notes what Redis has acknowledged of a round.</summary>
    public void Done(Round round, IReadOnlySet<DirtyField> written)
    {
        lock (_changing)
        {
            var failed = default(ShardSet);
            foreach (var done in round.Fields)
            {
                if (!written.Contains(done))
                {
                    failed = failed.With(done.Shard);
                }
                else if (_shards[done.Shard] is { } shard && shard.Life == done.Life && shard.Fields.TryGetValue(done.Tenant, out var field))
                {
                    field.IsDirty = field.Change != done.Change;
                    (field.Flushed, field.Written, field.Told) = (done.Offset, clock.GetTimestamp(), ++_change);
                    field.Since = clock.GetTimestamp();
                }
            }

            for (var at = 0; at < _shards.Length; at++)
            {
                if (_shards[at] is { } shard && shard.Life == round.Reached[at].Life && !failed.Contains(at))
                {
                    (shard.Flushed, shard.FlushedClosed) = (round.Reached[at].Applied, round.Reached[at].Closed);
                }
            }
        }

        if (written.Count > 0)
        {
            Tell();
        }
    }

    /// <summary>Completes what is told of shards by what Redis has, and tells of the fields that are new since a place.</summary>
    public long Tell(V1.FollowResponse news, long place)
    {
        lock (_changing)
        {
            var told = default(ShardSet);
            foreach (var mark in news.Shards)
            {
                if (!IsWritten || _shards[mark.Shard] is not { } shard || shard.Term != mark.Term)
                {
                    continue;
                }

                told = told.With(mark.Shard);
                (mark.Life, mark.Flushed) = (shard.Life, shard.Flushed);
                mark.Lag += Math.Max(0, shard.Applied - shard.Flushed);
                mark.Watermark = Math.Min(mark.Watermark, shard.FlushedClosed);
                foreach (var (tenant, field) in shard.Fields)
                {
                    var withdrawn = field.IsDirty && field.Offset > field.Flushed && clock.GetElapsedTime(field.Since) >= LongestDirty;
                    if (withdrawn != field.IsWithdrawn)
                    {
                        (field.IsWithdrawn, field.Told) = (withdrawn, ++_change);
                    }

                    if (field.Told > place)
                    {
                        news.Sums.Add(new V1.SumsMark { Tenant = tenant, Shard = mark.Shard, Offset = withdrawn ? -1 : field.Flushed });
                    }
                }
            }

            // What is new in a shard that is not told of yet is told when it is: a follower takes a tenant it does not hear of for one
            // without customers there.
            var untold = ShardSet.All.Except(told);
            var next = _change;
            foreach (var at in untold)
            {
                foreach (var field in _shards[at]?.Fields.Values.Where(field => field.Told > place) ?? [])
                {
                    next = Math.Min(next, field.Told - 1);
                }
            }

            return next;
        }
    }

    private void Dirty(Shard shard, string tenant, long offset)
    {
        if (!shard.Fields.TryGetValue(tenant, out var field))
        {
            shard.Fields.Add(tenant, field = new Field { Told = ++_change });
        }

        field.Since = field.IsDirty ? field.Since : clock.GetTimestamp();
        (field.IsDirty, field.Offset, field.Change) = (true, offset, ++_change);
    }

    private void Tell() =>
        Interlocked.Exchange(ref _next, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();

    /// <summary>Holds what one round writes.</summary>
    /// <param name="Fields">The fields.</param>
    /// <param name="Reached">For each shard its life, and how far it is once its fields are written.</param>
    internal sealed record Round(List<DirtyField> Fields, (ulong Life, long Applied, long Closed)[] Reached);

    private sealed class Shard(long term, ulong life)
    {
        public long Term => term;

        public ulong Life => life;

        public long Applied { get; set; }

        public long Flushed { get; set; } = -1;

        public long FlushedClosed { get; set; }

        public Dictionary<string, Field> Fields { get; } = new(StringComparer.Ordinal);
    }

    private sealed class Field
    {
        public long Offset { get; set; }

        public long Flushed { get; set; } = -1;

        public bool IsDirty { get; set; }

        public bool IsWithdrawn { get; set; }

        public long Change { get; set; }

        public long Told { get; set; }

        public long Since { get; set; }

        public long Written { get; set; }
    }
}
