using Churn.Metrics.Domain;

namespace Churn.Cli.Report.Output.Terminal;

/// <summary>Names movements for people.</summary>
internal static class Words
{
    /// <summary>Tells whether a movement adds MRR.</summary>
    public static bool IsGain(MovementKind kind) => kind is
        MovementKind.New or MovementKind.Expansion or MovementKind.Reactivation or MovementKind.Resumed or MovementKind.TransferIn;

    public static string Of(MovementKind kind) => kind switch
    {
        MovementKind.TransferIn => "transfer in",
        MovementKind.TransferOut => "transfer out",
        _ => kind.ToString().ToLowerInvariant(),
    };
}
