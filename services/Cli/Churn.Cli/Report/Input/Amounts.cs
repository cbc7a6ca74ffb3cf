using Churn.Metrics.Domain;

namespace Churn.Cli.Report.Input;

/// <summary>Reads money into micros.</summary>
internal static class Amounts
{
    private const string TooLarge = "is above 1000000000 units, the largest amount that is accepted";
    private const string Negative = "is negative; a price is zero or more";

    /// <summary>Gives the parts of a micro that <see cref="ReadExact"/> counts in: prices are read to 18 decimals.</summary>
    public const long PartsOfMicro = 1_000_000_000_000;

    /// <summary>Reads a decimal number of units; digits beyond the sixth decimal are rounded, half to even.</summary>
    /// <returns>Null when it was read, otherwise what is wrong with it.</returns>
    public static string? ReadUnits(ReadOnlySpan<byte> text, out long micros)
    {
        micros = 0;
        if (ReadDecimal(text, out var units, out var decimals) is { } wrong)
        {
            return wrong;
        }

        long fraction = 0, unit = Money.Unit / 10;
        var i = 0;
        for (; i < decimals.Length && unit > 0; i++, unit /= 10)
        {
            fraction += (decimals[i] - '0') * unit;
        }

        micros = (units * Money.Unit) + fraction;
        if (i < decimals.Length)
        {
            var tie = decimals[i] == '5' && decimals[(i + 1)..].TrimEnd((byte)'0').IsEmpty;
            micros += decimals[i] > '5' || (decimals[i] == '5' && (!tie || !long.IsEvenInteger(micros))) ? 1 : 0;
        }

        return Check(micros, text[0] == '-');
    }

    /// <summary>Reads a decimal number of units without rounding it: into 10^-18 of a unit; what is beyond is cut off.</summary>
    /// <returns>Null when it was read, otherwise what is wrong with it.</returns>
    public static string? ReadExact(ReadOnlySpan<byte> text, out Int128 parts)
    {
        parts = 0;
        if (ReadDecimal(text, out var units, out var decimals) is { } wrong)
        {
            return wrong;
        }

        parts = units;
        for (var i = 0; i < 18; i++)
        {
            parts = (parts * 10) + (i < decimals.Length ? decimals[i] - '0' : 0);
        }

        return Check(parts > (Int128)Money.Largest * PartsOfMicro ? long.MaxValue : parts > 0 ? 1 : 0, text[0] == '-');
    }

    /// <summary>Reads a whole number of cents (hundredths of a unit).</summary>
    /// <returns>Null when it was read, otherwise what is wrong with it.</returns>
    public static string? ReadCents(ReadOnlySpan<byte> text, out long micros)
    {
        micros = 0;
        var i = 0;
        var negative = text.Length > 0 && text[0] == '-';
        if (negative)
        {
            i++;
        }

        var digits = 0;
        var cents = ReadDigits(text, ref i, ref digits);
        if (digits == 0 || i < text.Length)
        {
            return i < text.Length && text[i] == '.' ? "is not a whole number of cents" : WhatElse(text);
        }

        const long cent = Money.Unit / 100;
        if (cents > Money.Largest / cent)
        {
            return negative ? Negative : TooLarge;
        }

        micros = cents * cent;
        return Check(micros, negative);
    }

    private static string? ReadDecimal(ReadOnlySpan<byte> text, out long units, out ReadOnlySpan<byte> decimals)
    {
        var i = text.Length > 0 && text[0] is (byte)'-' or (byte)'+' ? 1 : 0;
        var digits = 0;
        units = ReadDigits(text, ref i, ref digits);
        decimals = default;
        if (i < text.Length && text[i] == '.')
        {
            var first = ++i;
            _ = ReadDigits(text, ref i, ref digits);
            decimals = text[first..i];
        }

        return digits == 0 || i < text.Length ? WhatElse(text)
            : units <= Money.Largest / Money.Unit ? null
            : text[0] == '-' ? Negative : TooLarge;
    }

    // Stops counting, not reading, above what is accepted: any number of digits is one number.
    private static long ReadDigits(ReadOnlySpan<byte> text, ref int i, ref int digits)
    {
        long value = 0;
        for (; i < text.Length; i++, digits++)
        {
            var digit = unchecked((uint)(text[i] - '0'));
            if (digit > 9)
            {
                break;
            }

            value = value > Money.Largest ? value : (value * 10) + digit;
        }

        return value;
    }

    private static string? Check(long micros, bool negative) =>
        negative && micros > 0 ? Negative
        : micros > Money.Largest ? TooLarge
        : null;

    private static string WhatElse(ReadOnlySpan<byte> text) =>
        text.IsEmpty ? "is empty"
        : text.IndexOf((byte)',') >= 0 ? "is not a number: write 1234.56, without thousands separators and with a decimal point"
        : "is not a number such as 1234.56";
}
