using System.CommandLine;
using Churn.Cli;
using Churn.Suite.Import;
using Churn.Suite.Metrics;
using Churn.Suite.Serve;

<<<<<<< HEAD
return await ChurnCommand.Read(ChurnCommand.Create(ImportCommand.Create(), MetricsCommand.Create()), args).InvokeAsync();
=======
// A server that is told to end finishes what it has taken.
var invocation = new InvocationConfiguration { ProcessTerminationTimeout = SuiteServer.LongestDrain };
return await ChurnCommand.Read(ChurnCommand.Create(ServeCommand.Create(), MetricsCommand.Create()), args).InvokeAsync(invocation);
>>>>>>> main
