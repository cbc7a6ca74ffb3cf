using System.CommandLine;
using System.CommandLine.Help;
using Churn.Cli.Report;

namespace Churn.Suite.Admin;

/// <summary>The command <c>churn admin</c>: what operators do.</summary>
internal static class AdminCommand
{
    /// <summary>Makes the command.</summary>
    /// <param name="streams">What the commands write to; the streams of the process when left out.</param>
    /// <param name="time">Measures waiting.</param>
    /// <param name="environment">Gives variables; those of the process when left out.</param>
    public static Command Create(ReportStreams? streams = null, TimeProvider? time = null, Func<string, string?>? environment = null)
    {
        AdminCaller CallerOf(string group) => new(group, () => streams ?? ReportStreams.OfProcess(), time ?? TimeProvider.System, environment);
        var admin = new Command("admin", "Look after an installation")
        {
            MigrateCommand.Create(environment),
            StatusCommand.Create(new InstallationCommand(environment)),
            VerifyCommand.Create(new InstallationCommand(environment)),
            RebuildCommand.Create(new InstallationCommand(environment)),
            QuarantineCommand.Create(new InstallationCommand(environment)),
            KeysCommand.Create(CallerOf("churn admin keys")),
            TenantsCommand.Create(CallerOf("churn admin tenants")),
            AuditCommand.Create(CallerOf("churn admin")),
        };
        admin.SetAction(new HelpAction().Invoke);
        return admin;
    }
}
