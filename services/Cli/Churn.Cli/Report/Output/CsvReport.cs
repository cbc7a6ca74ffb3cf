using System.Text;
using Churn.Metrics.Domain;

namespace Churn.Cli.Report.Output;

/// <summary>Writes a report's months as one CSV: the columns of monthly.csv and rates.csv at the month's grain, side by side.</summary>
internal static class CsvReport
{
    public static void Write(Stream stream, Report report)
    {
        var lines = new Lines(1 << 14);
        MovementKind[] more = [.. report.RareKinds, .. report.IsByPlan ? Columns.Transfers : []];
        string[] header =
        [
            .. report.IsSplit ? ["segment"] : Array.Empty<string>(),
            "month", "opening_mrr", "opening_customers",
            .. Names(Columns.Kinds), "closing_mrr", "closing_customers",
            .. Names(more),
            .. Columns.Ratios.Select(r => r.Name), "arpa", "reconcile",
        ];
        lines.Text(Encoding.ASCII.GetBytes(string.Join(',', header))).End();
        foreach (var section in report.Sections)
        {
            var bridges = section.Figures.Months;
            for (var i = 0; i < bridges.Count; i++)
            {
                if (report.IsSplit)
                {
                    lines.Cell(section.Segment ?? "").Comma();
                }

                lines.Month(report.Horizon.From + i);
                WriteBridge(lines, bridges[i], more);
                var rates = new Rates(bridges[i]);
                foreach (var (_, ratio) in Columns.Ratios)
                {
                    lines.Comma().Ratio(ratio(rates));
                }

                lines.Comma().MoneyRatio(rates.Arpa).Comma();
                var imbalance = section.Figures.ImbalanceOf(report.Horizon.From + i);
                _ = (imbalance == 0 ? lines.Number(0) : lines.Money(imbalance)).End();
            }

            stream.Write(lines.Written);
            lines.Clear();
        }

        stream.Write(lines.Written);
    }

    private static IEnumerable<string> Names(MovementKind[] kinds) =>
        kinds.Select(k => Columns.Of(k) + "_mrr").Concat(kinds.Select(k => Columns.Of(k) + "_n"));

    private static void WriteBridge(Lines lines, Bridge bridge, MovementKind[] more)
    {
        lines.Comma().Money(bridge.Opening).Comma().Number(bridge.OpeningCustomers);
        WriteKinds(lines, bridge, Columns.Kinds);
        lines.Comma().Money(bridge.Closing).Comma().Number(bridge.ClosingCustomers);
        WriteKinds(lines, bridge, more);
    }

    private static void WriteKinds(Lines lines, Bridge bridge, MovementKind[] kinds)
    {
        foreach (var kind in kinds)
        {
            lines.Comma().Money(bridge[kind]);
        }

        foreach (var kind in kinds)
        {
            lines.Comma().Number(bridge.Count(kind));
        }
    }
}
