using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using Churn.Cli;
using Churn.Cli.Generate;
using Churn.Cli.Report;

var root = new RootCommand("Churn numbers that can be trusted.")
{
    ReportCommand.Create(), GenerateCommand.Create(), VersionCommand.Create(),
};
DetailedHelp.AddTo(root);
root.SetAction(new HelpAction().Invoke);
var parsed = root.Parse(args);
if (parsed.Action is ParseErrorAction wrong)
{
    // One sentence says what is wrong; the help is a command away.
    wrong.ShowHelp = false;
}

return parsed.Invoke();
