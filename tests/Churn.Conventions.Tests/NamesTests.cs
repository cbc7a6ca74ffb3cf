using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Churn.Conventions.Tests;

public sealed partial class NamesTests
{
    private static readonly string[] Refused = ["Base", "Common", "Core", "Helpers", "Manager", "Shared", "Utils"];
    private static readonly string[] RefusedEndings = ["Helper", "Helpers", "Manager", "Utils"];

    [Fact]
    public void Folder_Name_SaysWhatIsInIt() => Offenders.None(Tree.Files.Where(file => !file.IsUnder("compat")).SelectMany(RefusedInPath));

    [Fact]
    public void Namespace_Name_SaysWhatIsInIt() => Offenders.None(Tree.OwnCode.SelectMany(RefusedInNamespaces));

    [Fact]
    public void Namespace_OfAFile_IsItsProjectAndFolder() => Offenders.None(Tree.OwnCode.SelectMany(NamespacesThatAreNotTheFolder));

    [Fact]
    public void Type_Name_SaysWhatItDoes() => Offenders.None(Tree.OwnCode.SelectMany(RefusedTypes));

    [Fact]
    public void Test_Name_SaysMethodConditionAndResult() => Offenders.None(Tree.OwnCode.Where(file => file.IsUnder("tests")).SelectMany(BadTestNames));

    [Fact]
    public void HostType_Accessibility_IsInternal() => Offenders.None(Tree.OwnCode
        .Where(file => file.IsUnder("services") && !Documentation.IsDocumented(ProjectOf(file) ?? ""))
        .SelectMany(PublicTypes));

    [Fact]
    public void ServiceDefaults_Words_AreNoDomains() => Offenders.None(Tree.OwnCode.Where(file => file.IsUnder("services/ServiceDefaults")).SelectMany(DomainWords));

    [Fact]
    public void Checks_OfBadNames_FindThem()
    {
        Assert.Single(RefusedInPath(new TextFile("services/Churn.Common/A.cs", "")));
        Assert.Single(RefusedInPath(new TextFile("services/Cli/utils/A.cs", "")));
        Assert.Single(RefusedInPath(new TextFile("services/A/Churn.Core.csproj", "")));
        Assert.Empty(RefusedInPath(new TextFile("services/Databases/Scores.cs", "")));
        Assert.Single(RefusedInNamespaces(Code("namespace Churn.Shared.X;")));
        Assert.Single(RefusedInNamespaces(Code("namespace A { namespace Helpers { } }")));
        Assert.Empty(RefusedInNamespaces(Code("using Grpc.Core; namespace A;")));
        Assert.Equal(3, RefusedTypes(Code("class DateHelper { struct Manager; } interface IPathUtils;")).Count());
        Assert.Single(RefusedTypes(Code("enum StateManager { A }")));
        Assert.Single(BadTestNames(Code("class ATests { [Fact] public void Works() { } }")));
        Assert.Single(BadTestNames(Code("class A { [Theory] public void A_B_C() { } }")));
        Assert.Empty(BadTestNames(Code("class ATests { [Fact] public void A_B_C() { } [Fact] public void Law_A() { } [Fact] public void Regression_A() { } void Own() { } }")));
        Assert.Single(PublicTypes(Code("public sealed class A;")));
        Assert.Equal(2, DomainWords(Code("class PlaybookLease { int mrr; int customs; }")).Count());
        Assert.Single(NamespacesThatAreNotTheFolder(new TextFile("services/Cli/Churn.Cli/Report/A.cs", "namespace Churn.Cli;")));

        static TextFile Code(string text) => new("services/A/A.cs", text);
    }

    private static IEnumerable<string> RefusedInPath(TextFile file) => file.Folders
        .Concat(file.Extension == ".csproj" ? [file.Name] : [])
        .SelectMany(name => name.Split('.'))
        .Where(segment => Refused.Contains(segment, StringComparer.OrdinalIgnoreCase))
        .Select(segment => file.Offence(1, $"'{segment}' says nothing; name the folder or project for what is in it"));

