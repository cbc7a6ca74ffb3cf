using System.Text.RegularExpressions;
using System.Xml.Linq;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Churn.Conventions.Tests;

public sealed partial class SuppressionsTests
{
    private const string GiveTheReason = "say why in a comment on the line above";

    // What weakens a build when it has this value; null is any value.
    private static readonly Dictionary<string, string?> Switches = new(StringComparer.Ordinal)
    {
        ["EnableNETAnalyzers"] = "false",
        ["EnforceCodeStyleInBuild"] = "false",
        ["NoWarn"] = null,
        ["NuGetAudit"] = "false",
        ["NuGetAuditSuppress"] = null,
        ["Nullable"] = "disable",
        ["RunAnalyzers"] = "false",
        ["TreatWarningsAsErrors"] = "false",
        ["WarningLevel"] = null,
        ["WarningsNotAsErrors"] = null,
    };

    [Fact]
    public void EditorConfig_SeverityLowered_HasItsReason() => Offenders.None(Tree.Files.Where(file => file.Extension is ".editorconfig" or ".globalconfig").SelectMany(InEditorConfig));

    [Fact]
    public void Build_WarningSilenced_HasItsReason() => Offenders.None(Tree.Files.Where(file => file.Extension is ".csproj" or ".props" or ".targets").SelectMany(InBuildFile));

    [Fact]
    public void Code_WarningSilenced_HasItsReason() => Offenders.None(Tree.Files.Where(file => file.Extension == ".cs").SelectMany(InCode));

    [Theory]
    [InlineData("[*.cs]\ndotnet_diagnostic.CA1.severity = none", 1)]
    [InlineData("[*.cs]\n# Why.\n\ndotnet_diagnostic.CA1.severity = suggestion", 1)]
    [InlineData("# Why.\ndotnet_diagnostic.CA1.severity = none\nindent_size = 4\ndotnet_diagnostic.CA2.severity = silent", 1)]
    [InlineData("# Why.\ndotnet_diagnostic.CA1.severity = none\ndotnet_diagnostic.CA2.severity = none", 0)]
    [InlineData("dotnet_diagnostic.CA1.severity = error", 0)]
    [InlineData("[gen/**.cs]\ngenerated_code = true", 1)]
    public void InEditorConfig_Sample_FindsWhatHasNoReason(string text, int offences) => Assert.Equal(offences, InEditorConfig(new TextFile(".editorconfig", text)).Count());

    [Theory]
    [InlineData("<NoWarn>CA1</NoWarn>", 1)]
    [InlineData("<!-- Why. -->\n<LangVersion>14</LangVersion>\n<NoWarn>CA1</NoWarn>", 1)]
    [InlineData("<TreatWarningsAsErrors>false</TreatWarningsAsErrors>", 1)]
    [InlineData("<PackageReference Include='X' NoWarn='NU1' />", 1)]
    [InlineData("<!-- Why. -->\n<NoWarn>CA1</NoWarn>\n<WarningsNotAsErrors>CA2</WarningsNotAsErrors>", 0)]
    [InlineData("<TreatWarningsAsErrors>true</TreatWarningsAsErrors>", 0)]
    public void InBuildFile_Sample_FindsWhatHasNoReason(string text, int offences) =>
        Assert.Equal(offences, InBuildFile(new TextFile("A.csproj", $"<Project><PropertyGroup>\n{text}\n</PropertyGroup></Project>")).Count());

    [Theory]
    [InlineData("#pragma warning disable CA1\nclass A;", 1)]
    [InlineData("class B;\n#nullable disable\nclass A;", 1)]
    [InlineData("[SuppressMessage(\"a\", \"b\")] class A;", 1)]
    [InlineData("[UnconditionalSuppressMessage(\"a\", \"b\", Justification = \"<Pending>\")] class A;", 1)]
    [InlineData("[SuppressMessage(\"a\", \"b\", Justification = \"Why.\")] class A;", 0)]
    [InlineData("// Why.\n#pragma warning disable CA1\n#pragma warning disable CA2\nclass A;\n#pragma warning restore CA1", 0)]
    public void InCode_Sample_FindsWhatHasNoReason(string text, int offences) => Assert.Equal(offences, InCode(new TextFile("A.cs", text)).Count());

    private static IEnumerable<string> InEditorConfig(TextFile file) => WithoutReason(file, LoweredSeverity(), "#");

    private static IEnumerable<string> InBuildFile(TextFile file)
    {
        return file.Elements.Where(element => Silences(element) && !HasReason(element))
            .Select(element => file.OffenceAt(element, $"{element.Name.LocalName} silences a warning; {GiveTheReason}"));

        static bool Silences(XElement element) => element.Attribute("NoWarn") is not null
            || (Switches.TryGetValue(element.Name.LocalName, out var value) && (value ?? element.Value) == element.Value);

        static bool HasReason(XElement element) => element.PreviousNode is XComment || (element.PreviousNode is XElement above && Silences(above) && HasReason(above));
    }

    private static IEnumerable<string> InCode(TextFile file)
    {
        var attributes = file.Syntax.GetRoot().DescendantNodes().OfType<AttributeSyntax>()
            .Where(attribute => attribute.Name.ToString().Split('.')[^1] is "SuppressMessage" or "UnconditionalSuppressMessage")
            .Where(attribute => !(attribute.ArgumentList?.Arguments).GetValueOrDefault()
                .Any(argument => argument.NameEquals?.Name.ToString() == "Justification" && argument.Expression is LiteralExpressionSyntax { Token.ValueText: not ("" or "<Pending>") }))
            .Select(attribute => file.OffenceAt(attribute.SpanStart, "SuppressMessage silences a warning; say why in its Justification"));
        var directives = file.Syntax.GetRoot().DescendantTrivia().Any(trivia => trivia.IsKind(SyntaxKind.PragmaWarningDirectiveTrivia) || trivia.IsKind(SyntaxKind.NullableDirectiveTrivia));
        return directives ? attributes.Concat(WithoutReason(file, DisablingDirective(), "//")) : attributes;
    }

    /// <summary>Neighbours may share one reason: the lines above are looked at until one is not a suppression.</summary>
    private static IEnumerable<string> WithoutReason(TextFile file, Regex suppression, string comment)
    {
        for (var line = 0; line < file.Lines.Length; line++)
        {
            var above = line;
            while (above >= 0 && suppression.IsMatch(file.Lines[above]))
            {
                above--;
            }

            if (above < line && (above < 0 || !file.Lines[above].TrimStart().StartsWith(comment, StringComparison.Ordinal)))
            {
                yield return file.Offence(line + 1, $"{file.Lines[line].Trim()}: {GiveTheReason}");
            }
        }
    }

    [GeneratedRegex(@"^\s*(dotnet_(analyzer_)?diagnostic\S*\.severity\s*=\s*(none|silent|suggestion)|generated_code\s*=\s*true)\s*$", RegexOptions.ExplicitCapture)]
    private static partial Regex LoweredSeverity();

    [GeneratedRegex(@"^\s*#(pragma warning disable|nullable disable)")]
    private static partial Regex DisablingDirective();
}
