using System.Globalization;
using System.Text.RegularExpressions;
using Churn.ServiceDefaults.Documents;

namespace Churn.Playbooks.Documents;

/// <summary>Reads lengths of time: a whole number and a unit, such as 30m, 12h, 3d or 2w. Both ends of a range belong to it.</summary>
internal static partial class Lengths
{
    public const long Minute = 60_000_000;
    public const long Hour = 60 * Minute;
    public const long Day = 24 * Hour;
    public const long Longest = 400 * Day;

    public static long? Read(DocumentNode node, long least = Minute, long most = Longest)
    {
        if (node.Scalar is not { } text || Form().Match(text) is not { Success: true } form)
        {
            node.Error($"this must be a length of time, and is {(node.Scalar is { } other ? $"'{other}'" : "none")}; write a whole number with m, h, d or w, such as {Of(Math.Clamp(3 * Day, least, most))}");
            return null;
        }

        var unit = form.Groups["unit"].ValueSpan[0] switch { 'm' => Minute, 'h' => Hour, 'd' => Day, _ => 7 * Day };
        if (!long.TryParse(form.Groups["count"].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out var count) || count > most / unit || count * unit < least)
        {
            node.Error($"'{text}' is out of range; write {Of(least)} to {Of(most)}");
            return null;
        }

        return count * unit;
    }

    /// <summary>Writes a length in the largest unit that has no rest.</summary>
    public static string Of(long micros) => micros switch
    {
        _ when micros % Day == 0 => string.Create(CultureInfo.InvariantCulture, $"{micros / Day}d"),
        _ when micros % Hour == 0 => string.Create(CultureInfo.InvariantCulture, $"{micros / Hour}h"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{micros / Minute}m"),
    };

    [GeneratedRegex("^(?<count>[0-9]+)(?<unit>[mhdw])$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Form();
}