    private static IEnumerable<string> RefusedInNamespaces(TextFile file) => Nodes<BaseNamespaceDeclarationSyntax>(file)
        .SelectMany(declared => declared.Name.ToString().Split('.'), (declared, segment) => (declared, segment))
        .Where(at => Refused.Contains(at.segment, StringComparer.OrdinalIgnoreCase))
        .Select(at => file.OffenceAt(at.declared.SpanStart, $"'{at.segment}' says nothing; name the namespace for what is in it"));

    private static IEnumerable<string> NamespacesThatAreNotTheFolder(TextFile file)
    {
        if (ProjectOf(file) is not { } project)
        {
            return [];
        }

        var expected = string.Join('.', file.Folders[Array.LastIndexOf(file.Folders, project)..]);
        return Nodes<BaseNamespaceDeclarationSyntax>(file)
            .Where(declared => declared.Name.ToString() != expected)
            .Select(declared => file.OffenceAt(declared.SpanStart, $"the namespace of this folder is {expected}"));
    }

    private static IEnumerable<string> RefusedTypes(TextFile file) => Nodes<MemberDeclarationSyntax>(file)
        .Select(NameOf)
        .Where(name => RefusedEndings.Any(ending => name.ValueText.EndsWith(ending, StringComparison.Ordinal)))
        .Select(name => file.OffenceAt(name.SpanStart, $"{name.ValueText}: name the type for what it does, or give its methods to the types they are about"));

    private static IEnumerable<string> BadTestNames(TextFile file)
    {
        foreach (var method in Nodes<MethodDeclarationSyntax>(file).Where(IsTest))
        {
            var name = method.Identifier.ValueText;
            if (name.Split('_').Length < 3 && !name.StartsWith("Law_", StringComparison.Ordinal) && !name.StartsWith("Regression_", StringComparison.Ordinal))
            {
                yield return file.OffenceAt(method.Identifier.SpanStart, $"{name}: a test is named Method_Condition_Result, Law_... or Regression_...");
            }

            if (method.Parent is TypeDeclarationSyntax type && !type.Identifier.ValueText.EndsWith("Tests", StringComparison.Ordinal))
            {
                yield return file.OffenceAt(type.Identifier.SpanStart, $"{type.Identifier.ValueText}: a class of tests is named <Type>Tests");
            }
        }
    }

    private static bool IsTest(MethodDeclarationSyntax method) => method.AttributeLists.SelectMany(list => list.Attributes)
        .Any(attribute => attribute.Name.ToString() is "Fact" or "Theory" or "Property");

    private static IEnumerable<string> PublicTypes(TextFile file) => Nodes<MemberDeclarationSyntax>(file)
        .Where(type => type.Parent is CompilationUnitSyntax or BaseNamespaceDeclarationSyntax && type.Modifiers.Any(SyntaxKind.PublicKeyword))
        .Select(type => file.OffenceAt(type.SpanStart, $"{NameOf(type).ValueText} is public; nothing refers to a host, so its types are internal"));

    private static IEnumerable<string> DomainWords(TextFile file) => DomainWord().Matches(file.Text)
        .Select(word => file.OffenceAt(word.Index, $"'{word.Value}' is a domain's word; what knows it belongs to that service"));

    private static string? ProjectOf(TextFile file) => file.Folders.LastOrDefault(folder => folder.StartsWith("Churn.", StringComparison.Ordinal));

    private static IEnumerable<T> Nodes<T>(TextFile file)
        where T : SyntaxNode => file.Syntax.GetRoot().DescendantNodes().OfType<T>();

    private static SyntaxToken NameOf(MemberDeclarationSyntax member) => member switch
    {
        BaseTypeDeclarationSyntax type => type.Identifier,
        DelegateDeclarationSyntax type => type.Identifier,
        _ => default,
    };

    [GeneratedRegex("cohort|customer|holdout|invoice|mrr|playbook|subscription", RegexOptions.IgnoreCase)]
    private static partial Regex DomainWord();
}
