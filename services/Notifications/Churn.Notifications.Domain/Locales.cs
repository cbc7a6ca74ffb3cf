namespace Churn.Notifications.Domain;

/// <summary>Finds the locale that a template has for a person: theirs, then the same with fewer parts, then the default.</summary>
public static class Locales
{
    /// <summary>Gives the one of <paramref name="known"/> that is nearest to what is wanted.</summary>
    public static string Choose(string wanted, IReadOnlyCollection<string> known, string usual)
    {
        for (var tag = wanted; tag.Length > 0; tag = tag.LastIndexOf('-') is var cut and > 0 ? tag[..cut] : "")
        {
            if (known.FirstOrDefault(one => one.Equals(tag, StringComparison.OrdinalIgnoreCase)) is { } found)
            {
                return found;
            }
        }

        return usual;
    }

    /// <summary>Tells whether a text has the form of a language tag.</summary>
    public static bool IsTag(string text)
    {
        var parts = text.Split('-');
        return text.Length <= 35 && parts[0].Length is >= 2 and <= 8 && parts[0].All(char.IsAsciiLetter)
            && parts.All(part => part.Length is >= 1 and <= 8 && part.All(char.IsAsciiLetterOrDigit));
    }
}
