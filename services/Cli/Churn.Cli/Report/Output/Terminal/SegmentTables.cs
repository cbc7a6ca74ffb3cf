using Churn.Metrics.Domain;

namespace Churn.Cli.Report.Output.Terminal;

/// <summary>Shows a report that is split: one line a segment, then the bridge of each.</summary>
internal static class SegmentTables
{
    // More lines than this are a file's business, not a page's.
    private const int MostSegments = 40;
    private const int MostBridges = 12;

    public static void Write(Canvas canvas, Report report)
    {
        var unicode = canvas.Style.Unicode;
        var by = Cells.Name(report.By ?? "segment", unicode);
        var sections = report.Sections.Select(s => new Line(s)).OrderByDescending(l => l.Month.Closing).ToArray();
        var total = sections.Aggregate(Int128.Zero, (sum, s) => sum + s.Month.Closing);
        var scale = Numerals.Finest(sections.Select(s => s.Month.Closing));
        (string Title, Func<Line, string> Text)[] columns =
        [
            ("MRR", l => Numerals.Amount(l.Month.Closing, scale)),
            ("share", l => Numerals.Percent(new Ratio(l.Month.Closing, total))),
            ("customers", l => Numerals.Count(l.Month.ClosingCustomers)),
            ("logo churn", l => Numerals.Percent(new Rates(l.Month).LogoChurn)),
            ("gross", l => Numerals.Percent(new Rates(l.Month).GrossMrrChurn)),
            ("net", l => Numerals.Percent(new Rates(l.Month).NetMrrChurn)),
            ("NRR 12", l => l.Year is { } y ? Numerals.Percent(y.Nrr) : Numerals.Undefined),
            ("GRR 12", l => l.Year is { } y ? Numerals.Percent(y.Grr) : Numerals.Undefined),
            ("base", l => l.Year is { } y ? Numerals.Count(y.BaseCustomers) : Numerals.Undefined),
        ];

        canvas.Line(new Piece($"By {by}, {report.NameOf(report.Horizon.To)}", Ink.Strong));
        for (var shown = columns.Length; ; shown--)
        {
            var grid = new Grid();
            grid.Add([new Piece(by, Ink.Faint), .. columns.Take(shown).Select(c => new Piece(c.Title, Ink.Faint))]);
            foreach (var line in sections.Take(MostSegments))
            {
                grid.Add([line.Name(unicode), .. columns.Take(shown).Select(c => Cell(c.Text(line)))]);
            }

            grid.Add(new Piece("All", Ink.Strong), new Piece(Numerals.Amount(total, scale), Ink.Strong));
            grid.Shrink(canvas.Style.Width, unicode);
            if (grid.Width <= canvas.Style.Width || shown == 1)
            {
                grid.Write(canvas);
                break;
            }
        }

        WriteLeftOut(canvas, report, sections.Length - MostSegments, "segment");
        foreach (var line in sections.Take(MostBridges))
        {
            canvas.Blank();
            new MonthTables(canvas, report, line.Section.Figures, "").WriteBridge(Cells.Fit(line.Name(unicode), 24, unicode));
        }

        WriteLeftOut(canvas, report, sections.Length - MostBridges, "bridge");
    }

    private static void WriteLeftOut(Canvas canvas, Report report, int count, string noun)
    {
        if (count > 0)
        {
            canvas.Paragraph($"... and {Numerals.Count(count, noun)} more: in {report.ExactPlace}.", ink: Ink.Faint);
        }
    }

    private static Piece Cell(string text) => new(text, text == Numerals.Undefined ? Ink.Faint : Ink.Plain);

    private sealed class Line(Section section)
    {
        public Section Section => section;

        public Bridge Month { get; } = section.Figures.Months[^1];

        public TrailingYear? Year { get; } = section.Figures.TrailingYears.LastOrDefault(y => y.Month == section.Figures.Horizon.To);

        public string Name(bool unicode) => Cells.Name(section.Segment ?? "", unicode);
    }
}
