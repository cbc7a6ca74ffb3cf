using System.Text.RegularExpressions;

namespace Churn.Conventions.Tests;

public sealed partial class RepositoryTests
{
    // It has to hold the words that it refuses.
    private const string ThisFile = "tests/Churn.Conventions.Tests/RepositoryTests.cs";

    [Fact]
    public void Text_Anywhere_SpeaksOfTheProjectAlone() => Offenders.None(Tree.Files.Where(file => file.Path != ThisFile).SelectMany(Foreign));

    [Fact]
    public void Document_Link_LeadsSomewhere() => Offenders.None(Tree.Files.Where(file => file.Extension == ".md").SelectMany(DeadLinks));

    [Theory]
    [InlineData("see /work/main/README.md", 1)]
    [InlineData("HOME is /root/.nuget", 1)]
    [InlineData("/tmp/wt/conventions", 1)]
    [InlineData("Fixed in This Session.", 1)]
    [InlineData("issue #12", 1)]
    [InlineData("as design section 4 says", 1)]
    [InlineData("a session of the cancel flow; the work/life balance; the root of the tree", 0)]
    public void Foreign_Sample_FindsWhatIsNotOfTheProject(string text, int offences) => Assert.Equal(offences, Foreign(new TextFile("a.md", text)).Count());

    [Theory]
    [InlineData("[a](no-such-file.md)", 1)]
    [InlineData("[a](../Churn.sln#part)", 0)]
    [InlineData("[a](https://example.org) [b](#part) [c](mailto:a@example.org)", 0)]
    public void DeadLinks_Sample_FindsThem(string text, int offences) => Assert.Equal(offences, DeadLinks(new TextFile("docs/a.md", text)).Count());

    private static IEnumerable<string> Foreign(TextFile file) => Words().Matches(file.Text)
        .Select(match => file.OffenceAt(match.Index, $"'{match.Value}': the repository speaks of the project alone; say it without"));

    private static IEnumerable<string> DeadLinks(TextFile file) => Link().Matches(file.Text)
        .Where(match => !Path.Exists(Path.Combine(Tree.Root, Path.Combine([.. file.Folders, match.Groups["target"].Value]))))
        .Select(match => file.OffenceAt(match.Index, $"{match.Groups["target"].Value} is not there"));

    [GeneratedRegex(@"(?<![\w.])/(work|root|farm|tmp/wt)/|\bthis session\b|\bissue #|\bdesign(\.md| section| document)\b", RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture)]
    private static partial Regex Words();

    [GeneratedRegex(@"\]\((?![a-z]+:|#)(?<target>[^)#\s]+)", RegexOptions.ExplicitCapture)]
    private static partial Regex Link();
}
