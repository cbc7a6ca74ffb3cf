using System.Buffers.Binary;
using Churn.Streams.V1;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;

namespace Churn.ServiceDefaults.Streams;

/// <summary>Translates heads and chunks to and from <c>churn.streams.v1</c>.</summary>
internal static class StreamWire
{
    public static Head ToWire(this ShardHead head) => new()
    {
        Shard = head.Shard,
        Offset = head.Offset,
        ClosedTime = ToTimestamp(head.ClosedTime),
        Hash = ToBytes(head.Hash),
    };

    public static Chunk ToWire(this StreamChunk chunk) => new()
    {
        LastOffset = chunk.LastOffset,
        Count = chunk.Count,
        RecordTime = ToTimestamp(chunk.RecordTime),
        Tenant = chunk.Tenant,

        // Nobody writes to what a log has given, so there is no need of a copy.
        Records = UnsafeByteOperations.UnsafeWrap(chunk.Records),
        Hash = ToBytes(chunk.Hash),
    };

    public static ReadStreamResponse ToWire(this StreamPage page)
    {
        var response = new ReadStreamResponse { Head = page.Head.ToWire() };
        response.Chunks.AddRange(page.Chunks.Select(ToWire));
        return response;
    }

    public static ShardHead FromWire(this Head head) => new(head.Shard, head.Offset, FromTimestamp(head.ClosedTime), FromBytes(head.Hash));

    public static StreamPage FromWire(this ReadStreamResponse page) => new(
        [.. page.Chunks.Select(chunk => new StreamChunk(
            chunk.LastOffset, chunk.Count, FromTimestamp(chunk.RecordTime), chunk.Tenant, chunk.Records.Memory, FromBytes(chunk.Hash)))],
        FromWire(page.Head ?? throw new InvalidDataException("A page of a stream has no head.")));

    private static Timestamp ToTimestamp(long microseconds)
    {
        var seconds = Math.DivRem(microseconds, 1_000_000, out var rest);
        return new Timestamp { Seconds = seconds, Nanos = (int)rest * 1000 };
    }

    private static long FromTimestamp(Timestamp? time) => time is null ? 0 : (time.Seconds * 1_000_000) + (time.Nanos / 1000);

    private static ByteString ToBytes(UInt128 hash)
    {
        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteUInt128BigEndian(bytes, hash);
        return ByteString.CopyFrom(bytes);
    }

    private static UInt128 FromBytes(ByteString bytes) => bytes.Length switch
    {
        0 => UInt128.Zero,
        16 => BinaryPrimitives.ReadUInt128BigEndian(bytes.Span),
        _ => throw new InvalidDataException("A hash of a stream has 16 bytes."),
    };
}
