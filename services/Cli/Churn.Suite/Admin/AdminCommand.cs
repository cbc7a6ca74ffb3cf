using System.CommandLine;

namespace Churn.Suite.Admin;

/// <summary>The command <c>churn admin</c>: what operators do.</summary>
internal static class AdminCommand
{
    public static Command Create() => new("admin", "Look after an installation")
    {
        MigrateCommand.Create(),
    };
}
