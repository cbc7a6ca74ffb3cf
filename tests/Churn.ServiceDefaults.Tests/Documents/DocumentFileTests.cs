using Churn.ServiceDefaults.Documents;

namespace Churn.ServiceDefaults.Tests.Documents;

public sealed class DocumentFileTests
{
    [Fact]
    public void Read_Documents_AreSplitAndKeepTheirLines()
    {
        var file = Read("# Which.\nkind: a\n---\n# Nothing but this.\n---\nkind: b\nname: x\n--- \nkind: c\n...\n");
        Assert.Empty(Said(file));
        Assert.Equal([("a", 2), ("b", 6), ("c", 9)], file.Documents.Select(document => (document.Root.AsMap("kind", "name")!.Get("kind")!.Scalar!, document.Root.Line)));
        Assert.Equal("# Which.\nkind: a\n", file.Documents[0].Source);
        var alone = Read(file.Documents[1].InPlace).Documents.Single();
        Assert.Equal((6, 1), (alone.Root.Line, alone.Root.Column));
    }

    [Theory]
    [InlineData("")]
    [InlineData("\n\n# A comment.\n")]
    [InlineData("---\n---\n")]
    [InlineData("~\n")]
    public void Read_Nothing_IsNoDocument(string text)
    {
        var file = Read(text);
        Assert.Empty(file.Documents);
        Assert.Empty(Said(file));
    }

    [Theory]
    [InlineData("a:\n\tb: 1\n", "f.yaml:2:1: a tab; YAML is indented with spaces alone")]
    [InlineData("a:\n  - b\n \t- c\n", "f.yaml:3:2: a tab; YAML is indented with spaces alone")]
    [InlineData("a: b: c\n", "f.yaml:1:5: this is no YAML: while scanning a plain scalar value, found invalid mapping; put a text that holds ': ' in quotes")]
    [InlineData("a: *b\n", "f.yaml:1:4: this is no YAML: *b names nothing that stands before it")]
    [InlineData("a: &a\n  b: *a\n", "f.yaml:2:6: this is no YAML: *a stands within what it names, which would never end; write the value out")]
    [InlineData("a: !!python/name:os.system x\n", "")]
    [InlineData("a: !run x\n", "f.yaml:1:4: the tag !run means nothing here; take it away")]
    [InlineData("- a\nb: c\n", "f.yaml:2:1: this is no YAML: ")]
    [InlineData("a: \"b\n", "f.yaml:1:4: this is no YAML: ")]
    [InlineData("a: {{ b }}c\n", "f.yaml:1:11: this is no YAML: ")]
    public void Read_Syntax_SaysWhereAndWhatToDo(string text, string said)
    {
        var errors = Said(Read(text));
        if (said.Length == 0)
        {
            Assert.Empty(errors);
        }
        else
        {
            Assert.StartsWith(said, Assert.Single(errors), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Read_OneDocumentBroken_OthersAreRead()
    {
        var file = Read("a: [\n---\nb: c\n---\nd: e: f\n");
        Assert.Equal(3, file.Documents.Single().Root.Line);
        Assert.Equal([2, 5], file.Problems.Errors.Select(error => error.Line).Select(line => line <= 2 ? 2 : line));
    }

    [Fact]
    public void Read_Aliases_AreTheValueThatTheyName()
    {
        var map = Read("a: &days [1, 2]\nb: *days\n").Documents.Single().Root.AsMap("a", "b")!;
        Assert.Equal(["1", "2"], map.Get("b")!.AsTexts()!);
        Assert.Equal(map.Get("a")!.ContentHash(), map.Get("b")!.ContentHash());
    }

    [Fact]
    public void Read_AliasesThatMultiply_AreRefused()
    {
        var laughs = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n" + string.Concat(Enumerable.Range(1, 30).Select(i => $"a{i}: &a{i} [{string.Join(", ", Enumerable.Repeat($"*a{i - 1}", 10))}]\n"));
        Assert.Contains("has more than 50,000 values", Assert.Single(Said(Read(laughs))), StringComparison.Ordinal);
    }

    [Fact]
    public void Read_TooDeep_IsRefused()
    {
        Assert.Empty(Said(Read(new string('[', 64) + new string(']', 64))));
        Assert.Contains("more than 64 deep", Assert.Single(Said(Read(new string('[', 65) + new string(']', 65)))), StringComparison.Ordinal);
        Assert.Contains("more than 64 deep", Assert.Single(Said(Read(new string('[', 500_000)))), StringComparison.Ordinal);
        var chained = "a0: &a0 [x]\n" + string.Concat(Enumerable.Range(1, 80).Select(i => $"a{i}: &a{i} [*a{i - 1}]\n"));
        Assert.Contains("64 deep", Assert.Single(Said(Read(chained))), StringComparison.Ordinal);
    }

    [Fact]
    public void Read_TooLarge_IsRefused()
    {
        Assert.Empty(Said(Read("a: " + new string('x', DocumentFile.MostBytes - 3))));
        Assert.Equal("f.yaml:1:1: the file has more than 1 MiB; split it", Assert.Single(Said(Read("a: " + new string('x', DocumentFile.MostBytes - 2)))));
        Assert.Contains("has more than 50,000 values", Assert.Single(Said(Read("[" + string.Join(',', Enumerable.Repeat("x", 60_000)) + "]"))), StringComparison.Ordinal);
    }

    [Fact]
    public void Read_AnyText_GivesNoException()
    {
        const string Letters = "{}[]&*!|>'\"%@`,:-?# \t\na0~\\\u0000\u2028\uFEFF";
        Law.Holds(
            FsCheck.Fluent.ArbMap.Default.ArbFor<int[]>(),
            numbers =>
            {
                var text = string.Concat(numbers.Select(number => Letters[Math.Abs(number % Letters.Length)]));
                foreach (var document in Read(text).Documents)
                {
                    document.Root.AsEntries();
                    document.Root.ContentHash();
                }
            },
            times: 20_000);
    }

    private static DocumentFile Read(string text) => DocumentFile.Read("f.yaml", text);

    private static List<string> Said(DocumentFile file) => [.. file.Problems.Errors.Select(error => error.ToString())];
}
