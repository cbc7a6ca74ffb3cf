using System.Buffers.Text;
using System.Runtime.CompilerServices;
using Churn.Metrics.Domain;

namespace Churn.Cli.Report.Output;

/// <summary>Gathers lines of CSV in a buffer: comma, LF, UTF-8; an undefined ratio is an empty cell.</summary>
internal sealed class Lines(int capacity = 1 << 12)
{
    private const int LongestCell = 64;
    private byte[] _buffer = new byte[capacity];

    public int Length { get; private set; }

    public ReadOnlySpan<byte> Written => _buffer.AsSpan(0, Length);

    public void Clear() => Length = 0;

    public Lines Text(ReadOnlySpan<byte> text)
    {
        text.CopyTo(Room(text.Length));
        Length += text.Length;
        return this;
    }

    /// <summary>Writes a text that may need quotes.</summary>
    public Lines Cell(ReadOnlySpan<byte> text)
    {
        if (text.IndexOfAny(",\"\r\n"u8) < 0)
        {
            return Text(text);
        }

        Text("\""u8);
        for (int quote; (quote = text.IndexOf((byte)'"')) >= 0; text = text[(quote + 1)..])
        {
            Text(text[..(quote + 1)]).Text("\""u8);
        }

        return Text(text).Text("\""u8);
    }

    public Lines Cell(string text) => Cell(System.Text.Encoding.UTF8.GetBytes(text));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Lines Comma()
    {
        Room(1)[0] = (byte)',';
        Length++;
        return this;
    }

    public Lines End()
    {
        Room(1)[0] = (byte)'\n';
        Length++;
        return this;
    }

    public Lines Number(long value)
    {
        Utf8Formatter.TryFormat(value, Room(LongestCell), out var written);
        Length += written;
        return this;
    }

    /// <summary>Writes micros as units with 2 to 6 decimals: exact.</summary>
    public Lines Money(long micros)
    {
        Length += Digits.Money(Room(LongestCell), micros);
        return this;
    }

    public Lines Money(Int128 micros) => micros >= -long.MaxValue && micros <= long.MaxValue
        ? Money((long)micros)
        : Decimal(micros, 6, 2);

    /// <summary>Writes a ratio with twelve decimals, half to even.</summary>
    public Lines Ratio(Ratio ratio) => ratio.IsDefined ? Decimal(ratio.Scaled(1_000_000_000_000), 12, 12) : this;

    /// <summary>Writes micros over a count as units with 2 to 8 decimals, half to even.</summary>
    public Lines MoneyRatio(Ratio micros) => micros.IsDefined ? Decimal(micros.Scaled(100), 8, 2) : this;

    /// <summary>Writes a month as YYYY-MM.</summary>
    public Lines Month(int month)
    {
        var (year, ofYear) = Calendar.YearAndMonth(month);
        Padded(year, 4);
        Text("-"u8);
        return Padded(ofYear, 2);
    }

    /// <summary>Writes a day as YYYY-MM-DD.</summary>
    public Lines Day(int day)
    {
        var (year, month, dayOfMonth) = Calendar.DateOfDay(day);
        Padded(year, 4);
        Text("-"u8);
        Padded(month, 2);
        Text("-"u8);
        return Padded(dayOfMonth, 2);
    }

    /// <summary>Writes an instant as RFC 3339 in UTC, with six decimals where it has a fraction of a second.</summary>
    public Lines Instant(long instant)
    {
        var day = Calendar.DayOf(instant);
        Day(day);
        Length += Digits.Time(Room(LongestCell), instant - (day * Calendar.Day));
        return this;
    }

    private Lines Padded(int value, int digits)
    {
        Utf8Formatter.TryFormat(value, Room(LongestCell), out var written, new System.Buffers.StandardFormat('D', (byte)digits));
        Length += written;
        return this;
    }

    public void Advance(int length) => Length += length;

    // A number scaled by a power of ten, with at least so many decimals.
    private Lines Decimal(Int128 scaled, int decimals, int least)
    {
        var digits = Int128.Abs(scaled).ToString(System.Globalization.CultureInfo.InvariantCulture).PadLeft(decimals + 1, '0');
        var fraction = digits[^decimals..];
        var kept = fraction.TrimEnd('0').PadRight(least, '0');
        return Text(System.Text.Encoding.ASCII.GetBytes($"{(scaled < 0 ? "-" : "")}{digits[..^decimals]}.{(least == decimals ? fraction : kept)}"));
    }

    /// <summary>Gives at least so many bytes behind what is written; <see cref="Advance"/> takes those that were filled.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Span<byte> Room(int length)
    {
        if (_buffer.Length - Length < length)
        {
            Array.Resize(ref _buffer, Math.Max(_buffer.Length * 2, Length + length));
        }

        return _buffer.AsSpan(Length);
    }
}
