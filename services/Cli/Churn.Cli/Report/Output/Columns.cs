using Churn.Metrics.Domain;

namespace Churn.Cli.Report.Output;

/// <summary>Names the figures of a month as the files do.</summary>
internal static class Columns
{
    /// <summary>Gives the kinds that every file has, in its order.</summary>
    public static readonly MovementKind[] Kinds =
        [MovementKind.New, MovementKind.Expansion, MovementKind.Reactivation, MovementKind.Contraction, MovementKind.Churn];

    /// <summary>Gives the kinds that a report by plan has too.</summary>
    public static readonly MovementKind[] Transfers = [MovementKind.TransferIn, MovementKind.TransferOut];

    /// <summary>Gives the kinds that have columns where a business has such movements.</summary>
    public static readonly MovementKind[] Rare = [MovementKind.Paused, MovementKind.Resumed, MovementKind.Completed];

    /// <summary>Gives the ratios of a month's bridge.</summary>
    public static readonly IReadOnlyList<(string Name, Func<Rates, Ratio> Of)> Ratios =
    [
        ("logo_churn_rate", r => r.LogoChurn),
        ("gross_mrr_churn_rate", r => r.GrossMrrChurn),
        ("net_mrr_churn_rate_excl_react", r => r.NetMrrChurn),
        ("net_mrr_churn_rate_incl_react", r => r.NetMrrChurnAfterReactivation),
        ("nrr_month", r => r.Nrr),
        ("grr_month", r => r.Grr),
        ("quick_ratio_incl_react", r => r.QuickRatioWithReactivation),
        ("quick_ratio_excl_react", r => r.QuickRatio),
    ];

    public static string Of(MovementKind kind) => System.Text.Encoding.ASCII.GetString(Categories.Of(kind));
}
