using System.CommandLine;
using Churn.Cli;
using Churn.Suite;
using Churn.Suite.Serve;

// A server that is told to end finishes what it has taken.
using var ending = new Ending(SuiteServer.LongestDrain);
var invocation = new InvocationConfiguration { ProcessTerminationTimeout = null };
return await ChurnCommand.Read(ChurnCommand.Create(SuiteCommands.Create()), args).InvokeAsync(invocation, ending.Token);
