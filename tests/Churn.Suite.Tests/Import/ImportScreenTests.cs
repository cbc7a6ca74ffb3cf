using System.CommandLine;
using System.Runtime.CompilerServices;
using Churn.Cli;
using Churn.Client.Facts;
using Churn.Suite.Import;
using Microsoft.Extensions.Time.Testing;

namespace Churn.Suite.Tests.Import;

public sealed class ImportScreenTests
{
    [Fact]
    public void Show_OnATerminal_WritesOverItsLineAtMostTenTimesASecond()
    {
        var time = new FakeTimeProvider();
        using var error = new StringWriter { NewLine = "\n" };
        var screen = new ImportScreen(error, isTerminal: true);
        screen.Show("1 fact", time);
        screen.Show("2 facts", time);
        time.Advance(TimeSpan.FromMilliseconds(100));
        screen.Show("3 facts", time);
        screen.Tell("note: so it is");
        screen.Clear();
        screen.Tell("done");
        Assert.Equal("\r\u001b[K1 fact\r\u001b[K3 facts\r\u001b[Knote: so it is\n3 facts\r\u001b[Kdone\n", error.ToString());
    }

    [Fact]
    public void Show_ElsewhereThanOnATerminal_WritesNothing()
    {
        using var error = new StringWriter { NewLine = "\n" };
        var screen = new ImportScreen(error, isTerminal: false);
        screen.Show("1 fact", TimeProvider.System);
        screen.Tell("note: so it is");
        screen.Clear();
        Assert.Equal("note: so it is\n", error.ToString());
    }

    [Theory]
    [InlineData(1, 1_000, "1 facts/s")]
    [InlineData(261_408, 4_000, "65,352 facts/s")]
    [InlineData(5, 0, "5,000 facts/s")]
    public void Rate_FactsAndTime_IsWhatASecondDecides(long facts, int milliseconds, string rate) =>
        Assert.Equal(rate, ImportScreen.Rate(facts, TimeSpan.FromMilliseconds(milliseconds)));

    [Fact]
    public void Counts_Progress_NamesEveryVerdict() =>
        Assert.Equal("1,234 recorded, 1 duplicate, 0 rejected", ImportScreen.Counts(new FactWriterProgress(2_000, 1_234, 1, 0)));

    [Fact]
    public void Help_OfImport_IsTheGoldenOne()
    {
        using var output = new StringWriter { NewLine = "\n" };
        Assert.Equal(0, ChurnCommand.Read(ChurnCommand.Create(ImportCommand.Create()), ["import", "--help"]).Invoke(new InvocationConfiguration { Output = output }));
        var text = string.Join('\n', output.ToString().Split('\n').Select(l => l.TrimEnd()));
        var golden = Path.Combine(Path.GetDirectoryName(ThisFile())!, "help-import.txt");
        if (Environment.GetEnvironmentVariable("UPDATE_GOLDEN") == "1")
        {
            File.WriteAllText(golden, text);
        }

        Assert.Equal(File.ReadAllText(golden), text);
    }

    private static string ThisFile([CallerFilePath] string path = "") => path;
}
