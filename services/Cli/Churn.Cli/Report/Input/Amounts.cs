using Churn.Metrics.Domain;

namespace Churn.Cli.Report.Input;

/// <summary>Reads money into micros.</summary>
internal static class Amounts
{
    private const string TooLarge = "is above 1000000000 units, the largest amount that is accepted";
    private const string Negative = "is negative; a price is zero or more";

    /// <summary>Reads a decimal number of units; digits beyond the sixth decimal are rounded, half to even.</summary>
    /// <returns>Null when it was read, otherwise what is wrong with it.</returns>
    public static string? ReadUnits(ReadOnlySpan<byte> text, out long micros)
    {
        micros = 0;
        var i = 0;
        var negative = text.Length > 0 && text[0] == '-';
        if (negative || (text.Length > 0 && text[0] == '+'))
        {
            i++;
        }

        var digits = 0;
        var units = ReadDigits(text, ref i, ref digits);
        long scale = Money.Unit, fraction = 0;
        var (roundUp, tie) = (false, false);
        if (i < text.Length && text[i] == '.')
        {
            i++;
            for (; i < text.Length && text[i] is >= (byte)'0' and <= (byte)'9'; i++, digits++)
            {
                if (scale > 1)
                {
                    scale /= 10;
                    fraction += (text[i] - '0') * scale;
                }
                else if (scale == 1)
                {
                    scale = 0;
                    (roundUp, tie) = (text[i] > '5', text[i] == '5');
                }
                else if (tie && text[i] != '0')
                {
                    (roundUp, tie) = (true, false);
                }
            }
        }

        if (digits == 0 || i < text.Length)
        {
            return WhatElse(text);
        }

        if (units > Money.Largest / Money.Unit)
        {
            return negative ? Negative : TooLarge;
        }

        micros = (units * Money.Unit) + fraction;
        micros += roundUp || (tie && !long.IsEvenInteger(micros)) ? 1 : 0;
        return Check(micros, negative);
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
