using System.CommandLine;
using Churn.Cli;
using Churn.Cli.Report;
using Churn.Suite.Calls;
using V1 = Churn.Metrics.V1;

namespace Churn.Suite.Metrics;

/// <summary>Gives commands the options that all of them have, and runs what they ask.</summary>
/// <param name="streams">Gives what a command writes to.</param>
/// <param name="time">Measures waiting.</param>
internal sealed class Asking(Func<ReportStreams> streams, TimeProvider time)
{
    /// <summary>Says which exit statuses there are.</summary>
    public const string ExitStatus =
        """

        Exit status:
          0 the answer is whole; 2 it is not to be relied on: facts could not be applied, or the check failed (the page says
          which); 1 there is no answer; 130 it was interrupted


        """;

    /// <summary>Makes a command.</summary>
    /// <param name="name">Its name behind <c>churn metrics</c>.</param>
    /// <param name="description">What it shows, in one line.</param>
    /// <param name="details">What its help says below the options: examples and statuses.</param>
    /// <param name="options">Its own options.</param>
    /// <param name="ask">Asks and shows; the status is 0 where it may rely on the answer.</param>
    public Command Command(
        string name, string description, string details, IReadOnlyList<Symbol> options, Func<ParseResult, Call, Task<int>> ask)
    {
        var at = TypedOption.Instant("--at", "As of when: the figures are those of the closing of that day [default: now]");
        var currency = TypedOption.Text("--currency", "CODE", "Currency, where customers pay in several");
        var token = TypedOption.Text("--token", "TOKEN", "Waits for what this token was given for: a write's answer holds it");

        // A watch goes on from now.
        var isWatch = name == "watch";
        return new Caller("churn metrics", streams, time).Command(
            name, description, details, [.. options, .. isWatch ? [currency, token] : new Option[] { at, currency, token }], (parsed, call) =>
            {
                (call.Read.Currency, call.Read.ConsistencyToken) = (parsed.GetValue(currency) ?? "", parsed.GetValue(token) ?? "");
                if (!isWatch && parsed.GetValue(at) is { } instant)
                {
                    call.Read.At = Wire.Timestamp(instant);
                }

                return ask(parsed, call);
            });
    }

    /// <summary>Makes the options for the first and the last month.</summary>
    public static (Option<int?> From, Option<int?> To) Months() => (
        TypedOption.Month("--from", "First month [default: that of the first start]"),
        TypedOption.Month("--to", "Last month [default: that of --at, then in progress]"));

    /// <summary>Makes the option that splits the figures.</summary>
    public static Option<string> By() => TypedOption.Text(
        "--by", "ATTRIBUTE", "Splits the figures by plan or by an attribute; a customer's latest value counts for all its history");

    /// <summary>Makes the option that takes one segment.</summary>
    public static Option<V1.Segment?> Segment() => TypedOption.Parsed<V1.Segment?>(
        "--segment", "ATTRIBUTE=VALUE", "Only the customers with this value", "ATTRIBUTE=VALUE, for example country=DE",
        text => text.IndexOf('=', StringComparison.Ordinal) is > 0 and var at ? new V1.Segment { Attribute = text[..at], Value = text[(at + 1)..] } : null);

    /// <summary>Makes the option that takes kinds of movements.</summary>
    public static Option<V1.MovementKind[]> Kinds() => TypedOption.Choices(
        "--kind", "KIND", $"Only this kind of movement: {string.Join(", ", Wire.KindWords.Select(k => k.Word))}; may be repeated", Wire.KindWords);

    /// <summary>Makes the option that takes windows.</summary>
    public static Option<V1.Window[]> Windows() => TypedOption.Choices(
        "--window", "WINDOW", $"Only this window: {string.Join(", ", Wire.WindowWords.Select(w => w.Word))}; may be repeated [default: all]", Wire.WindowWords);

    /// <summary>Writes a month for the wire; empty where it is left out.</summary>
    public static string Text(int? month) => month is { } m ? Cli.Report.Output.Numerals.Month(m) : "";
}
