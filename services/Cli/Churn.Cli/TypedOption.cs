using System.CommandLine;
using System.Globalization;
using System.Text;
using Churn.Cli.Report.Input;
using Calendar = Churn.Metrics.Domain.Calendar;

namespace Churn.Cli;

/// <summary>Makes options that say in one sentence what they take, and what they were given instead.</summary>
internal static class TypedOption
{
    /// <summary>Takes a text that is not empty.</summary>
    public static Option<string> Text(string name, string helpName, string description)
    {
        var option = new Option<string>(name) { Description = description, HelpName = helpName };
        option.Validators.Add(result =>
        {
            // What a script leaves empty by mistake.
            if (result.Tokens.Any(t => t.Value.Length == 0))
            {
                result.AddError($"{name} is empty.");
            }
        });
        return option;
    }

    /// <summary>Takes a month; null when it is left out.</summary>
    public static Option<int?> Month(string name, string description) => Parsed<int?>(
        name, "YYYY-MM", description, "a month such as 2024-12",
        text => text.Length == 7 && Instants.Read(Encoding.UTF8.GetBytes(text + "-01"), out var instant) is null ? Calendar.MonthOf(instant) : null);

    /// <summary>Takes a day; null when it is left out.</summary>
    public static Option<int?> Day(string name, string description) => Parsed<int?>(
        name, "YYYY-MM-DD", description, "a day such as 2024-12-31",
        text => text.Length == 10 && Instants.Read(Encoding.UTF8.GetBytes(text), out var instant) is null ? Calendar.DayOf(instant) : null);

    /// <summary>Takes a day, which means its first instant, or an RFC 3339 instant; null when it is left out.</summary>
    public static Option<long?> Instant(string name, string description) => Parsed<long?>(
        name, "TIME", description, "a day such as 2024-12-31 or an instant such as 2024-12-31T18:00:00Z",
        text => Instants.Read(Encoding.UTF8.GetBytes(text), out var instant) is null ? instant : null);

    /// <summary>Takes a whole number from 1 on; null when it is left out.</summary>
    public static Option<int?> Number(string name, string description) => Parsed<int?>(
        name, "N", description, "a whole number from 1 on",
        text => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0 ? number : null);

    /// <summary>Takes one of some words; the first, which has the default of its type, stands for one that is left out.</summary>
    public static Option<T> Choice<T>(string name, string description, params (string Word, T Value)[] choices)
    {
        var words = choices.Select(c => c.Word).ToArray();
        return new Option<T>(name)
        {
            Description = $"{description} [default: {words[0]}]",
            HelpName = string.Join('|', words),
            CustomParser = result =>
            {
                var found = choices.Where(c => c.Word == result.Tokens[0].Value).ToArray();
                if (found.Length == 0)
                {
                    result.AddError($"{name} takes {Alternatives(words)}, not '{result.Tokens[0].Value}'.");
                    return default!;
                }

                return found[0].Value;
            },
        };
    }

    /// <summary>Takes any of some words, and may be repeated.</summary>
    public static Option<T[]> Choices<T>(string name, string helpName, string description, params (string Word, T Value)[] choices) => new(name)
    {
        Description = description,
        HelpName = helpName,
        Arity = ArgumentArity.OneOrMore,
        AllowMultipleArgumentsPerToken = false,
        CustomParser = result =>
        {
            var values = new List<T>();
            foreach (var token in result.Tokens)
            {
                var found = choices.Where(c => c.Word == token.Value).ToArray();
                if (found.Length == 0)
                {
                    result.AddError($"{name} takes {Alternatives([.. choices.Select(c => c.Word)])}, not '{token.Value}'.");
                    return [];
                }

                values.Add(found[0].Value);
            }

            return [.. values];
        },
    };

    /// <summary>Takes what a function can read.</summary>
    /// <param name="name">The name of the option.</param>
    /// <param name="helpName">What the help calls its value.</param>
    /// <param name="description">What it does.</param>
    /// <param name="expected">What it takes, with an example.</param>
    /// <param name="read">Reads it, or gives null.</param>
    public static Option<T?> Parsed<T>(string name, string helpName, string description, string expected, Func<string, T?> read) => new(name)
    {
        Description = description,
        HelpName = helpName,
        CustomParser = result =>
        {
            var text = result.Tokens[0].Value;
            if (read(text) is { } value)
            {
                return value;
            }

            result.AddError($"{name} takes {expected}, not '{text}'.");
            return default;
        },
    };

    private static string Alternatives(string[] words) => words.Length == 1 ? words[0] : $"{string.Join(", ", words[..^1])} or {words[^1]}";
}
