using Churn.Cli.Report.Output.Terminal;
using Churn.Metrics.Domain;

namespace Churn.Cli.Report.Output;

/// <summary>Writes a report as a page of text: what it speaks of, the figures, whether they add up, and where the files are.</summary>
internal static class Page
{
    /// <summary>Writes the page, ASCII and without colours where the style says so.</summary>
    /// <param name="writer">Where it goes.</param>
    /// <param name="figures">What it shows.</param>
    /// <param name="style">What the terminal can do.</param>
    public static void Write(TextWriter writer, Figures figures, PageStyle style)
    {
        var canvas = new Canvas(writer, style);
        WriteHeader(canvas, figures);
        canvas.Blank();
        if (figures.IsSplit)
        {
            SegmentTables.Write(canvas, figures);
        }
        else
        {
            WriteTotal(canvas, figures, figures.Sections[0].Ledger);
        }

        if (figures.Movers.Count > 0)
        {
            canvas.Blank();
            Rankings.WriteMovers(canvas, figures);
        }

        canvas.Blank();
        WriteIdentity(canvas, figures);
        WriteEnd(canvas, figures);
    }

    private static void WriteHeader(Canvas canvas, Figures figures)
    {
        var unicode = canvas.Style.Unicode;
        var files = string.Join(", ", figures.Files.Select(f => Cells.Name(f == "-" ? "standard input" : Path.GetFileName(f), unicode)));
        canvas.Line(new Piece(files.Length == 0 ? "Churn report" : "Churn report: " + files, Ink.Strong));
        var horizon = figures.Horizon;
        string[] facts =
        [
            $"{Numerals.Month(horizon.From)} to {Numerals.Month(horizon.To)} ({Numerals.Count(horizon.Months, "month")})",
            figures.Currency.Length == 0 ? "currency not stated" : figures.Currency,
            Numerals.Count(figures.Rows, "row"),
            Numerals.Count(figures.Customers, "customer"),
            $"policy {Figures.Policy}",
            Figures.TimeZone,
        ];
        canvas.Paragraph(string.Join(", ", facts), ink: Ink.Faint);
        if (figures.Rejected > 0)
        {
            canvas.Paragraph($"{Numerals.Count(figures.Rejected, "row")} could not be read and {(figures.Rejected == 1 ? "is" : "are")} not in these figures.", ink: Ink.Loss);
        }
    }

    private static void WriteTotal(Canvas canvas, Figures figures, Ledger ledger)
    {
        Headline.Write(canvas, figures, ledger);
        canvas.Blank();
        new MonthTables(canvas, ledger, figures.Currency).Write();
        canvas.Blank();
        CohortMap.Write(canvas, ledger);
        canvas.Blank();
        Rankings.WritePlans(canvas, figures, ledger);
    }

    private static void WriteIdentity(Canvas canvas, Figures figures)
    {
        var failures = Identity.Check(figures).ToArray();
        if (failures.Length == 0)
        {
            var months = figures.Horizon.Months == 1 ? "the month" : $"all {figures.Horizon.Months} months";
            var where = figures.IsSplit ? " and every segment" : "";
            canvas.Paragraph(
                $"Check: opening + new + expansion + reactivation - contraction - churn = closing, exactly, in {months}{where}, at the grains month, day and instant: OK",
                indent: 7, Ink.Gain);
            return;
        }

        const int few = 10;
        canvas.Paragraph("CHECK FAILED: the movements do not lead from the opening to the closing. Do not use these figures.", ink: Ink.Loss);
        foreach (var failure in failures.Take(few))
        {
            var segment = failure.Segment is null ? "" : $" of {Cells.Name(failure.Segment, canvas.Style.Unicode)}";
            canvas.Paragraph(
                $"  {Numerals.Month(failure.Month)}{segment}, grain {failure.GrainName}: the terms' closing less the bridge's is {failure.Amount}",
                indent: 4, Ink.Loss);
        }

        if (failures.Length > few)
        {
            canvas.Paragraph($"  ... and {failures.Length - few} more", ink: Ink.Loss);
        }
    }

    private static void WriteEnd(Canvas canvas, Figures figures)
    {
        var unicode = canvas.Style.Unicode;
        if (figures.Duplicates > 0)
        {
            canvas.Paragraph($"Note: {Numerals.Count(figures.Duplicates, "row")} said the same as an earlier one and {(figures.Duplicates == 1 ? "counts" : "count")} once.", indent: 6);
        }

        foreach (var note in figures.Notes)
        {
            const int sentence = 1_000;
            canvas.Paragraph("Note: " + Cells.Name(note, unicode, most: sentence), indent: 6);
        }

        const int path = 4_096;
        foreach (var folder in figures.Written.GroupBy(p => Path.GetDirectoryName(p) ?? "", StringComparer.Ordinal))
        {
            var names = string.Join(", ", folder.Select(p => Cells.Name(Path.GetFileName(p), unicode)));
            canvas.Paragraph($"Files in {Cells.Name(folder.Key, unicode, "this folder", path)}: {names}", indent: 2, Ink.Faint);
        }
    }
}
