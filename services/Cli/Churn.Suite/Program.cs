using System.CommandLine;
using Churn.Cli;
using Churn.Suite.Demo;
using Churn.Suite.Import;
using Churn.Suite.Metrics;
using Churn.Suite.Serve;

// A server that is told to end finishes what it has taken.
var invocation = new InvocationConfiguration { ProcessTerminationTimeout = SuiteServer.LongestDrain };
var churn = ChurnCommand.Create(DemoCommand.Create(), ServeCommand.Create(), ImportCommand.Create(), MetricsCommand.Create());
return await ChurnCommand.Read(churn, args).InvokeAsync(invocation);
