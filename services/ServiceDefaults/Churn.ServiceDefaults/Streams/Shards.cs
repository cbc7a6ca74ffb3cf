using System.IO.Hashing;
using System.Text;

namespace Churn.ServiceDefaults.Streams;

/// <summary>Says which shard a key belongs to: for the life of an installation, on every machine, the same.</summary>
public static class Shards
{
    /// <summary>Gives how many shards a stream has.</summary>
    public const int Count = 32;

    /// <summary>Gives the shard of a key: (hash(tenant) + hash(key) mod spread) mod 32, by XxHash64 with seed 0 over the UTF-8.</summary>
    /// <param name="tenant">The tenant.</param>
    /// <param name="key">What is never split over shards, within the tenant.</param>
    /// <param name="spread">Over how many shards the tenant's keys go; 1 to <see cref="Count"/>.</param>
    public static int Of(string tenant, string key, int spread)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(spread, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(spread, Count);
        return Of(Hash(tenant), Hash(key), spread);
    }

    /// <summary>Gives the shard of a key for which the hashes are at hand; see <see cref="Hash(ReadOnlySpan{byte})"/>.</summary>
    public static int Of(ulong tenantHash, ulong keyHash, int spread) => (int)(((tenantHash % Count) + (keyHash % (ulong)spread)) % Count);

    /// <summary>Gives the hash of a tenant or a key in UTF-8.</summary>
    public static ulong Hash(ReadOnlySpan<byte> utf8) => XxHash64.HashToUInt64(utf8);

    private static ulong Hash(string text)
    {
        var most = Encoding.UTF8.GetMaxByteCount(text.Length);
        Span<byte> bytes = most <= 512 ? stackalloc byte[most] : new byte[most];
        return Hash(bytes[..Encoding.UTF8.GetBytes(text, bytes)]);
    }
}
