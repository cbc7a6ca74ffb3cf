using System.CommandLine;

namespace Churn.Suite.Serve;

/// <summary>Reads what options say, or the variables that stand for them: CHURN_POSTGRES_DIRECT for --postgres-direct.</summary>
internal static class Variables
{
    public static string? Of(ParseResult parsed, Option<string> option, Func<string, string?> variables) =>
        parsed.GetValue(option) ?? (variables(NameOf(option)) is { Length: > 0 } value ? value : null);

    /// <summary>Gives what an error names.</summary>
    public static string Said(ParseResult parsed, Option<string> option) => parsed.GetValue(option) is null ? NameOf(option) : option.Name;

    private static string NameOf(Option<string> option) => "CHURN_" + option.Name.TrimStart('-').Replace('-', '_').ToUpperInvariant();
}
