using Churn.Metrics.Domain;

namespace Churn.Cli.Report.Input;

/// <summary>Reads dates and RFC 3339 instants into microseconds since 1970-01-01T00:00Z.</summary>
internal static class Instants
{
    private const int FirstYear = 1900;
    private const int LastYear = 2199;
    private const int LongestInstant = 64;

    // The first day of every month of the years that are read: division is what costs in a calendar.
    private static readonly int[] MonthStarts =
        [.. Enumerable.Range(Calendar.MonthOf(FirstYear, 1), ((LastYear - FirstYear + 1) * 12) + 1).Select(Calendar.FirstDay)];

    /// <summary>Reads a date (its midnight UTC) or an instant; a fraction beyond the microsecond is cut off.</summary>
    /// <returns>Null when it was read, otherwise what is wrong with it.</returns>
    public static string? Read(ReadOnlySpan<byte> text, out long instant)
    {
        instant = 0;
        if (text.Length < 10 || text[4] != '-' || text[7] != '-' || !Digits(text, 0, 4, out var year)
            || !Digits(text, 5, 2, out var month) || !Digits(text, 8, 2, out var day))
        {
            return "is not a date (YYYY-MM-DD) or an RFC 3339 instant (YYYY-MM-DDTHH:MM:SSZ)";
        }

        if (year is < FirstYear or > LastYear)
        {
            return $"has a year outside {FirstYear} to {LastYear}";
        }

        if (month is < 1 or > 12)
        {
            return $"has month {month}";
        }

        var index = ((year - FirstYear) * 12) + month - 1;
        var first = MonthStarts[index];
        if (day < 1 || day > MonthStarts[index + 1] - first)
        {
            return $"has day {day}, which that month does not have";
        }

        instant = (first + day - 1) * Calendar.Day;
        return text.Length == 10 ? null : ReadTime(text[10..], ref instant);
    }

    /// <summary>Tells whether a text is a date in a year beyond those that are read, as exports write "never".</summary>
    public static bool IsNever(ReadOnlySpan<byte> text)
    {
        if (text.Length < 10 || !Digits(text, 0, 4, out var year) || year <= LastYear)
        {
            return false;
        }

        // All else about it must be right: what is not a date is a mistake, not "never".
        Span<byte> read = stackalloc byte[Math.Min(text.Length, LongestInstant)];
        text[..read.Length].CopyTo(read);
        (year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? "2000"u8 : "2001"u8).CopyTo(read);
        return text.Length <= LongestInstant && Read(read, out _) is null;
    }

    private static string? ReadTime(ReadOnlySpan<byte> text, ref long instant)
    {
        const string shape = "has a time that is not HH:MM:SS with Z or an offset such as +02:00";
        if (text.Length < 9 || text[0] is not ((byte)'T' or (byte)'t' or (byte)' ') || text[3] != ':' || text[6] != ':'
            || !Digits(text, 1, 2, out var hour) || !Digits(text, 4, 2, out var minute) || !Digits(text, 7, 2, out var second))
        {
            return shape;
        }

        // RFC 3339 allows a leap second; it is the first instant of the next minute here.
        if (hour > 23 || minute > 59 || second > 60)
        {
            return $"has the time {hour:00}:{minute:00}:{second:00}, which no day has";
        }

        instant += ((((hour * 60L) + minute) * 60) + second) * Calendar.Second;
        text = text[9..];
        if (text.Length == 1 && text[0] is (byte)'Z' or (byte)'z')
        {
            return null;
        }

        if (text.Length > 1 && text[0] == '.')
        {
            var digits = 1;
            var unit = Calendar.Second / 10;
            for (; digits < text.Length && text[digits] is >= (byte)'0' and <= (byte)'9'; digits++, unit /= 10)
            {
                instant += (text[digits] - '0') * unit;
            }

            text = digits > 1 ? text[digits..] : default;
        }

        if (text.Length == 1 && text[0] is (byte)'Z' or (byte)'z')
        {
            return null;
        }

        if (text.Length == 0)
        {
            return "has a time without Z or an offset such as +02:00, so its instant is unknown";
        }

        if (text.Length != 6 || text[0] is not ((byte)'+' or (byte)'-') || text[3] != ':'
            || !Digits(text, 1, 2, out var offsetHours) || !Digits(text, 4, 2, out var offsetMinutes)
            || offsetHours > 23 || offsetMinutes > 59)
        {
            return shape;
        }

        var offset = ((offsetHours * 60L) + offsetMinutes) * 60 * Calendar.Second;
        instant += text[0] == '+' ? -offset : offset;
        return null;
    }

    private static bool Digits(ReadOnlySpan<byte> text, int start, int count, out int value)
    {
        value = 0;
        for (var i = start; i < start + count; i++)
        {
            var digit = unchecked((uint)(text[i] - '0'));
            if (digit > 9)
            {
                return false;
            }

            value = (value * 10) + (int)digit;
        }

        return true;
    }
}
