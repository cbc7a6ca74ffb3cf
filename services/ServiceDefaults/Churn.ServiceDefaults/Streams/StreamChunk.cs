namespace Churn.ServiceDefaults.Streams;

/// <summary>Holds what one commit wrote to one shard for one tenant: records with consecutive offsets.</summary>
/// <param name="LastOffset">The offset of its last record.</param>
/// <param name="Count">How many records it holds; at least 1.</param>
/// <param name="RecordTime">When it was recorded, in microseconds since 1970-01-01T00:00Z; never decreases within a shard.</param>
/// <param name="Tenant">The tenant of its records.</param>
/// <param name="Records">The records, each behind its length as a varint.</param>
/// <param name="Hash">The shard's running hash after this chunk.</param>
public sealed record StreamChunk(long LastOffset, int Count, long RecordTime, string Tenant, ReadOnlyMemory<byte> Records, UInt128 Hash)
{
    /// <summary>Gives the offset of its first record.</summary>
    public long FirstOffset => LastOffset - Count + 1;

    /// <summary>Reads the records in order of offset.</summary>
    /// <exception cref="InvalidDataException">The bytes are no records, or not as many as Count.</exception>
    public IEnumerable<ReadOnlyMemory<byte>> Read()
    {
        var at = 0;
        for (var i = 0; i < Count; i++)
        {
            var length = ReadLength(Records.Span, ref at);
            if (length > Records.Length - at)
            {
                throw Damaged();
            }

            yield return Records.Slice(at, length);
            at += length;
        }

        if (at != Records.Length)
        {
            throw Damaged();
        }
    }

    private static int ReadLength(ReadOnlySpan<byte> bytes, ref int at)
    {
        var value = 0;
        for (var shift = 0; shift < 28 && at < bytes.Length; shift += 7)
        {
            var next = bytes[at++];
            value |= (next & 0x7F) << shift;
            if (next < 0x80)
            {
                return value;
            }
        }

        throw Damaged();
    }

    private static InvalidDataException Damaged() => new("A chunk of the log does not hold the records that it says.");
}
