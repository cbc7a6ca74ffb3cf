using System.Text.RegularExpressions;

namespace Churn.Conventions.Tests;

/// <summary>Compares docs/errors.md with the code: every reason, its code, and every call that writes.</summary>
public sealed partial class ErrorsTests
{
    // Words in capitals that are no reasons of errors.
    private static readonly string[] NotErrors =
    [
        "services/Notifications/Churn.Notifications.Domain/Reasons.cs",
        "services/ServiceDefaults/Churn.ServiceDefaults/Telemetry/",
        "services/Cli/",
        "services/Client/",
    ];

    private static readonly Dictionary<string, string> CodeOf = new(StringComparer.Ordinal)
    {
        ["Invalid"] = "INVALID_ARGUMENT", ["Precondition"] = "FAILED_PRECONDITION", ["NotFound"] = "NOT_FOUND",
        ["OutOfRange"] = "OUT_OF_RANGE", ["Unavailable"] = "UNAVAILABLE", ["Exhausted"] = "RESOURCE_EXHAUSTED",
    };

    private static string Page => Tree.Files.Single(file => file.Path == "docs/errors.md").Text;

    [Fact]
    public void Reasons_OfTheCode_AreThoseOfThePage()
    {
        var listed = Listed(Page);
        var used = Tree.OwnCode.Where(IsService).SelectMany(file => Used(file.Text)).ToHashSet(StringComparer.Ordinal);
        Assert.NotEmpty(used);
        Offenders.None(used.Except(listed.Keys).Select(reason => $"docs/errors.md does not list {reason}")
            .Concat(listed.Keys.Except(used).Select(reason => $"docs/errors.md lists {reason}, which nothing in services/ says")));
    }

    [Fact]
    public void Codes_OfTheCode_AreThoseOfThePage()
    {
        var listed = Listed(Page);
        Offenders.None(Tree.OwnCode.Where(IsService).SelectMany(file => Made(file.Text))
            .Where(made => listed.TryGetValue(made.Reason, out var row) && !row.Contains(made.Code, StringComparison.Ordinal))
            .Select(made => $"docs/errors.md gives {made.Reason} another code than {made.Code}"));
    }

    [Fact]
    public void Calls_ThatWrite_SayWhatMakesThemSafe()
    {
        var calls = Tree.Files.Where(file => file.Path.StartsWith("protos/churn/", StringComparison.Ordinal)).SelectMany(file => Rpc().Matches(file.Text)).Select(match => match.Groups["name"].Value)
            .Where(name => !Reads().IsMatch(name)).ToList();
        Assert.NotEmpty(calls);
        var safe = Page[Page.IndexOf("## Writing twice", StringComparison.Ordinal)..];
        Offenders.None(calls.Where(name => !safe.Contains($"`{name}`", StringComparison.Ordinal)).Select(name => $"docs/errors.md does not say what makes {name} safe to send twice"));
    }

    [Fact]
    public void Used_Sample_FindsLiteralsAndConstants()
    {
        Assert.Equal(["A_B", "STOPPING"], Used("""throw Faults.NotFound("A_B", "no C_D"); public const string X = "STOPPING"; var y = "OTHER";""").Order());
        Assert.Equal([("A_B", "NOT_FOUND")], Made("throw Faults.NotFound(\n    \"A_B\", \"no\");"));
        Assert.Equal(["A_B"], Listed("| `A_B` | NOT_FOUND | m | d |\n| call | x |").Keys);
    }

    private static bool IsService(TextFile file) => file.IsUnder("services") && !Array.Exists(NotErrors, path => file.Path.StartsWith(path, StringComparison.Ordinal));

    private static IEnumerable<string> Used(string text) => Literal().Matches(text).Concat(Constant().Matches(text)).Select(match => match.Groups["reason"].Value).Distinct();

    private static IEnumerable<(string Reason, string Code)> Made(string text) =>
        Fault().Matches(text).Select(match => (match.Groups["reason"].Value, CodeOf[match.Groups["kind"].Value]));

    private static Dictionary<string, string> Listed(string page) => Row().Matches(page).ToDictionary(row => row.Groups["reason"].Value, row => row.Value);

    [GeneratedRegex("(?<!CHURN_)\"(?<reason>(?!CHURN_|OTEL_|METRIC_|WINDOW_|GRAIN_)[A-Z]+(_[A-Z]+)+)\"", RegexOptions.ExplicitCapture)]
    private static partial Regex Literal();

    [GeneratedRegex("const string [A-Za-z]+ = \"(?<reason>[A-Z]{4,})\"", RegexOptions.ExplicitCapture)]
    private static partial Regex Constant();

    [GeneratedRegex("Faults\\.(?<kind>Invalid|Precondition|NotFound|OutOfRange|Unavailable|Exhausted)\\(\\s*\"(?<reason>[A-Z_]+)\"", RegexOptions.ExplicitCapture)]
    private static partial Regex Fault();

    [GeneratedRegex(@"^\| `(?<reason>[A-Z_]+)` \| [A-Z_]+ \| .*$", RegexOptions.Multiline | RegexOptions.ExplicitCapture)]
    private static partial Regex Row();

    [GeneratedRegex(@"^  rpc (?<name>\w+)\(", RegexOptions.Multiline | RegexOptions.ExplicitCapture)]
    private static partial Regex Rpc();

    [GeneratedRegex("^(Get|List|Read|Watch|Follow|Explain|Preview|Replay|Simulate|StreamInbox|Ask|Query)")]
    private static partial Regex Reads();
}
