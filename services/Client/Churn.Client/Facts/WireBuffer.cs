using System.Buffers.Binary;
using System.Numerics;

namespace Churn.Client.Facts;

/// <summary>Writes protobuf's wire format into bytes that grow.</summary>
internal sealed class WireBuffer
{
    private byte[] _bytes = new byte[4_096];

    public int Length { get; private set; }

    public ReadOnlySpan<byte> Written => _bytes.AsSpan(0, Length);

    /// <summary>Takes back what was written after a length.</summary>
    public void CutTo(int length) => Length = length;

    public void Varint(ulong value)
    {
        var space = Reserve(10);
        var at = 0;
        for (; value >= 0x80; value >>= 7)
        {
            space[at++] = (byte)((value & 0x7F) | 0x80);
        }

        space[at++] = (byte)value;
        Length += at;
    }

    public void Fixed64(ulong value)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(Reserve(8), value);
        Length += 8;
    }

    public void Bytes(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(Reserve(bytes.Length));
        Length += bytes.Length;
    }

    /// <summary>Gives space for bytes that the caller writes itself, all of them.</summary>
    public Span<byte> Take(int length)
    {
        var space = Reserve(length)[..length];
        Length += length;
        return space;
    }

    /// <summary>Begins what has its length in front; most are shorter than 128 bytes, whose length is one byte.</summary>
    public int Begin()
    {
        Reserve(1);
        return Length++;
    }

    /// <summary>Ends what <see cref="Begin"/> began, and makes room for a longer length where it needs that.</summary>
    public void End(int begun)
    {
        var length = Length - begun - 1;
        if (length < 0x80)
        {
            _bytes[begun] = (byte)length;
            return;
        }

        var more = VarintSize((uint)length) - 1;
        Reserve(more);
        _bytes.AsSpan(begun + 1, length).CopyTo(_bytes.AsSpan(begun + 1 + more));
        var end = Length + more;
        Length = begun;
        Varint((uint)length);
        Length = end;
    }

    public static int VarintSize(uint value) => ((31 - BitOperations.LeadingZeroCount(value | 1)) / 7) + 1;

    private Span<byte> Reserve(int length)
    {
        if (_bytes.Length - Length < length)
        {
            Array.Resize(ref _bytes, (int)Math.Min(Math.Max((long)_bytes.Length * 2, (long)Length + length), Array.MaxLength));
        }

        return _bytes.AsSpan(Length);
    }
}
