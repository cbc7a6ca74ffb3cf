using System.Text.RegularExpressions;
using Churn.Notifications.V1;
using Churn.Playbooks.Documents;
using Churn.ServiceDefaults.Documents;

namespace Churn.Playbooks.Tests.Documents;

/// <summary>Tries the ready-made playbooks.</summary>
public sealed class LibraryTests
{
    private const string Folder = "Churn.Playbooks.Library.";

    public static TheoryData<string> Names => [.. typeof(Keys).Assembly.GetManifestResourceNames().Where(name => name.StartsWith(Folder, StringComparison.Ordinal)).Select(name => name[Folder.Length..])];

    [Fact]
    public void Library_Names_AreThoseOfTheirPlaybooks() =>
        Assert.Equal(["failed-payment.yaml", "inactivity.yaml", "renewal-90.yaml"], Names.Select(row => row.Data).Order(StringComparer.Ordinal));

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Library_Document_IsInOrder(string name)
    {
        var file = DocumentFile.Read(name, SchemaTests.Resource("Library." + name));
        var templates = new Found(file.Documents.Where(document => PlaybookReader.KindOf(document) == Words.Template).Select(TemplateOf).ToDictionary(template => template.Name, StringComparer.Ordinal));
        var playbooks = new List<ReadPlaybook>();
        foreach (var document in file.Documents.Where(document => PlaybookReader.KindOf(document) == Words.Playbook))
        {
            if (await PlaybookReader.ReadAsync(document, DocumentRules.Default, templates, null, TestContext.Current.CancellationToken) is { } read)
            {
                playbooks.Add(read);
            }
        }

        Assert.Empty(file.Problems.Errors.Select(error => error.ToString()));
        Assert.Empty(file.Problems.Warnings.Select(warning => warning.ToString()));
        Assert.Empty(SchemaTests.Errors(SchemaTests.Resource("Library." + name)));
        Assert.Equal(Path.GetFileNameWithoutExtension(name), playbooks[0].Playbook.Name);
        Assert.All(playbooks, playbook => Assert.InRange(playbook.Playbook.HoldoutShare, 0.05, 0.5));
        Assert.All(playbooks, playbook => Assert.DoesNotContain(playbook.Playbook.Steps, step => step.Id.Contains('[', StringComparison.Ordinal)));
        Assert.Equal(templates.All.Order(StringComparer.Ordinal), playbooks.SelectMany(playbook => playbook.Templates).Select(use => use.Name).Distinct().Order(StringComparer.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Library_Texts_AreInEnglishAndPortugueseWithTheSameVariables(string name)
    {
        foreach (var document in DocumentFile.Read(name, SchemaTests.Resource("Library." + name)).Documents.Where(document => PlaybookReader.KindOf(document) == Words.Template))
        {
            var locales = document.Root.Find("locales")!.AsEntries()!;
            Assert.Equal(["en", "pt"], locales.Select(locale => locale.Key));
            var uses = locales.Select(locale => string.Join(' ', locale.Value.AsEntries()!.Select(text => $"{text.Key}: {string.Join(' ', Regex.Matches(text.Value.Scalar!, @"\{[{%].*?[%}]\}").Select(match => match.Value))}"))).ToList();
            Assert.Equal(uses[0], uses[1]);
        }
    }

    private static Template TemplateOf(FileDocument document)
    {
        var template = new Template { Name = document.Root.Find("name")!.AsText()! };
        foreach (var (name, node) in document.Root.Find("variables")?.AsEntries() ?? [])
        {
            template.Variables.Add(new Variable
            {
                Name = name,
                Required = node.Find("required")?.AsTruth() ?? false,
                Type = Enum.Parse<Variable.Types.Type>(node.Find("type")!.AsText()!, ignoreCase: true),
            });
        }

        return template;
    }

    private sealed class Found(Dictionary<string, Template> templates) : ITemplateCatalog
    {
        public IReadOnlyCollection<string> All => templates.Keys;

        public ValueTask<Template?> FindAsync(string name, CancellationToken cancellationToken) => ValueTask.FromResult(templates.GetValueOrDefault(name));
    }
}
