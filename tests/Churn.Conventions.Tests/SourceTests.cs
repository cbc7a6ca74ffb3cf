using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Churn.Conventions.Tests;

public sealed partial class SourceTests
{
    private static readonly string[] WithComments = [".cs", ".csproj", ".editorconfig", ".props", ".proto", ".py", ".sh", ".sql", ".targets", ".yaml", ".yml", ""];
    private static readonly string[] Written = [.. WithComments, ".json", ".lua", ".md", ".txt"];

    [Fact]
    public void Comment_Text_SaysWhyAndNothingElse() => Offenders.None(Tree.Files.Where(file => file.Extension == ".cs").SelectMany(BadComments));

    [Fact]
    public void Work_Unfinished_IsNotLeftBehind() => Offenders.None(Tree.Files
        .Where(file => WithComments.Contains(file.Extension) && !file.IsUnder("tests/Churn.Conventions.Tests"))
        .SelectMany(Unfinished));

    [Fact]
    public void Test_Skipped_SaysWhyAtRunTime() => Offenders.None(Tree.Files.Where(file => file.IsUnder("tests") && file.Extension == ".cs").SelectMany(Skipped));

    [Fact]
    public void Source_Characters_AreAsciiOutsideOfText() => Offenders.None(Tree.OwnCode.Where(file => !file.IsUnder("tests")).SelectMany(NotAscii));

    [Fact]
    public void File_Layout_IsLinesOfSpacesEndedByLineFeeds() => Offenders.None(Tree.Files
        .Where(file => Written.Contains(file.Extension) && !file.Path.EndsWith(".lock.json", StringComparison.Ordinal))
        .SelectMany(BadLayout));

    [Theory]
    [InlineData("#region A\n#endregion", 2)]
    [InlineData("// ==========\nclass A;", 1)]
    [InlineData("// ---- Reading ----\nclass A;", 1)]
    [InlineData("/***** Reading *****/\nclass A;", 1)]
    [InlineData("// var a = 1;\nclass A;", 1)]
    [InlineData("class A { } // Call(b);", 1)]
    [InlineData("// if (a == b)\n// {\n//     a();\n// }\nclass A;", 3)]
    [InlineData("/* return a; */ class A;", 1)]
    [InlineData("// public int B { get; set; }\nclass A;", 1)]
    [InlineData("// The first is looked up; the rest (most of them) are\n// computed, as f(x) = y;\n// nothing else is.\nclass A { string a = \"// b();\"; }", 0)]
    [InlineData("/// <summary>Gives <c>a = b;</c> - what else.</summary>\nclass A;", 0)]
    public void BadComments_Sample_FindsBannersRegionsAndCode(string text, int offences) => Assert.Equal(offences, BadComments(new TextFile("A.cs", text)).Count());

    [Theory]
    [InlineData("a.cs", "// TODO: more", 1)]
    [InlineData("a.proto", "// FIXME", 1)]
    [InlineData("services/a.cs", "throw new NotImplementedException();", 1)]
    [InlineData("compat/a.cs", "throw new NotImplementedException();", 0)]
    [InlineData("a.cs", "var hackney = Todo;", 0)]
    public void Unfinished_Sample_FindsMarks(string path, string text, int offences) => Assert.Equal(offences, Unfinished(new TextFile(path, text)).Count());

    [Theory]
    [InlineData("class A { [Fact(Skip = \"b\")] void B() { } }", 1)]
    [InlineData("class A { [InlineData(1, Skip=\"b\")] void B() => Assert.Skip(\"c\"); }", 1)]
    [InlineData("class A { [Fact] void B() => Assert.Skip(\"no c here\"); }", 0)]
    public void Skipped_Sample_FindsAttributes(string text, int offences) => Assert.Equal(offences, Skipped(new TextFile("A.cs", text)).Count());

    [Theory]
    [InlineData("// caf\u00e9\nclass A;", 1)]
    [InlineData("class Caf\u00e9;", 1)]
    [InlineData("class A { char a = '\u2192'; string b = $\"\u2026{1}\u2026\"; string c = \"\"\"\n  \u2026\n  \"\"\"; }", 0)]
    public void NotAscii_Sample_FindsWhatIsNoText(string text, int offences) => Assert.Equal(offences, NotAscii(new TextFile("A.cs", text)).Count());

    [Theory]
    [InlineData("a\r\nb\n", 1)]
    [InlineData("\ta\n", 1)]
    [InlineData("a", 1)]
    [InlineData("a \n", 1)]
    [InlineData("a\nb\n", 0)]
    [InlineData("", 0)]
    public void BadLayout_Sample_FindsIt(string text, int offences) => Assert.Equal(offences, BadLayout(new TextFile("a.cs", text)).Count());

