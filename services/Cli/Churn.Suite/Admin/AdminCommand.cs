using System.CommandLine;

namespace Churn.Suite.Admin;

/// <summary>The command <c>churn admin</c>: what operators do.</summary>
internal static class AdminCommand
{
    public static Command Create() => new("admin", "Look after an installation")
    {
        MigrateCommand.Create(),
        StatusCommand.Create(new InstallationCommand(null)),
        VerifyCommand.Create(new InstallationCommand(null)),
        RebuildCommand.Create(new InstallationCommand(null)),
        QuarantineCommand.Create(new InstallationCommand(null)),
    };
}
