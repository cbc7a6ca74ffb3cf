using Churn.ServiceDefaults.Documents;

namespace Churn.ServiceDefaults.Tests.Documents;

public sealed class DocumentNodeTests
{
    [Fact]
    public void AsMap_ManyErrors_AreAllSaid()
    {
        var (file, root) = Root("name: a\nname: b\ntitel: c\nsize:\nsteps:\n  - waits: 3\n? [x]\n: 1\n");
        var map = root.AsMap("name", "title", "size", "steps", "group")!;
        map.Require("group", "write 'group: x'");
        map.Get("steps")!.AsList()![0].AsMap("wait", "end");
        Assert.Equal(
            [
                "f.yaml:1:1: 'group' is missing; write 'group: x'",
                "f.yaml:2:1: name: 'name' is there already, in line 1; keep one of them",
                "f.yaml:3:1: titel: 'titel' is no key here; did you mean 'title'?",
                "f.yaml:4:1: size: 'size' has no value; give it one, or take it away",
                "f.yaml:6:5: steps[0].waits: 'waits' is no key here; did you mean 'wait'?",
                "f.yaml:7:3: a key must be a text",
            ],
            Said(file));
        Assert.Equal("a", map.Get("name")!.AsText());
        Assert.Equal(["name", "steps"], map.Keys);
    }

    [Theory]
    [InlineData("[a]", "this must be a text, and is a list")]
    [InlineData("{a: b}", "this must be a text, and is a map")]
    [InlineData("{{ event.day }}", "this must be a text, and is a map; put a text with {{ }} in quotes")]
    [InlineData("''", "the text is empty; write something, or take the key away")]
    [InlineData("\"a\\nb\"", "the text must be one line")]
    [InlineData("\"a\\0b\"", "the text holds U+0000, which cannot be shown; take it away")]
    [InlineData("abcdefghijk", "the text has 11 bytes, and may have 10; shorten it")]
    public void AsText_NoText_SaysWhatItIs(string yaml, string said) => Assert.Equal(said, Wrong(yaml, node => node.AsText(10)));

    [Theory]
    [InlineData("NO", "NO")]
    [InlineData("0123", "0123")]
    [InlineData("'~'", "~")]
    [InlineData("2026-01-01", "2026-01-01")]
    [InlineData("'a''b'", "a'b")]
    public void AsText_WhatYamlGuesses_StaysText(string yaml, string text) => Assert.Equal(text, Value(yaml).AsText());

    [Theory]
    [InlineData("1.5", "this must be a whole number from 1 to 10, and is '1.5'")]
    [InlineData("'3'", "this must be a whole number from 1 to 10, and is '3' in quotes")]
    [InlineData("0", "0 is out of range; write 1 to 10")]
    [InlineData("11", "11 is out of range; write 1 to 10")]
    [InlineData("99999999999999999999", "this must be a whole number from 1 to 10, and is '99999999999999999999'")]
    public void AsWhole_OutOfRange_SaysTheRange(string yaml, string said) => Assert.Equal(said, Wrong(yaml, node => node.AsWhole(1, 10)));

    [Fact]
    public void AsWhole_Ends_AreWithin() => Assert.Equal((1, 10), (Value("1").AsWhole(1, 10), Value("10").AsWhole(1, 10)));

    [Theory]
    [InlineData("yes", "this must be true or false, and is 'yes'")]
    [InlineData("'true'", "this must be true or false, and is 'true'")]
    public void AsTruth_OtherWords_AreRefused(string yaml, string said) => Assert.Equal(said, Wrong(yaml, node => node.AsTruth()));

    [Theory]
    [InlineData("1,5", "this must be a number such as 20 or 19.99, and is '1,5'")]
    [InlineData("1e3", "this must be a number such as 20 or 19.99, and is '1e3'")]
    public void AsNumber_OtherForms_AreRefused(string yaml, string said) => Assert.Equal(said, Wrong(yaml, node => node.AsNumber()));

    [Fact]
    public void AsNumber_Digits_AreExact() => Assert.Equal(-19.990m, Value("-19.990").AsNumber());

    [Theory]
    [InlineData("emial", "'emial' is none of email, in_app; did you mean 'email'?")]
    [InlineData("sms", "'sms' is none of email, in_app")]
    [InlineData("in-app", "'in-app' is none of email, in_app; did you mean 'in_app'?")]
    [InlineData("[email]", "this must be one of email, in_app, and is a list")]
    public void AsOneOf_Others_AreRefused(string yaml, string said) => Assert.Equal(said, Wrong(yaml, node => node.AsOneOf("email", "in_app")));

    [Theory]
    [InlineData("[]", "there must be at least 1")]
    [InlineData("[a, b, c]", "there may be at most 2, and there are 3")]
    [InlineData("a", "this must be a list, and is 'a'")]
    public void AsList_OutOfRange_SaysTheRange(string yaml, string said) => Assert.Equal(said, Wrong(yaml, node => node.AsList(1, 2)));

    [Fact]
    public void AsTexts_OneOrMany_AreAList()
    {
        Assert.Equal(["a"], Value("a").AsTexts()!);
        Assert.Equal(["a", "2"], Value("[a, 2]").AsTexts()!);
        var (file, root) = Root("[a, {b: c}]");
        Assert.Null(root.AsTexts());
        Assert.Equal("f.yaml:1:5: [1]: this must be a text, and is a map", Assert.Single(Said(file)));
    }

    [Fact]
    public void ContentHash_SameContent_IsTheSame()
    {
        var hash = Value("a: 1\nb: [x, 'y']\n").ContentHash();
        Assert.Equal(hash, Value("# Why.\nb:\n  - x # Here.\n  - y\na: \"1\"\n").ContentHash());
        Assert.NotEqual(hash, Value("a: 1\nb: [y, x]\n").ContentHash());
        Assert.NotEqual(hash, Value("a: 1\nb: [xy]\n").ContentHash());
        Assert.NotEqual(Value("[[a], b]").ContentHash(), Value("[[a, b]]").ContentHash());
    }

    [Fact]
    public void Errors_Many_AreCut()
    {
        var (file, root) = Root(string.Concat(Enumerable.Range(0, 1000).Select(i => $"k{i}: 1\n")));
        root.AsMap("a");
        Assert.Equal(DocumentProblems.Most, file.Problems.Errors.Count);
    }

    private static DocumentNode Value(string yaml)
    {
        var (file, root) = Root(yaml);
        Assert.Empty(Said(file));
        return root;
    }

    private static string Wrong<T>(string yaml, Func<DocumentNode, T?> read)
    {
        var (file, root) = Root(yaml);
        Assert.Null(read(root));
        var error = Assert.Single(file.Problems.Errors);
        Assert.Equal((1, 1, ""), (error.Line, error.Column, error.Path));
        return error.Message;
    }

    private static (DocumentFile File, DocumentNode Root) Root(string yaml)
    {
        var file = DocumentFile.Read("f.yaml", yaml);
        return (file, Assert.Single(file.Documents).Root);
    }

    private static List<string> Said(DocumentFile file) => [.. file.Problems.Errors.Select(error => error.ToString())];
}
