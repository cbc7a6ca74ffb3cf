using Churn.Metrics.Domain;

namespace Churn.Cli.Report.Output;

/// <summary>Names movements as the files do.</summary>
internal static class Categories
{
    public static ReadOnlySpan<byte> Of(MovementKind kind) => kind switch
    {
        MovementKind.New => "new"u8,
        MovementKind.Expansion => "expansion"u8,
        MovementKind.Reactivation => "reactivation"u8,
        MovementKind.Contraction => "contraction"u8,
        MovementKind.Churn => "churn"u8,
        MovementKind.Paused => "paused"u8,
        MovementKind.Resumed => "resumed"u8,
        MovementKind.Completed => "completed"u8,
        MovementKind.TransferIn => "transfer_in"u8,
        MovementKind.TransferOut => "transfer_out"u8,
        _ => throw new ArgumentOutOfRangeException(nameof(kind)),
    };
}
