using System.Globalization;
using System.Text;

namespace Churn.Ingestion.Domain;

/// <summary>Checks single values; each check gives null where there is nothing wrong.</summary>
public static class Fields
{
    // A character of UTF-16 is at most three bytes of UTF-8.
    private const int MostBytesOfChar = 3;

    /// <summary>Checks a text that must be there.</summary>
    /// <param name="field">The field's path.</param>
    /// <param name="value">The text.</param>
    /// <param name="mostBytes">How many bytes of UTF-8 it may have.</param>
    public static Violation? Required(string field, string value, int mostBytes) =>
        value.Length == 0 ? Missing(field, $"give 1 to {mostBytes} bytes") : Text(field, value, mostBytes);

    /// <summary>Checks a text that may be empty.</summary>
    /// <param name="field">The field's path.</param>
    /// <param name="value">The text.</param>
    /// <param name="mostBytes">How many bytes of UTF-8 it may have.</param>
    public static Violation? Text(string field, string value, int mostBytes)
    {
        if (value.Length <= mostBytes / MostBytesOfChar)
        {
            return null;
        }

        var bytes = Encoding.UTF8.GetByteCount(value);
        return bytes > mostBytes ? Invalid(field, $"has {bytes} bytes of UTF-8", $"shorten it to {mostBytes}") : null;
    }

    /// <summary>Checks an id that people see and other systems look up: it must be there, and be printable.</summary>
    /// <remarks>
    /// Letters, marks, digits, signs and spaces of any script are printable, and so are what joins them. Controls and breaks of
    /// lines are not, and U+FFFD is not: it stands for bytes that were no UTF-8, and would make one id of two.
    /// </remarks>
    /// <param name="field">The field's path.</param>
    /// <param name="value">The id.</param>
    public static Violation? Id(string field, string value)
    {
        if (Required(field, value, Limits.IdBytes) is { } violation)
        {
            return violation;
        }

        return IsPrintable(value) ? null : Invalid(field, "holds a character that cannot be printed, or was not UTF-8", "take it out");
    }

    /// <summary>Checks the name of a source: 1 to 64 characters of a-z, 0-9, '-', '_', '.' and ':'.</summary>
    /// <param name="field">The field's path.</param>
    /// <param name="value">The name.</param>
    public static Violation? Source(string field, string value)
    {
        if (value.Length == 0)
        {
            return Missing(field, "name the system that says it, for example \"stripe\"");
        }

        if (value.Length > Limits.SourceBytes)
        {
            return Invalid(field, $"has {value.Length} characters", $"shorten it to {Limits.SourceBytes}");
        }

        foreach (var c in value)
        {
            if (c is not ((>= 'a' and <= 'z') or (>= '0' and <= '9') or '-' or '_' or '.' or ':'))
            {
                return Invalid(field, "holds another character than a-z, 0-9, '-', '_', '.' and ':'", "name the system with these alone");
            }
        }

        return null;
    }

    /// <summary>Checks a whole number; both ends belong to its range.</summary>
    /// <param name="field">The field's path.</param>
    /// <param name="value">The number.</param>
    /// <param name="least">The least that is taken.</param>
    /// <param name="most">The most that is taken.</param>
    public static Violation? Number(string field, long value, long least, long most) =>
        value < least || value > most ? Invalid(field, $"is {value}", $"give {least} to {most}") : null;

    /// <summary>Checks a fraction; both ends belong to its range, and what is no number does not.</summary>
    /// <param name="field">The field's path.</param>
    /// <param name="value">The number.</param>
    /// <param name="least">The least that is taken.</param>
    /// <param name="most">The most that is taken.</param>
    public static Violation? Fraction(string field, double value, double least, double most) =>
        value >= least && value <= most ? null : Invalid(field, string.Create(CultureInfo.InvariantCulture, $"is {value}"), string.Create(CultureInfo.InvariantCulture, $"give {least} to {most}"));

    /// <summary>Checks a currency's code.</summary>
    /// <param name="field">The field's path.</param>
    /// <param name="value">The code.</param>
    public static Violation? Currency(string field, string value)
    {
        if (value.Length == 0)
        {
            return Missing(field, "give the ISO 4217 code, for example \"EUR\"");
        }

        if (!Currencies.IsCode(value))
        {
            return Invalid(field, "is no code of three upper-case letters", "give the one of ISO 4217, for example \"EUR\"");
        }

        return Currencies.IsKnown(value)
            ? null
            : new Violation(Reasons.CurrencyUnknown, field, $"{field} is {value}, which is no currency of ISO 4217: give the code that the money is in.");
    }

    /// <summary>Checks a day, YYYY-MM-DD, or nothing.</summary>
    /// <param name="field">The field's path.</param>
    /// <param name="value">The day, or an empty text.</param>
    public static Violation? Day(string field, string value) =>
        value.Length == 0 || DateOnly.TryParseExact(value, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out _)
            ? null
            : Invalid(field, "is no day", "give it as YYYY-MM-DD, or leave it empty");

    /// <summary>Checks a month, YYYY-MM, or nothing.</summary>
    /// <param name="field">The field's path.</param>
    /// <param name="value">The month, or an empty text.</param>
    public static Violation? Month(string field, string value) =>
        value.Length == 0 || DateOnly.TryParseExact(value, "yyyy-MM", CultureInfo.InvariantCulture, DateTimeStyles.None, out _)
            ? null
            : Invalid(field, "is no month", "give it as YYYY-MM, or leave it empty");

    /// <summary>Tells whether a name may be an attribute's: 1 to 64 characters of a-z, 0-9 and '_', beginning with a letter.</summary>
    public static bool IsAttributeName(ReadOnlySpan<char> name)
    {
        if (name.Length is 0 or > Limits.CodeBytes || name[0] is < 'a' or > 'z')
        {
            return false;
        }

        foreach (var c in name)
        {
            if (c is not ((>= 'a' and <= 'z') or (>= '0' and <= '9') or '_'))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Makes the violation of a field that is required and not there.</summary>
    /// <param name="field">The field's path.</param>
    /// <param name="whatToDo">What to give, to follow a colon.</param>
    public static Violation Missing(string field, string whatToDo) => new(Reasons.FieldMissing, field, $"{field} is missing: {whatToDo}.");

    /// <summary>Makes the violation of a field that is not what it must be.</summary>
    /// <param name="field">The field's path.</param>
    /// <param name="whatIsWrong">What it is, to follow the field's path.</param>
    /// <param name="whatToDo">What to give, to follow a colon.</param>
    public static Violation Invalid(string field, string whatIsWrong, string whatToDo) => new(Reasons.FieldInvalid, field, $"{field} {whatIsWrong}: {whatToDo}.");

    private static bool IsPrintable(string value)
    {
        if (!value.AsSpan().ContainsAnyExceptInRange(' ', '~'))
        {
            return true;
        }

        foreach (var rune in value.EnumerateRunes())
        {
            if (rune == Rune.ReplacementChar
                || Rune.GetUnicodeCategory(rune) is UnicodeCategory.Control or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator)
            {
                return false;
            }
        }

        return true;
    }
}
