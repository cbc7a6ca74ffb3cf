namespace Churn.Client.Json;

/// <summary>Reads RFC 3339 instants, as proto3 JSON writes timestamps.</summary>
internal static class JsonInstants
{
    public const long FirstSecond = -62_135_596_800;
    public const long LastSecond = 253_402_300_799;

    /// <summary>Reads an instant with Z or any offset; up to nine digits of a second's fraction count, further ones are cut off.</summary>
    public static bool Read(ReadOnlySpan<byte> text, out long seconds, out int nanos)
    {
        (seconds, nanos) = (0, 0);
        if (text.Length < 20 || text[4] != '-' || text[7] != '-' || text[10] is not ((byte)'T' or (byte)'t' or (byte)' ') || text[13] != ':' || text[16] != ':'
            || !Digits(text, 0, 4, out var year) || !Digits(text, 5, 2, out var month) || !Digits(text, 8, 2, out var day)
            || !Digits(text, 11, 2, out var hour) || !Digits(text, 14, 2, out var minute) || !Digits(text, 17, 2, out var second)
            || year < 1 || month is < 1 or > 12 || day < 1 || day > DateTime.DaysInMonth(year, month)
            || hour > 23 || minute > 59 || second > 60)
        {
            return false;
        }

        seconds = (Days(year, month, day) * 86_400L) + (hour * 3_600) + (minute * 60) + second;
        var rest = text[19..];
        if (rest[0] == '.')
        {
            var digits = 1;
            for (var unit = 100_000_000; digits < rest.Length && rest[digits] is >= (byte)'0' and <= (byte)'9'; digits++, unit /= 10)
            {
                nanos += (rest[digits] - '0') * unit;
            }

            rest = digits > 1 ? rest[digits..] : default;
        }

        return Offset(rest, ref seconds) && seconds is >= FirstSecond and <= LastSecond;
    }

    private static bool Offset(ReadOnlySpan<byte> text, ref long seconds)
    {
        if (text.Length == 1)
        {
            return text[0] is (byte)'Z' or (byte)'z';
        }

        if (text.Length != 6 || text[0] is not ((byte)'+' or (byte)'-') || text[3] != ':'
            || !Digits(text, 1, 2, out var hours) || !Digits(text, 4, 2, out var minutes) || hours > 23 || minutes > 59)
        {
            return false;
        }

        var offset = (hours * 3_600) + (minutes * 60);
        seconds += text[0] == '+' ? -offset : offset;
        return true;
    }

    /// <summary>Counts days from 1970-01-01, with years that begin in March so that the leap day is the last.</summary>
    private static long Days(int year, int month, int day)
    {
        year -= month <= 2 ? 1 : 0;
        var era = year / 400;
        var ofEra = year - (era * 400);
        var ofYear = (((153 * (month > 2 ? month - 3 : month + 9)) + 2) / 5) + day - 1;
        return (era * 146_097L) + (ofEra * 365) + (ofEra / 4) - (ofEra / 100) + ofYear - 719_468;
    }

    private static bool Digits(ReadOnlySpan<byte> text, int start, int count, out int value)
    {
        value = 0;
        for (var i = start; i < start + count; i++)
        {
            var digit = text[i] - '0';
            if (digit is < 0 or > 9)
            {
                return false;
            }

            value = (value * 10) + digit;
        }

        return true;
    }
}
