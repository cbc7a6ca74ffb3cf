using System.CommandLine;
using Churn.Cli;
using Churn.Suite;
using Churn.Suite.Serve;

// A server that is told to end finishes what it has taken.
var invocation = new InvocationConfiguration { ProcessTerminationTimeout = SuiteServer.LongestDrain };
return await ChurnCommand.Read(ChurnCommand.Create(SuiteCommands.Create()), args).InvokeAsync(invocation);
