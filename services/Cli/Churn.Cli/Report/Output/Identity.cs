using System.Text;
using Churn.Metrics.Domain;

namespace Churn.Cli.Report.Output;

/// <summary>Holds a month in which a bridge does not lead to the closing that the terms give.</summary>
/// <param name="Segment">The segment; null where the report is not split.</param>
/// <param name="Month">The month.</param>
/// <param name="Grain">The grain at which movements are netted.</param>
/// <param name="Micros">The terms' closing less the bridge's.</param>
internal sealed record Imbalance(string? Segment, int Month, Grain Grain, Int128 Micros)
{
    /// <summary>Gives the grain's name in the files.</summary>
    public string GrainName => Grain.ToString().ToLowerInvariant();

    /// <summary>Gives the exact amount in units.</summary>
    public string Amount => Encoding.ASCII.GetString(new Lines().Money(Micros).Written);
}

/// <summary>Checks the law of the bridge: opening plus movements is closing, to the last micro.</summary>
internal static class Identity
{
    /// <summary>Gives every month and grain in which the law is broken: none, or a ledger is wrong.</summary>
    public static IEnumerable<Imbalance> Check(Report report) =>
        from section in report.Sections
        from grain in Enum.GetValues<Grain>()
        from month in section.Ledger.Imbalances(grain).Select((micros, i) => (Micros: micros, Index: i))
        where month.Micros != 0
        select new Imbalance(section.Segment, report.Horizon.From + month.Index, grain, month.Micros);
}
