using System.Globalization;
using System.Text.RegularExpressions;

namespace Churn.Conventions.Tests;

public sealed partial class DecisionsTests
{
    private const int Screen = 60;
    private static readonly string[] Headings = ["## Context", "## Decision", "## Consequences"];

    [Fact]
    public void Decision_Page_HasTheFormAndFitsOneScreen() => Offenders.None(Decisions().SelectMany(Offences));

    [Fact]
    public void Decisions_Numbers_CountFromOne() =>
        Assert.Equal(Enumerable.Range(1, Math.Max(1, Decisions().Count())).Select(n => n.ToString("D4", CultureInfo.InvariantCulture)), Decisions().Select(file => file.Name[..4]));

    [Theory]
    [InlineData("docs/decisions/0001-a.md", "# 1. A\n\nDate: 2026-01-02\n\nStatus: accepted\n\n## Context\n\n## Decision\n\n## Consequences\n", 0)]
    [InlineData("docs/decisions/0001-a.md", "# 2. A\n\nDate: 2026-01-02\n\nStatus: accepted\n\n## Context\n\n## Decision\n\n## Consequences\n", 1)]
    [InlineData("docs/decisions/0001-a.md", "# 1. A\n\n## Decision\n\n## Context\n\n## Consequences\n", 3)]
    [InlineData("docs/decisions/A.md", "", 4)]
    public void Offences_Sample_FindsWhatIsNotTheForm(string path, string text, int offences) => Assert.Equal(offences, Offences(new TextFile(path, text)).Count());

    [Fact]
    public void Offences_MoreThanAScreen_FindsIt() =>
        Assert.Single(Offences(new TextFile("docs/decisions/0001-a.md", "# 1. A\nDate: 2026-01-02\nStatus: accepted\n" + string.Join('\n', Headings) + new string('\n', Screen))));

    private static IEnumerable<TextFile> Decisions() => Tree.Files.Where(file => file.IsUnder("docs/decisions"));

    private static IEnumerable<string> Offences(TextFile file)
    {
        if (FileName().Match(file.Path) is not { Success: true } name)
        {
            yield return file.Offence(1, "a decision is named NNNN-in-a-few-words.md");
        }
        else if (!file.Text.StartsWith($"# {int.Parse(name.Groups["number"].Value, CultureInfo.InvariantCulture)}. ", StringComparison.Ordinal))
        {
            yield return file.Offence(1, "begins with '# N. The decision in one sentence'");
        }

        if (!file.Lines.Any(line => Date().IsMatch(line)))
        {
            yield return file.Offence(2, "has no line 'Date: YYYY-MM-DD'");
        }

        if (!file.Lines.Any(line => line.StartsWith("Status: ", StringComparison.Ordinal)))
        {
            yield return file.Offence(3, "has no line 'Status: accepted' (or what else it is)");
        }

        if (!file.Lines.Where(Headings.Contains).SequenceEqual(Headings))
        {
            yield return file.Offence(1, $"has the headings {string.Join(", ", Headings)}, in this order");
        }

        if (file.Lines.Length > Screen + 1)
        {
            yield return file.Offence(Screen, $"fits one screen, {Screen} lines; leave out what the decision does not rest on");
        }
    }

    [GeneratedRegex("^docs/decisions/(?<number>[0-9]{4})-[a-z0-9-]+\\.md$", RegexOptions.ExplicitCapture)]
    private static partial Regex FileName();

    [GeneratedRegex("^Date: 20[0-9]{2}-[01][0-9]-[0-3][0-9]$")]
    private static partial Regex Date();
}