    private static IEnumerable<string> BadComments(TextFile file)
    {
        foreach (var trivia in file.Syntax.GetRoot().DescendantTrivia(descendIntoTrivia: true))
        {
            if (trivia.IsKind(SyntaxKind.RegionDirectiveTrivia) || trivia.IsKind(SyntaxKind.EndRegionDirectiveTrivia))
            {
                yield return file.OffenceAt(trivia.SpanStart, "a region hides code; take it away, or make what is in it a type");
            }
            else if (trivia.IsKind(SyntaxKind.SingleLineCommentTrivia) || trivia.IsKind(SyntaxKind.MultiLineCommentTrivia))
            {
                foreach (var line in trivia.ToString().Split('\n').Select(line => line.Trim()))
                {
                    if (Banner().IsMatch(line))
                    {
                        yield return file.OffenceAt(trivia.SpanStart, $"{line}: a banner; take it away");
                    }
                    else if (IsCode(Framing().Replace(line, "")))
                    {
                        yield return file.OffenceAt(trivia.SpanStart, $"{line}: code in a comment; the history keeps it, take it away");
                    }
                }
            }
        }
    }

    /// <summary>Tells code from prose: it ends as code does, has a mark that prose has not, and parses.</summary>
    private static bool IsCode(string line)
    {
        if (line is "{" or "}" or "};" or "});" || Property().IsMatch(line))
        {
            return true;
        }

        var whole = line.EndsWith('{') ? line + " }" : line;
        return (whole.EndsWith(';') || whole.EndsWith('}'))
            && (whole.Contains('(', StringComparison.Ordinal) || whole.Contains('=', StringComparison.Ordinal) || Keyword().IsMatch(whole))
            && !SyntaxFactory.ParseStatement(whole).ContainsDiagnostics;
    }

    private static IEnumerable<string> Unfinished(TextFile file)
    {
        for (var line = 0; line < file.Lines.Length; line++)
        {
            if (Mark().Match(file.Lines[line]) is { Success: true, Value: var mark })
            {
                yield return file.Offence(line + 1, $"{mark}: finish it, or write down elsewhere what is left to do");
            }

            if (file.IsUnder("services") && file.Lines[line].Contains("NotImplementedException", StringComparison.Ordinal))
            {
                yield return file.Offence(line + 1, "NotImplementedException: what is not built is not there");
            }
        }
    }

    private static IEnumerable<string> Skipped(TextFile file) => file.Syntax.GetRoot().DescendantNodes().OfType<AttributeArgumentSyntax>()
        .Where(argument => argument.NameEquals?.Name.Identifier.ValueText == "Skip")
        .Select(argument => file.OffenceAt(argument.SpanStart, "a test that never runs is no test; Assert.Skip(why) where the machine lacks something, or delete it"));

    private static IEnumerable<string> NotAscii(TextFile file)
    {
        for (var i = 0; i < file.Text.Length; i++)
        {
            if (!char.IsAscii(file.Text[i]) && !IsText(file.Syntax.GetRoot().FindToken(i), i))
            {
                yield return file.OffenceAt(i, $"U+{(int)file.Text[i]:X4} outside of a string; sources are ASCII");
            }
        }

        static bool IsText(SyntaxToken token, int position) => token.Span.Contains(position) && token.Kind() is
            SyntaxKind.CharacterLiteralToken or SyntaxKind.StringLiteralToken or SyntaxKind.InterpolatedStringTextToken
            or SyntaxKind.SingleLineRawStringLiteralToken or SyntaxKind.MultiLineRawStringLiteralToken or SyntaxKind.Utf8StringLiteralToken
            or SyntaxKind.Utf8SingleLineRawStringLiteralToken or SyntaxKind.Utf8MultiLineRawStringLiteralToken;
    }

    private static IEnumerable<string> BadLayout(TextFile file)
    {
        if (file.Text.Length > 0 && file.Text[^1] != '\n')
        {
            yield return file.Offence(file.Lines.Length, "the last line has no line feed");
        }

        for (var line = 0; line < file.Lines.Length; line++)
        {
            if (file.Lines[line].Contains('\t', StringComparison.Ordinal))
            {
                yield return file.Offence(line + 1, "a tab; indent with spaces");
            }

            if (file.Lines[line].EndsWith('\r'))
            {
                yield return file.Offence(line + 1, "a carriage return; lines end with a line feed alone");
            }
            else if (file.Lines[line].EndsWith(' '))
            {
                yield return file.Offence(line + 1, "a space at the end of the line");
            }
        }
    }

    [GeneratedRegex(@"([=\-*#~_/+]){5,}|^(//|/\*)\s*([=\-*#~_])\3{2,}")]
    private static partial Regex Banner();

    [GeneratedRegex(@"^(//+|/\*+|\*(?!/))\s*|\s*\*/$")]
    private static partial Regex Framing();

    [GeneratedRegex(@"\{ get;.*\}$")]
    private static partial Regex Property();

    [GeneratedRegex(@"^(await|break|continue|return|throw|using|var|yield)\b")]
    private static partial Regex Keyword();

    [GeneratedRegex(@"\b(TODO|FIXME|HACK|XXX)\b")]
    private static partial Regex Mark();
}
