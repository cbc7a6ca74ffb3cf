using System.Numerics;
using System.Text;
using Churn.ServiceDefaults.Streams;

namespace Churn.Metrics.Owners;

/// <summary>Names shards, a bit each.</summary>
internal readonly record struct ShardSet(uint Bits)
{
    /// <summary>Names all shards.</summary>
    public static readonly ShardSet All = new(uint.MaxValue >> (32 - Shards.Count));

    public bool IsEmpty => Bits == 0;

    public int Count => BitOperations.PopCount(Bits);

    public bool Contains(int shard) => (Bits & (1U << shard)) != 0;

    public ShardSet With(int shard) => new(Bits | (1U << shard));

    public ShardSet And(ShardSet other) => new(Bits & other.Bits);

    public ShardSet Except(ShardSet other) => new(Bits & ~other.Bits);

    public static ShardSet Of(IEnumerable<int> shards) => shards.Aggregate(default(ShardSet), (set, shard) => set.With(shard));

    /// <summary>Names the shards that a tenant's customers are in.</summary>
    public static ShardSet OfTenant(string tenant, int spread)
    {
        if (spread == Shards.Count)
        {
            return All;
        }

        var hash = Shards.Hash(Encoding.UTF8.GetBytes(tenant));
        var set = default(ShardSet);
        for (var key = 0; key < spread; key++)
        {
            set = set.With(Shards.Of(hash, (ulong)key, spread));
        }

        return set;
    }

    public Enumerator GetEnumerator() => new(Bits);

    public struct Enumerator(uint bits)
    {
        private uint _rest = bits;

        public int Current { get; private set; }

        public bool MoveNext()
        {
            if (_rest == 0)
            {
                return false;
            }

            Current = BitOperations.TrailingZeroCount(_rest);
            _rest &= _rest - 1;
            return true;
        }
    }
}
