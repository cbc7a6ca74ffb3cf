using System.CommandLine;
using Churn.Suite.Admin;
using Churn.Suite.Demo;
using Churn.Suite.Import;
using Churn.Suite.Metrics;
using Churn.Suite.Notify;
using Churn.Suite.Playbooks;
using Churn.Suite.Serve;

namespace Churn.Suite;

/// <summary>Lists the commands of the suite, in the order of the help.</summary>
internal static class SuiteCommands
{
    public static Command[] Create() =>
    [
        DemoCommand.Create(),
        ServeCommand.Create(),
        ImportCommand.Create(),
        MetricsCommand.Create(),
        PlaybooksCommand.Create(),
        TasksCommand.Create(),
        NotifyCommand.Create(),
        AdminCommand.Create(),
    ];
}
