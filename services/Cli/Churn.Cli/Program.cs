using System.CommandLine;
using System.CommandLine.Invocation;
using Churn.Cli.Generate;
using Churn.Cli.Report;

var parsed = new RootCommand("Churn numbers that can be trusted.") { ReportCommand.Create(), GenerateCommand.Create() }.Parse(args);
if (parsed.Action is ParseErrorAction wrong)
{
    // One sentence says what is wrong; the help is a command away.
    wrong.ShowHelp = false;
}

return parsed.Invoke();
