using Churn.Metrics.Domain;

namespace Churn.Cli.Report.Output.Terminal;

/// <summary>Shows what is left of the customers that began together: a heat map by month of the first paid closing.</summary>
internal static class CohortMap
{
    private const int Rows = 12;
    private const int LabelWidth = 9;
    private const int CellWidth = 5;

    /// <summary>Writes the last cohorts; nothing when there are none.</summary>
    public static void Write(Canvas canvas, Provenance? server, Figures figures)
    {
        var groups = CohortGroup.Of(figures, 1);
        if (groups.Length == 0)
        {
            return;
        }

        groups = [.. groups.TakeLast(Rows)];
        var countWidth = Math.Max("start".Length, groups.Max(g => Numerals.Count(g.Customers).Length));
        var room = Math.Max(1, (canvas.Style.Width - LabelWidth - countWidth - 1) / CellWidth);
        var ages = groups[0].Ages.Take(room).ToArray();

        canvas.Line(new Piece($"MRR retention by first paid {(figures.Cohorts[0].Basis == CohortBasis.FirstClosing ? "closing" : "instant")}", Ink.Strong), new Piece(", by age in months", Ink.Faint));
        canvas.Line([
            new Piece("".PadRight(LabelWidth) + "start".PadLeft(countWidth) + " ", Ink.Faint),
            .. ages.Select(a => new Piece(Numerals.Count(a).PadLeft(CellWidth - 1) + " ", Ink.Faint))]);
        foreach (var group in groups)
        {
            canvas.Line([
                (group.Name + (group.Month >= server?.RunningMonth ? "*" : "")).PadRight(LabelWidth),
                new Piece(Numerals.Count(group.Customers).PadLeft(countWidth) + " ", Ink.Faint),
                .. group.Ages.Take(room).Select(a => Cell(group.Retention(a)))]);
        }
    }

    private static Piece Cell(Ratio retention)
    {
        var text = Numerals.WholePercent(retention);
        text = text.Length <= CellWidth - 1 ? text : "999+";
        return new Piece(text.PadLeft(CellWidth - 1) + " ", InkOf(retention.Approximate));
    }

    private static Ink InkOf(double? retention) => retention switch
    {
        null => Ink.Plain,
        < 0.5 => Ink.Heat0,
        < 0.7 => Ink.Heat1,
        < 0.85 => Ink.Heat2,
        < 0.95 => Ink.Heat3,
        <= 1.05 => Ink.Heat4,
        _ => Ink.Heat5,
    };
}
