using Churn.Metrics.Domain;

namespace Churn.Cli.Report.Output.Terminal;

/// <summary>Shows the largest first: plans, and the customers that moved most.</summary>
internal static class Rankings
{
    private const int Most = 8;
    private const int BarWidth = 16;

    /// <summary>Writes the plans by MRR at the last closing.</summary>
    public static void WritePlans(Canvas canvas, Report report, Figures figures)
    {
        var plans = figures.PlanClosings.Where(c => c.Month == figures.Horizon.To).OrderByDescending(c => c.Mrr).ThenBy(c => c.Plan).ToArray();
        if (plans.Length == 0)
        {
            return;
        }

        var unicode = canvas.Style.Unicode;
        var total = plans.Aggregate(Int128.Zero, (sum, p) => sum + p.Mrr);
        var scale = Numerals.Finest(plans.Select(p => p.Mrr));
        canvas.Line(new Piece($"Plans at the closing of {report.NameOf(figures.Horizon.To)}", Ink.Strong));

        // The bar is for those who have room for it.
        for (var bar = BarWidth; ; bar = 0)
        {
            var grid = new Grid();
            grid.Add([Faint("plan"), Faint("MRR"), Faint("share"), Faint("customers"), Faint("ARPA"), .. bar > 0 ? [Faint("")] : Array.Empty<Piece>()]);
            foreach (var plan in plans.Take(Most))
            {
                var share = new Ratio(plan.Mrr, total);
                grid.Add([
                    Cells.Name(report.Plans[plan.Plan], unicode, "(no plan)"), Numerals.Amount(plan.Mrr, scale), Numerals.Percent(share),
                    Numerals.Count(plan.Customers), Numerals.Amount(new Ratio(plan.Mrr, plan.Customers), Scale.Cents),
                    .. bar > 0 ? [Bar(share, bar, unicode)] : Array.Empty<Piece>()]);
            }

            if (plans.Length > Most)
            {
                var rest = plans.Skip(Most).Aggregate(Int128.Zero, (sum, p) => sum + p.Mrr);
                grid.Add(Faint(Numerals.Count(plans.Length - Most, "other plan")), Faint(Numerals.Amount(rest, scale)), Faint(Numerals.Percent(new Ratio(rest, total))));
            }

            if (grid.Width <= canvas.Style.Width || bar == 0)
            {
                grid.Left(5).Shrink(canvas.Style.Width, unicode);
                grid.Write(canvas);
                return;
            }
        }
    }

    /// <summary>Writes the customers that moved most in the last month; nothing when none were collected.</summary>
    public static void WriteMovers(Canvas canvas, Report report)
    {
        if (report.Movers.Count == 0)
        {
            return;
        }

        var unicode = canvas.Style.Unicode;
        var movers = report.Movers.Take(Most).ToArray();
        var scale = Numerals.Finest(movers.SelectMany(m => new Int128[] { m.Before, m.After }));
        var grid = new Grid();
        canvas.Line(new Piece($"Largest movements of {report.NameOf(report.Horizon.To)}", Ink.Strong));
        grid.Add(Faint("customer"), Faint("before"), Faint("after"), Faint("change"), Faint(""));
        foreach (var mover in movers)
        {
            grid.Add(
                Cells.Name(mover.Customer, unicode), Numerals.Amount(mover.Before, scale), Numerals.Amount(mover.After, scale),
                new Piece(Numerals.Signed(mover.Delta, scale), mover.Delta > 0 ? Ink.Gain : Ink.Loss), Words.Of(mover.Kind));
        }

        grid.Left(4).Shrink(canvas.Style.Width, unicode);
        grid.Write(canvas);
    }

    private static Piece Faint(string text) => new(text, Ink.Faint);

    private static Piece Bar(Ratio share, int width, bool unicode)
    {
        // Eighths of a character where the terminal has them.
        var eighths = (int)share.Scaled(width * 8L);
        return !unicode ? new string('#', (eighths + 4) / 8)
            : new string('\u2588', eighths / 8) + (eighths % 8 == 0 ? "" : ((char)('\u2590' - (eighths % 8))).ToString());
    }
}
