using System.Text;
using Churn.Metrics.Domain;

namespace Churn.Cli.Report.Output;

/// <summary>Shows the law of the bridge: opening plus movements is closing, to the last micro.</summary>
internal static class Identity
{
    /// <summary>Gives every segment, month and grain in which the law is broken: none, or a ledger is wrong.</summary>
    public static IEnumerable<(string? Segment, Imbalance Found)> Check(Report report) =>
        report.Sections.SelectMany(section => section.Figures.Imbalances, (section, found) => (section.Segment, found));

    /// <summary>Gives a grain's name in the files.</summary>
    public static string NameOf(Grain grain) => grain.ToString().ToLowerInvariant();

    /// <summary>Gives the exact amount in units.</summary>
    public static string AmountOf(Imbalance imbalance) => Encoding.ASCII.GetString(new Lines().Money(imbalance.Micros).Written);
}
