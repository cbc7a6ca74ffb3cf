using System.CommandLine;
using Churn.Cli.Generate;
using Churn.Cli.Report;

return new RootCommand("Churn numbers that can be trusted.") { ReportCommand.Create(), GenerateCommand.Create() }.Parse(args).Invoke();
