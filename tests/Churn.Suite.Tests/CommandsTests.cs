using System.CommandLine;
using Churn.Cli;

namespace Churn.Suite.Tests;

public class CommandsTests
{
    [Fact]
    public void Help_OfTheSuite_ListsTheCommandsOfBothPrograms()
    {
        using var output = new StringWriter();
        Assert.Equal(0, ChurnCommand.Read(ChurnCommand.Create(SuiteCommands.Create()), ["--help"]).Invoke(new InvocationConfiguration { Output = output }));
        Assert.Contains("churn [command]", output.ToString(), StringComparison.Ordinal);
        foreach (var command in new[] { "demo", "serve", "import", "metrics", "playbooks", "tasks", "notify", "report", "generate", "version" })
        {
            Assert.Contains($"\n  {command} ", output.ToString(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Read_UnknownCommand_SaysSoInOneLine()
    {
        using var error = new StringWriter();
        Assert.Equal(1, ChurnCommand.Read(ChurnCommand.Create(), ["grow"]).Invoke(new InvocationConfiguration { Error = error, Output = error }));
        Assert.Equal("Unrecognized command or argument 'grow'.", error.ToString().Trim());
    }
}
