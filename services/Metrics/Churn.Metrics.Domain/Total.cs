using System.Runtime.CompilerServices;

namespace Churn.Metrics.Domain;

/// <summary>Adds up int64 amounts in 128 bits: an <see cref="Int128"/> that only adds, so that adding costs two instructions.</summary>
internal struct Total
{
    private ulong _low;
    private long _high;

    public readonly Int128 Value => new((ulong)(_high & long.MaxValue) | (_high < 0 ? 1UL << 63 : 0), _low);

    public static Total Of(Int128 value) => unchecked(new() { _low = (ulong)value, _high = (long)(ulong)(value >> 64) });

    // 128 bits hold 2^64 amounts of any size: there is nothing to check.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Add(long amount)
    {
        unchecked
        {
            var low = _low + (ulong)amount;
            _high += (amount >> 63) + (low < _low ? 1 : 0);
            _low = low;
        }
    }

    public void Add(Total other)
    {
        unchecked
        {
            var low = _low + other._low;
            _high += other._high + (low < _low ? 1 : 0);
            _low = low;
        }
    }
}
