using Churn.Metrics.Domain;

namespace Churn.Cli.Report.Output.Terminal;

/// <summary>Shows what is left of the customers that began together: a heat map by month or quarter of the first paid closing.</summary>
internal static class CohortMap
{
    private const int Rows = 12;
    private const int MonthsOfQuarter = 3;
    private const int LabelWidth = 7;
    private const int CellWidth = 6;

    /// <summary>Writes the last cohorts; nothing when there are none.</summary>
    public static void Write(Canvas canvas, Ledger ledger)
    {
        var cohorts = ledger.Cohorts(CohortBasis.FirstClosing);
        if (cohorts.Count == 0)
        {
            return;
        }

        // Quarters show three years where months show one.
        var to = ledger.Horizon.To;
        var step = cohorts[0].Month > to - Rows ? 1 : MonthsOfQuarter;
        var groups = cohorts.GroupBy(c => c.Month - Modulo(c.Month, step)).TakeLast(Rows).Select(g => (Month: g.Key, Cohorts: g.ToArray())).ToArray();
        var countWidth = Math.Max("start".Length, groups.Max(g => Numerals.Count(g.Cohorts.Sum(c => c.Customers)).Length));
        var room = Math.Max(1, (canvas.Style.Width - LabelWidth - 2 - countWidth - 1) / CellWidth);
        var ages = Enumerable.Range(0, Math.Min(room, ((to - groups[0].Month) / step) + 1)).Select(i => i * step).ToArray();

        canvas.Line(new Piece($"MRR retention by {(step == 1 ? "month" : "quarter")} of first paid closing", Ink.Strong), new Piece(", after so many months", Ink.Faint));
        canvas.Line([
            new Piece("".PadRight(LabelWidth + 2) + "start".PadLeft(countWidth) + " ", Ink.Faint),
            .. ages.Select(a => new Piece(Numerals.Count(a).PadLeft(CellWidth - 1) + " ", Ink.Faint))]);
        foreach (var (month, group) in groups)
        {
            var line = new List<Piece>
            {
                (step == 1 ? Numerals.Month(month) : Quarter(month)).PadRight(LabelWidth + 2),
                new(Numerals.Count(group.Sum(c => c.Customers)).PadLeft(countWidth) + " ", Ink.Faint),
            };

            // A quarter has an age once all of its cohorts have: the month it ends in counts, also when nobody began in it.
            var reached = ages.TakeWhile(a => month + step - 1 + a <= to || (a == 0 && month + a <= to));
            line.AddRange(reached.Select(a => Cell(Retention(group, a))));
            canvas.Line([.. line]);
        }
    }

    /// <summary>Gives the ink for a share of what there was at the start.</summary>
    internal static Ink InkOf(double? retention) => retention switch
    {
        null => Ink.Plain,
        < 0.5 => Ink.Heat0,
        < 0.7 => Ink.Heat1,
        < 0.85 => Ink.Heat2,
        < 0.95 => Ink.Heat3,
        <= 1.05 => Ink.Heat4,
        _ => Ink.Heat5,
    };

    private static Ratio Retention(Cohort[] group, int age)
    {
        var (active, first) = (Int128.Zero, Int128.Zero);
        foreach (var cohort in group.Where(c => age < c.Ages))
        {
            (active, first) = (active + cohort.ActiveMrr(age), first + cohort.FirstMrr);
        }

        return new Ratio(active, first);
    }

    private static Piece Cell(Ratio retention)
    {
        var text = Numerals.WholePercent(retention);
        text = text.Length < CellWidth ? text : ">999%";
        return new Piece(text.PadLeft(CellWidth - 1) + " ", InkOf(retention.Approximate));
    }

    private static string Quarter(int month)
    {
        var (year, ofYear) = Calendar.YearAndMonth(month);
        return $"{year:D4}-Q{((ofYear - 1) / MonthsOfQuarter) + 1}";
    }

    private static int Modulo(int a, int b) => ((a % b) + b) % b;
}
