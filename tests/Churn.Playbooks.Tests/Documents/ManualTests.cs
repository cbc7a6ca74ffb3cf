using System.Text.RegularExpressions;

namespace Churn.Playbooks.Tests.Documents;

/// <summary>Tries what docs/playbooks.md shows.</summary>
public sealed class ManualTests
{
    private static readonly string Manual = File.ReadAllText(Path.Combine(Root(), "docs", "playbooks.md"));

    [Fact]
    public async Task Manual_Example_IsInOrder()
    {
        var yaml = Assert.Single(Regex.Matches(Manual, "```yaml\n(?<text>.*?)```", RegexOptions.Singleline)).Groups["text"].Value;
        var (read, problems) = await Example.ReadAsync(yaml);
        Assert.Empty(problems.Errors);
        Assert.Empty(problems.Warnings);
        Assert.NotNull(read);
        Assert.Empty(SchemaTests.Errors(yaml));
    }

    [Fact]
    public async Task Manual_Errors_AreWhatIsSaid()
    {
        var (_, problems) = await Example.ReadAsync(
            "kind: playbook\nname: x\ntitle: X\ntrigger: { fact: payment_fialed }\nholdout: 0%\nsteps:\n  - wait: 0m\n  - notify: { channel: email, template: payment-failed }\n");
        Assert.Equal(4, problems.Errors.Count);
        Assert.All(problems.Errors, error => Assert.Contains(error.ToString().Replace("p.yaml:", "billing.yaml:", StringComparison.Ordinal), Manual, StringComparison.Ordinal));
    }

    [Fact]
    public void Manual_Keys_AreAllThere() =>
        Assert.All(
            typeof(Churn.Playbooks.Documents.Keys).GetFields().SelectMany(field => (string[])field.GetValue(null)!).Distinct(),
            key => Assert.Matches($@"\b{key}\b", Manual));

    private static string Root()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "Churn.sln")))
        {
            folder = folder.Parent!;
        }

        return folder.FullName;
    }
}
