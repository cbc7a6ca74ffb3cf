using Churn.Metrics.Domain;

namespace Churn.Cli.Report.Output.Terminal;

/// <summary>Names movements for people.</summary>
internal static class Words
{
    public static string Of(MovementKind kind) => kind switch
    {
        MovementKind.TransferIn => "transfer in",
        MovementKind.TransferOut => "transfer out",
        _ => kind.ToString().ToLowerInvariant(),
    };
}
