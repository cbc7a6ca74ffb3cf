using System.Buffers;
using Churn.Metrics.Domain;

namespace Churn.Metrics.Owners;

/// <summary>Packs sums: most are zero, and the others small.</summary>
/// <remarks>A number is the varint of its zigzag in 128 bits, which is not 0; a 0 stands before the length of a run of zeros.</remarks>
/// <param name="planOf">Gives the place of a plan in a list that goes with the sums.</param>
internal sealed class SumsPacker(Func<int, int> planOf) : SumsCarrier
{
    private readonly ArrayBufferWriter<byte> _bytes = new(256);
    private long _zeros;

    /// <summary>Gives what was packed, and begins anew.</summary>
    public byte[] Take()
    {
        EndRun();
        var packed = _bytes.WrittenSpan.ToArray();
        _bytes.ResetWrittenCount();
        return packed;
    }

    public override void Carry(ref Int128 amount) => Pack(amount);

    public override void Carry(ref long count) => Pack(count);

    public override void CarryPlan(ref int plan) => Pack(planOf(plan));

    private void Pack(Int128 value)
    {
        if (value == 0)
        {
            _zeros++;
            return;
        }

        EndRun();
        Write(unchecked((UInt128)((value << 1) ^ (value >> 127))));
    }

    private void EndRun()
    {
        if (_zeros > 0)
        {
            Write(0);
            Write((UInt128)_zeros);
            _zeros = 0;
        }
    }

    private void Write(UInt128 value)
    {
        const int longest = 19;
        var span = _bytes.GetSpan(longest);
        var length = 0;
        while (value >= 0x80)
        {
            span[length++] = (byte)(((byte)(value & 0x7F)) | 0x80);
            value >>= 7;
        }

        span[length++] = (byte)value;
        _bytes.Advance(length);
    }
}

/// <summary>Unpacks what <see cref="SumsPacker"/> packed.</summary>
/// <param name="packed">The bytes.</param>
/// <param name="planAt">Gives the number that the plan at a place of the list has here.</param>
internal sealed class SumsUnpacker(ReadOnlyMemory<byte> packed, Func<int, int> planAt) : SumsCarrier
{
    private int _at;
    private long _zeros;

    /// <summary>Makes sure that nothing is left.</summary>
    /// <exception cref="InvalidDataException">Something is.</exception>
    public void End()
    {
        if (_at != packed.Length || _zeros > 0)
        {
            throw Bad();
        }
    }

    public override void Carry(ref Int128 amount) => amount = Unpack();

    public override void Carry(ref long count)
    {
        var value = Unpack();
        count = value >= long.MinValue && value <= long.MaxValue ? (long)value : throw Bad();
    }

    public override void CarryPlan(ref int plan)
    {
        var place = Unpack();
        plan = place >= 0 && place <= int.MaxValue ? planAt((int)place) : throw Bad();
    }

    private Int128 Unpack()
    {
        if (_zeros > 0)
        {
            _zeros--;
            return 0;
        }

        var value = Read();
        if (value == 0)
        {
            var run = Read();
            _zeros = run > 0 && run <= int.MaxValue ? (long)run - 1 : throw Bad();
            return 0;
        }

        return unchecked((Int128)(value >> 1) ^ -(Int128)(value & 1));
    }

    private UInt128 Read()
    {
        var span = packed.Span;
        UInt128 value = 0;
        for (var shift = 0; shift < 128; shift += 7)
        {
            if (_at == span.Length)
            {
                throw Bad();
            }

            var next = span[_at++];
            value |= (UInt128)(next & 0x7Fu) << shift;
            if (next < 0x80)
            {
                return value;
            }
        }

        throw Bad();
    }

    private static InvalidDataException Bad() => new("These are no sums that this version has packed.");
}
