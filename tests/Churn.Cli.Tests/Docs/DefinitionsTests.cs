using System.Reflection;
using System.Text;
using Churn.Cli.Report.Output;
using Churn.Metrics.Domain;

namespace Churn.Cli.Tests.Docs;

public sealed class DefinitionsTests
{
    private const string OneRow = "churn report --to 2024-01\ncustomer_id,start_at,end_at,mrr,plan\nA,2024-01-01,,10,x\n";

    private static readonly Definitions Page = Definitions.Read();

    public static TheoryData<int> WorkedLines => [.. Page.Worked().Select(w => w.Line)];

    [Theory]
    [MemberData(nameof(WorkedLines))]
    public void Worked_EachNumber_IsWhatTheReportSays(int line) =>
        Assert.Empty(new WorkedNumber(Page.Worked().Single(w => w.Line == line).Text).Differences());

    [Fact]
    public void Section_EachDefinition_HasFormulaUnitSourceAndWorkedNumber()
    {
        string[] parts = ["| Formula | ", "| Unit | ", "| Source | ", "```worked\n"];
        Assert.NotEmpty(Page.Sections());
        Assert.Empty(Page.Sections().SelectMany(s => parts
            .Where(part => !("\n" + s.Text).Contains("\n" + part, StringComparison.Ordinal))
            .Select(part => $"{s.Heading}: lacks {part.Trim()}")));
    }

    [Fact]
    public void Tables_ColumnsOfTheFiles_AreTheHeadersOfTheFiles()
    {
        var explained = Page.Columns();
        var everywhere = explained["every file"];
        explained.Remove("every file");
        var files = new WorkedNumber("churn report --to 2024-01 --by plan\ncustomer_id,start_at,mrr,plan\nA,2024-01-01,10,Team\n").Run();
        Assert.Equal(ReportFiles.Names.Order(StringComparer.Ordinal), files.Keys.Order(StringComparer.Ordinal));
        Assert.Equal(ReportFiles.Names, explained.Keys);
        foreach (var (name, cells) in files)
        {
            Assert.Equal($"{name}: {string.Join(',', cells[0])}", $"{name}: {string.Join(',', everywhere.Concat(explained[name]))}");
        }
    }

    [Fact]
    public void Text_MovementKindsAndRates_NamesEach()
    {
        var kinds = Enum.GetValues<MovementKind>().Select(kind => $"\n| `{Encoding.ASCII.GetString(Categories.Of(kind))}` | ");
        var rates = typeof(Rates).GetProperties(BindingFlags.Public | BindingFlags.Instance).Select(rate => $"`Rates.{rate.Name}`");
        Assert.All(kinds.Concat(rates), name => Assert.Contains(name, Page.Text, StringComparison.Ordinal));
    }

    [Fact]
    public void Links_EachReference_HasAnAddressAndEachAddressAReference() => Assert.Empty(Page.BadLinks());

    [Theory]
    [InlineData("=> rates.csv, grain month, month 2024-01: arpa 11.00", "arpa is 10.00")]
    [InlineData("=> rates.csv, grain month, month 2024-01: arpa 10", "arpa is 10.00")]
    [InlineData("=> rates.csv, grain month, month 2024-01: logo_churn_rate 0.000000000000", "logo_churn_rate is undefined")]
    [InlineData("=> rates.csv, month 2024-01: arpa 10.00", "there are 3 such rows")]
    [InlineData("=> rates.csv, grain month, month 2024-02: arpa 10.00", "there are 0 such rows")]
    [InlineData("=> movements_month.csv, customer_id A: no row", "there are 1")]
    [InlineData("=> rates.csv, grain month: arpu 10.00", "there is no column arpu")]
    [InlineData("=> rate.csv, grain month: arpa 10.00", "is not \"FILE, column value: column value\"")]
    [InlineData("", "nothing is answered")]
    public void Differences_OfAWrongAnswer_SayWhatIsRight(string answer, string difference) =>
        Assert.EndsWith(difference, Assert.Single(new WorkedNumber((OneRow + answer).TrimEnd('\n')).Differences()), StringComparison.Ordinal);

    [Fact]
    public void BadLinks_OfAPageWithSome_AreThese() => Assert.Equal(
        ["[b] has no address", "[d] is used nowhere", "#e is no heading"],
        new Definitions("## A\n[a](#a) [b][b] [c][c] [e](#e)\n[c]: https://example.org\n[d]: https://example.org").BadLinks());
}
