using System.Xml.Linq;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Churn.Conventions.Tests;

/// <summary>Compares what an assembly shows with the documentation that the compiler wrote beside it.</summary>
internal static class Documentation
{
    // They end as a verb does in the third person, and are none.
    private static readonly string[] NoVerbs = ["As", "Its", "Plus", "This", "Thus", "Whose"];

    public static bool IsDocumented(string project) =>
        project.EndsWith(".Domain", StringComparison.Ordinal) || project is "Churn.Client" or "Churn.Contracts" or "Churn.ServiceDefaults";

    public static IEnumerable<string> Offences(IAssemblySymbol assembly, XDocument documentation)
    {
        var members = documentation.Descendants("member").ToDictionary(member => (string)member.Attribute("name")!);
        foreach (var symbol in Shown(assembly.GlobalNamespace))
        {
            var name = $"{assembly.Name}: {symbol.ToDisplayString()}";
            if (!members.TryGetValue(symbol.GetDocumentationCommentId()!, out var member))
            {
                yield return $"{name}: is not documented; say in a <summary> what it does";
            }
            else if (member.Element("inheritdoc") is null)
            {
                var summary = Text(member.Element("summary"));
                if (summary is "")
                {
                    yield return $"{name}: has no <summary>; say what it does";
                }
                else if (!StartsWithAVerb(summary) && !IsParameter(symbol, summary))
                {
                    yield return $"{name}: \"{summary}\": begin with a verb in the third person, as in \"Gives ...\"";
                }
            }
        }

        // The compiler documents the property of a record's parameter with the words for the parameter, which name a thing.
        bool IsParameter(ISymbol symbol, string summary) => symbol is IPropertySymbol
            && members.TryGetValue(symbol.ContainingType.GetDocumentationCommentId()!, out var type)
            && type.Elements("param").Any(param => (string?)param.Attribute("name") == symbol.Name && Text(param) == summary);
    }

    private static bool StartsWithAVerb(string summary) =>
        summary.Split(' ', ',', ':', ';', '.')[0] is var word && word.EndsWith('s') && char.IsUpper(word[0]) && !NoVerbs.Contains(word);

    private static string Text(XElement? element) => string.Join(' ', (element?.Value ?? "").Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));

    private static IEnumerable<ISymbol> Shown(INamespaceOrTypeSymbol container) => container.GetMembers().SelectMany(member => member switch
    {
        INamespaceSymbol inner => Shown(inner),
        _ when !IsShown(member) => [],
        INamedTypeSymbol { TypeKind: TypeKind.Delegate } => [member],
        INamedTypeSymbol type => [type, .. Shown(type)],
        _ => new[] { member },
    });

    private static bool IsShown(ISymbol member) =>
        member.DeclaredAccessibility is Accessibility.Public or Accessibility.Protected or Accessibility.ProtectedOrInternal
        && !member.IsImplicitlyDeclared
        && !member.IsOverride
        && member.Name is not "EqualityContract"
        && member is not IMethodSymbol { AssociatedSymbol: not null }
        && !(member is IMethodSymbol { MethodKind: MethodKind.Constructor, Parameters.Length: 0 })
        && member.GetAttributes().All(attribute => attribute.AttributeClass?.Name is not "CompilerGeneratedAttribute");
}

public sealed class DocumentationTests
{
    private static readonly IEnumerable<PortableExecutableReference> All = ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!)
        .Split(Path.PathSeparator).Select(path => MetadataReference.CreateFromFile(path)).ToList();

    [Fact]
    public void PublicMember_OfDomainContractsAndDefaults_IsDocumented()
    {
        var built = CSharpCompilation.Create("all", references: All).SourceModule.ReferencedAssemblySymbols.ToDictionary(assembly => assembly.Name);
        Offenders.None(Tree.Projects.Select(project => project.Name).Where(Documentation.IsDocumented).SelectMany(name =>
            Documentation.Offences(built[name], XDocument.Load(Path.Combine(AppContext.BaseDirectory, name + ".xml")))));
    }

    [Theory]
    [InlineData("public class A;", "A: is not documented")]
    [InlineData("/// <summary> </summary>\npublic class A;", "A: has no <summary>")]
    [InlineData("/// <summary>The A.</summary>\npublic class A;", "A: \"The A.\": begin with a verb")]
    [InlineData("/// <summary>Gives A.</summary>\npublic class A { public int B; }", "A.B: is not documented")]
    [InlineData("/// <summary>Gives A.</summary>\npublic class A { protected void B<T>(T[] c, ref int? d) { } }", "A.B<T>(T[], ref int?): is not documented")]
    [InlineData("/// <summary>Names A.</summary>\npublic enum A { B }", "A.B: is not documented")]
    [InlineData("/// <summary>Gives A.</summary>\npublic record A(int B);", "A.B: is not documented")]
    [InlineData("/// <summary>Gives A.</summary>\n/// <param name=\"B\">What it is.</param>\npublic record A(int B);", null)]
    [InlineData("/// <summary>Gives A.</summary>\npublic class A { internal int B; private int C { get; } public override string ToString() => \"\"; }", null)]
    [InlineData("class A { public int B; }", null)]
    public void Offences_OfAnAssembly_AreItsUndocumentedMembers(string code, string? offence)
    {
        using var assembly = new MemoryStream();
        using var documentation = new MemoryStream();
        var tree = CSharpSyntaxTree.ParseText(code, new CSharpParseOptions(documentationMode: DocumentationMode.Diagnose), cancellationToken: TestContext.Current.CancellationToken);
        var result = CSharpCompilation.Create("Sample", [tree], All, new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary))
            .Emit(assembly, xmlDocumentationStream: documentation, cancellationToken: TestContext.Current.CancellationToken);
        Assert.True(result.Success, string.Join('\n', result.Diagnostics));
        assembly.Position = documentation.Position = 0;
        var reference = MetadataReference.CreateFromStream(assembly);
        var symbol = (IAssemblySymbol)CSharpCompilation.Create("all", references: [.. All, reference]).GetAssemblyOrModuleSymbol(reference)!;
        var offences = Documentation.Offences(symbol, XDocument.Load(documentation)).ToList();
        if (offence is null)
        {
            Assert.Empty(offences);
        }
        else
        {
            Assert.StartsWith("Sample: " + offence, Assert.Single(offences), StringComparison.Ordinal);
        }
    }
}
