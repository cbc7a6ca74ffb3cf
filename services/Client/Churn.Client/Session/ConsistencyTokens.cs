using System.Buffers.Text;

namespace Churn.Client.Session;

/// <summary>Makes one token of two, so that one read can wait for two writes.</summary>
/// <remarks>
/// A token is base64url of a version byte and pairs of varints, shard and offset. One of a version that this client does not know is as
/// good as any to the server and cannot be merged here: the later one stands then.
/// </remarks>
internal static class ConsistencyTokens
{
    private const byte Version = 1;
    private const int MostShards = 4_096;

    public static string Merge(string earlier, string later)
    {
        if (string.Equals(earlier, later, StringComparison.Ordinal) || Read(earlier) is not { } offsets || Read(later) is not { } others)
        {
            return later;
        }

        foreach (var (shard, offset) in others)
        {
            offsets[shard] = Math.Max(offset, offsets.GetValueOrDefault(shard));
        }

        return Write(offsets);
    }

    private static SortedDictionary<ulong, ulong>? Read(string token)
    {
        if (!Base64Url.IsValid(token))
        {
            return null;
        }

        ReadOnlySpan<byte> bytes = Base64Url.DecodeFromChars(token);
        if (bytes.Length == 0 || bytes[0] != Version)
        {
            return null;
        }

        bytes = bytes[1..];
        var offsets = new SortedDictionary<ulong, ulong>();
        while (bytes.Length > 0)
        {
            if (!ReadVarint(ref bytes, out var shard) || !ReadVarint(ref bytes, out var offset) || offsets.Count == MostShards)
            {
                return null;
            }

            offsets[shard] = offset;
        }

        return offsets;
    }

    private static string Write(SortedDictionary<ulong, ulong> offsets)
    {
        var bytes = new List<byte>(1 + (offsets.Count * 6)) { Version };
        foreach (var (shard, offset) in offsets)
        {
            WriteVarint(bytes, shard);
            WriteVarint(bytes, offset);
        }

        return Base64Url.EncodeToString([.. bytes]);
    }

    private static bool ReadVarint(ref ReadOnlySpan<byte> bytes, out ulong value)
    {
        value = 0;
        for (var i = 0; i < bytes.Length && i < 10; i++)
        {
            value |= (ulong)(bytes[i] & 0x7F) << (7 * i);
            if (bytes[i] < 0x80)
            {
                bytes = bytes[(i + 1)..];
                return true;
            }
        }

        return false;
    }

    private static void WriteVarint(List<byte> bytes, ulong value)
    {
        for (; value >= 0x80; value >>= 7)
        {
            bytes.Add((byte)((value & 0x7F) | 0x80));
        }

        bytes.Add((byte)value);
    }
}
