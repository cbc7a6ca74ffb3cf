using System.Buffers.Binary;
using System.IO.Hashing;
using System.Text;

namespace Churn.ServiceDefaults.Streams;

/// <summary>Runs a shard's hash on: two logs with the same hash at an offset hold the same up to there.</summary>
public static class ChunkHash
{
    /// <summary>
    /// Gives the XxHash128 over the hash before, last offset, count, record time and length of the tenant (big-endian, 16, 8, 4, 8 and 4 bytes),
    /// the tenant in UTF-8, and the records.
    /// </summary>
    public static UInt128 Next(UInt128 before, long lastOffset, int count, long recordTime, string tenant, ReadOnlySpan<byte> records)
    {
        var length = Encoding.UTF8.GetByteCount(tenant);
        Span<byte> head = length <= 216 ? stackalloc byte[40 + length] : new byte[40 + length];
        BinaryPrimitives.WriteUInt128BigEndian(head, before);
        BinaryPrimitives.WriteInt64BigEndian(head[16..], lastOffset);
        BinaryPrimitives.WriteInt32BigEndian(head[24..], count);
        BinaryPrimitives.WriteInt64BigEndian(head[28..], recordTime);
        BinaryPrimitives.WriteInt32BigEndian(head[36..], length);
        Encoding.UTF8.GetBytes(tenant, head[40..]);
        var hash = new XxHash128();
        hash.Append(head);
        hash.Append(records);
        return hash.GetCurrentHashAsUInt128();
    }

    /// <summary>Gives the hash after a chunk, to be compared with the one that it carries.</summary>
    public static UInt128 Next(UInt128 before, StreamChunk chunk) =>
        Next(before, chunk.LastOffset, chunk.Count, chunk.RecordTime, chunk.Tenant, chunk.Records.Span);
}
