using System.CommandLine;
using Churn.Cli.Generate;

return new RootCommand("Churn numbers that can be trusted") { GenerateCommand.Create() }.Parse(args).Invoke();
