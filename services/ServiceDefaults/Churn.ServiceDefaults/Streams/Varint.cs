namespace Churn.ServiceDefaults.Streams;

/// <summary>Writes and reads whole numbers from 0 in seven bits a byte, the lowest first.</summary>
internal static class Varint
{
    /// <summary>The most bytes that a number takes.</summary>
    public const int Longest = 9;

    public static int Write(Span<byte> to, long value)
    {
        var length = 0;
        for (; value >= 0x80; value >>= 7)
        {
            to[length++] = (byte)((value & 0x7F) | 0x80);
        }

        to[length++] = (byte)value;
        return length;
    }

    public static long Read(ref ReadOnlySpan<byte> from)
    {
        var value = 0L;
        for (var i = 0; i < Longest && i < from.Length; i++)
        {
            value |= (long)(from[i] & 0x7F) << (7 * i);
            if (from[i] < 0x80)
            {
                from = from[(i + 1)..];
                return value;
            }
        }

        throw new FormatException("A number does not end.");
    }
}
