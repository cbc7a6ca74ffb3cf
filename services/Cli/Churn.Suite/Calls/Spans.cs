using System.CommandLine;
using System.Globalization;
using Churn.Cli;

namespace Churn.Suite.Calls;

/// <summary>Reads stretches of time as playbooks write them: 30m, 12h, 3d, 2w; and of seconds.</summary>
internal static class Spans
{
    private const int LongestDays = 400;

    /// <summary>Makes an option that takes one; null when it is left out.</summary>
    public static Option<TimeSpan?> Option(string name, string description) => TypedOption.Parsed<TimeSpan?>(
        name, "TIME", description, "a time such as 30m, 12h, 3d or 2w, at most 400d", Read);

    /// <summary>Makes an option that takes one of seconds; null when it is left out.</summary>
    public static Option<TimeSpan?> Seconds(string name, string description, int most) => TypedOption.Parsed<TimeSpan?>(
        name, "TIME", description, string.Create(CultureInfo.InvariantCulture, $"seconds such as 3s, 1s to {most}s"),
        text => Read(text) is { } span && span <= TimeSpan.FromSeconds(most) ? span : null);

    /// <summary>Makes an option that takes one of whole days; null when it is left out.</summary>
    public static Option<int?> Days(string name, string description, int most) => TypedOption.Parsed<int?>(
        name, "DAYS", description, string.Create(CultureInfo.InvariantCulture, $"days such as 30d, 1d to {most}d"),
        text => (Read(text) ?? Read(text + "d")) is { Ticks: var ticks } && ticks % TimeSpan.TicksPerDay == 0 && ticks / TimeSpan.TicksPerDay is >= 1 and var days && days <= most
            ? (int)days
            : null);

    private static TimeSpan? Read(string text)
    {
        if (text.Length < 2 || !int.TryParse(text.AsSpan(0, text.Length - 1), NumberStyles.None, CultureInfo.InvariantCulture, out var number) || number is < 1 or > 999_999)
        {
            return null;
        }

        TimeSpan? span = text[^1] switch
        {
            's' => TimeSpan.FromSeconds(number),
            'm' => TimeSpan.FromMinutes(number),
            'h' => TimeSpan.FromHours(number),
            'd' => TimeSpan.FromDays(number),
            'w' => TimeSpan.FromDays(7L * number),
            _ => null,
        };
        return span <= TimeSpan.FromDays(LongestDays) ? span : null;
    }
}
