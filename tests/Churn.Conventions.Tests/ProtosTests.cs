using System.Text.RegularExpressions;

namespace Churn.Conventions.Tests;

public sealed partial class ProtosTests
{
    [Fact]
    public void Element_OfAProto_HasAComment() => Offenders.None(Tree.Files.Where(file => file.IsUnder("protos") && file.Extension == ".proto").SelectMany(Uncommented));

    [Theory]
    [InlineData("message A {\n  // Why.\n  string b = 1;\n}", 1)]
    [InlineData("// Why.\nmessage A {\n  repeated b.C d = 1 [deprecated = true];\n  map<string, int32> e = 2;\n}", 2)]
    [InlineData("// Why.\nenum A {\n  A_UNSPECIFIED = 0;\n}", 1)]
    [InlineData("// Why.\nservice A {\n  rpc B(C) returns (D);\n}", 1)]
    [InlineData("// Why.\nmessage A {\n  oneof b {\n    // Why.\n    string c = 1;\n  }\n}", 1)]
    [InlineData("syntax = \"proto3\";\noption a = 1;\n/* Why. */\nmessage A {\n  string b = 1; // Why.\n  reserved 2;\n}", 0)]
    public void Uncommented_Sample_FindsElements(string text, int offences) => Assert.Equal(offences, Uncommented(new TextFile("protos/a.proto", text)).Count());

    private static IEnumerable<string> Uncommented(TextFile file)
    {
        for (var line = 0; line < file.Lines.Length; line++)
        {
            var text = file.Lines[line];
            var above = line == 0 ? "" : file.Lines[line - 1].Trim();
            if (Element().IsMatch(text) && !text.Contains("//", StringComparison.Ordinal) && !above.StartsWith("//", StringComparison.Ordinal) && !above.EndsWith("*/", StringComparison.Ordinal))
            {
                yield return file.Offence(line + 1, $"{text.Trim()}: say above it what a client can act on: unit, range, default, errors");
            }
        }
    }

    [GeneratedRegex(@"^\s*((service|rpc|message|enum|oneof)\s+\w|(?!option\b|reserved\b|syntax\b|//)([\w.]+\s+|map<[^>]*>\s+)*\w+\s*=\s*-?\d+\s*[;\[])", RegexOptions.ExplicitCapture)]
    private static partial Regex Element();
}
