using System.CommandLine;
using System.CommandLine.Help;
using Churn.Cli.Report;
using Churn.Suite.Calls;

namespace Churn.Suite.Playbooks;

/// <summary>The command <c>churn playbooks</c>: what is done about customers, by itself, and what came of it.</summary>
internal static class PlaybooksCommand
{
    /// <summary>Makes the command.</summary>
    /// <param name="streams">What the commands write to; the streams of the process when left out.</param>
    /// <param name="time">Measures waiting.</param>
    public static Command Create(ReportStreams? streams = null, TimeProvider? time = null)
    {
        var caller = new Caller("churn playbooks", () => streams ?? ReportStreams.OfProcess(), time ?? TimeProvider.System);
        var playbooks = new Command("playbooks", "Retention playbooks: applied, tried on the past, switched on, measured")
        {
            ApplyCommand.Create(caller),
            LibraryCommand.Create(caller),
            ListCommand.Create(caller),
            ShowCommand.Create(caller),
            SimulateCommand.Create(caller),
            SwitchCommand.Create(caller, starts: true),
            SwitchCommand.Create(caller, starts: false),
            RunsCommand.Create(caller),
            ResultsCommand.Create(caller),
            SchemaCommand.Create(caller),
        };
        playbooks.SetAction(new HelpAction().Invoke);
        return playbooks;
    }

    /// <summary>Makes the argument that names a playbook.</summary>
    public static Argument<string> NameArgument() => new("NAME") { Description = "The playbook's name" };
}
