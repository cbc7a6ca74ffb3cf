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

    /// <summary>Checks a text that people see and that may be empty: what ends up in the head of a message must not break its lines.</summary>
    /// <param name="field">The field's path.</param>
    /// <param name="value">The text.</param>
    /// <param name="mostBytes">How many bytes of UTF-8 it may have.</param>
    public static Violation? Line(string field, string value, int mostBytes) =>
        Text(field, value, mostBytes) ?? (IsPrintable(value) ? null : Invalid(field, "holds a character that cannot be printed, or was not UTF-8", "take it out"));

    /// <summary>Checks an e-mail address, or nothing: what would divide it in two, or put another line into a message, is refused.</summary>
    /// <param name="field">The field's path.</param>
    /// <param name="value">The address, or an empty text.</param>
    public static Violation? Email(string field, string value)
    {
        if (value.Length == 0)
        {
            return null;
        }

        if (Line(field, value, Limits.EmailBytes) is { } violation)
        {
            return violation;
        }

        foreach (var rune in value.EnumerateRunes())
        {
            if (Rune.IsWhiteSpace(rune) || rune.Value is '<' or '>' or '(' or ')' or '[' or ']' or ',' or ';' or ':' or '"' or '\\')
            {
                return Invalid(field, "holds a space or one of <>()[],;:\"\\", "give the bare address, for example \"ana@example.org\"");
            }
        }

        var at = value.IndexOf('@', StringComparison.Ordinal);
        return at > 0 && at == value.LastIndexOf('@') && at < value.Length - 1
            ? null
            : Invalid(field, "is no address with one '@' between two parts", "give one such as \"ana@example.org\", or leave it empty");
    }

    /// <summary>Checks a telephone number of E.164, or nothing: '+' and 2 to 15 digits of which the first is not 0.</summary>
    /// <param name="field">The field's path.</param>
    /// <param name="value">The number, or an empty text.</param>
    public static Violation? Phone(string field, string value) =>
        value.Length == 0
        || (value.Length >= 3 && value.Length <= Limits.PhoneDigits + 1 && value[0] == '+' && value[1] != '0' && !value.AsSpan(1).ContainsAnyExceptInRange('0', '9'))
            ? null
            : Invalid(field, "is no telephone number of E.164", "give '+', the country's code and the number in digits alone, such as \"+351912345678\", or leave it empty");

    /// <summary>Checks the form of a language tag of BCP 47, or nothing.</summary>
    /// <param name="field">The field's path.</param>
    /// <param name="value">The tag, or an empty text.</param>
    public static Violation? Locale(string field, string value)
    {
        if (value.Length == 0)
        {
            return null;
        }

        var parts = value.Split('-');
        return value.Length <= Limits.LocaleBytes && parts[0].All(char.IsAsciiLetter) && parts[0].Length is >= 2 and <= 8
            && parts.All(part => part.Length is >= 1 and <= 8 && part.All(char.IsAsciiLetterOrDigit))
                ? null
                : Invalid(field, "is no language tag", "give one of BCP 47 such as \"pt-BR\", or leave it empty");
    }

    /// <summary>Checks the form of a time zone's name, or nothing; which zones there are changes, and is not for a fact to be refused by.</summary>
    /// <param name="field">The field's path.</param>
    /// <param name="value">The name, or an empty text.</param>
    public static Violation? TimeZone(string field, string value)
    {
        if (value.Length == 0)
        {
            return null;
        }

        return value.Length <= Limits.TimeZoneBytes && char.IsAsciiLetter(value[0]) && value.All(c => char.IsAsciiLetterOrDigit(c) || c is '/' or '_' or '-' or '+')
            ? null
            : Invalid(field, "is no name of a time zone", "give the one of IANA such as \"Europe/Lisbon\", or leave it empty");
    }

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
