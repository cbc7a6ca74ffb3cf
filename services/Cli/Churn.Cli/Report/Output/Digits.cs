using System.Runtime.CompilerServices;
using Churn.Metrics.Domain;

namespace Churn.Cli.Report.Output;

/// <summary>Writes numbers as digits; the caller has made room.</summary>
internal static class Digits
{
    private static ReadOnlySpan<byte> Pairs =>
        "00010203040506070809101112131415161718192021222324252627282930313233343536373839404142434445464748495051525354555657585960616263646566676869707172737475767778798081828384858687888990919293949596979899"u8;

    /// <summary>Writes micros as units with 2 to 6 decimals, exactly, and returns the length.</summary>
    public static int Money(Span<byte> room, long micros)
    {
        var at = 0;
        if (micros < 0)
        {
            room[at++] = (byte)'-';
        }

        var absolute = (ulong)Math.Abs(micros);
        var units = absolute / (ulong)Churn.Metrics.Domain.Money.Unit;
        var rest = (uint)(absolute - (units * (ulong)Churn.Metrics.Domain.Money.Unit));
        at += Number(room[at..], units);
        room[at] = (byte)'.';
        Two(room[(at + 1)..], rest / 10_000);
        at += 3;
        rest %= 10_000;
        for (uint unit = 1_000; rest > 0; unit /= 10)
        {
            room[at++] = (byte)('0' + (rest / unit));
            rest %= unit;
        }

        return at;
    }

    /// <summary>Writes the time of an instant after its day, THH:MM:SSZ, with six decimals where it has a fraction.</summary>
    public static int Time(Span<byte> room, long ofDay)
    {
        var seconds = (uint)(ofDay / Calendar.Second);
        var micros = (uint)(ofDay - (seconds * Calendar.Second));
        room[9] = (byte)'Z';
        room[0] = (byte)'T';
        Two(room[1..], seconds / 3_600);
        room[3] = (byte)':';
        Two(room[4..], seconds / 60 % 60);
        room[6] = (byte)':';
        Two(room[7..], seconds % 60);
        if (micros == 0)
        {
            return 10;
        }

        room[9] = (byte)'.';
        Two(room[10..], micros / 10_000);
        Two(room[12..], micros / 100 % 100);
        Two(room[14..], micros % 100);
        room[16] = (byte)'Z';
        return 17;
    }

    private static int Number(Span<byte> room, ulong value)
    {
        if (value < 100)
        {
            if (value < 10)
            {
                room[0] = (byte)('0' + value);
                return 1;
            }

            Two(room, (uint)value);
            return 2;
        }

        var length = 3;
        for (var more = value / 1_000; more > 0; more /= 10)
        {
            length++;
        }

        var at = length;
        for (; value >= 100; value /= 100)
        {
            at -= 2;
            Two(room[at..], (uint)(value % 100));
        }

        if (at == 2)
        {
            Two(room, (uint)value);
        }
        else
        {
            room[0] = (byte)('0' + value);
        }

        return length;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Two(Span<byte> room, uint value)
    {
        room[1] = Pairs[(int)(2 * value) + 1];
        room[0] = Pairs[(int)(2 * value)];
    }
}
