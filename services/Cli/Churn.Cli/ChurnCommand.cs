using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using Churn.Cli.Generate;
using Churn.Cli.Report;

namespace Churn.Cli;

/// <summary>The command <c>churn</c>: the commands that need no server, and what else a program adds to them.</summary>
internal static class ChurnCommand
{
    /// <summary>Makes the command.</summary>
    /// <param name="more">The commands that the program has beside those of this project; they are listed first.</param>
    public static Command Create(params ReadOnlySpan<Command> more)
    {
        // The programs behind the launcher have names of their own; who reads the help typed churn.
        var churn = new Command("churn", "Churn numbers that can be trusted.") { new HelpOption(), new VersionOption() };
        foreach (var command in more)
        {
            churn.Add(command);
        }

        churn.Add(ReportCommand.Create());
        churn.Add(GenerateCommand.Create());
        churn.Add(VersionCommand.Create());
        DetailedHelp.AddTo(churn);
        churn.SetAction(new HelpAction().Invoke);
        return churn;
    }

    /// <summary>Reads a command line; what is wrong with it is said in one sentence: the help is a command away.</summary>
    public static ParseResult Read(Command churn, string[] arguments)
    {
        var parsed = churn.Parse(arguments);
        if (parsed.Action is ParseErrorAction wrong)
        {
            wrong.ShowHelp = false;
        }

        return parsed;
    }
}
