using Churn.Cli.Report.Output.Terminal;
using Churn.Metrics.Domain;

namespace Churn.Cli.Report.Output;

/// <summary>Writes a report as a page of text: what it speaks of, the figures, whether they add up, and where the files are.</summary>
internal static class Page
{
    /// <summary>Writes the page, ASCII and without colours where the style says so.</summary>
    /// <param name="writer">Where it goes.</param>
    /// <param name="report">What it shows.</param>
    /// <param name="style">What the terminal can do.</param>
    public static void Write(TextWriter writer, Report report, PageStyle style)
    {
        var canvas = new Canvas(writer, style);
        WriteHeader(canvas, report);
        canvas.Blank();
        if (report.IsSplit)
        {
            SegmentTables.Write(canvas, report);
        }
        else
        {
            WriteTotal(canvas, report, report.Sections[0].Figures);
        }

        if (report.Movers.Count > 0)
        {
            canvas.Blank();
            Rankings.WriteMovers(canvas, report);
        }

        canvas.Blank();
        WriteIdentity(canvas, report, [.. Identity.Check(report)]);
        WriteEnd(canvas, report);
    }

    private static void WriteHeader(Canvas canvas, Report report)
    {
        if (report.Server is { } server)
        {
            WriteServer(canvas, report, server);
            return;
        }

        var unicode = canvas.Style.Unicode;
        var files = string.Join(", ", report.Files.Select(f => Cells.Name(f == "-" ? "standard input" : Path.GetFileName(f), unicode)));
        canvas.Line(new Piece(files.Length == 0 ? "Churn report" : "Churn report: " + files, Ink.Strong));
        var horizon = report.Horizon;
        string[] facts =
        [
            horizon.Months == 1 ? Numerals.Months(horizon) : $"{Numerals.Months(horizon)} ({horizon.Months} months)",
            report.Currency.Length == 0 ? "currency not stated" : report.Currency,
            Numerals.Count(report.Rows, "row"),
            Numerals.Count(report.Customers, "customer"),
            $"policy {Report.Policy}",
            Report.TimeZone,
        ];
        canvas.Paragraph(string.Join(", ", facts), ink: Ink.Faint);
        if (report.Rejected > 0)
        {
            canvas.Paragraph($"{Numerals.Count(report.Rejected, "row")} could not be read and {(report.Rejected == 1 ? "is" : "are")} not in these figures.", ink: Ink.Loss);
        }
    }

    private static void WriteServer(Canvas canvas, Report report, Provenance server)
    {
        canvas.Line(new Piece("Churn metrics: " + Cells.Name(server.Address, canvas.Style.Unicode), Ink.Strong));
        var horizon = report.Horizon;
        string[] months =
        [
            .. horizon.Months == 1 ? [] : new[] { $"{horizon.Months} months" },
            .. report.IsRunning(horizon.To) ? [$"{Numerals.Month(server.RunningMonth)} in progress"] : Array.Empty<string>(),
        ];
        string[] facts =
        [
            Numerals.Months(horizon) + (months.Length == 0 ? "" : $" ({string.Join("; ", months)})"),
            report.Currency.Length == 0 ? "currency not stated" : report.Currency,
            Numerals.Count(report.Customers, "customer"),
            $"policy {server.Policy}",
            server.TimeZone,
            $"facts to {Numerals.Instant(server.Watermark)}",
        ];
        canvas.Paragraph(string.Join(", ", facts), ink: Ink.Faint);
        WriteReservations(canvas, server);
    }

    /// <summary>Says what is not in the figures of a server.</summary>
    internal static void WriteReservations(Canvas canvas, Provenance server)
    {
        if (server.LagFacts > 0)
        {
            canvas.Paragraph($"{Numerals.Count(server.LagFacts, "fact")} {(server.LagFacts == 1 ? "is" : "are")} recorded and not yet in these figures.");
        }

        if (server.QuarantinedFacts > 0)
        {
            canvas.Paragraph($"{Numerals.Count(server.QuarantinedFacts, "fact")} could not be applied and {(server.QuarantinedFacts == 1 ? "is" : "are")} in no figure.", ink: Ink.Loss);
        }
    }

    private static void WriteTotal(Canvas canvas, Report report, Figures figures)
    {
        Headline.Write(canvas, report, figures);
        canvas.Blank();
        new MonthTables(canvas, report, figures, report.Currency).Write();
        canvas.Blank();
        CohortMap.Write(canvas, report.Server, figures);
        canvas.Blank();
        Rankings.WritePlans(canvas, report, figures);
    }

    /// <summary>Says that the movements add up, or where they do not.</summary>
    internal static void WriteIdentity(Canvas canvas, Report report, (string? Segment, Imbalance Found)[] failures)
    {
        if (failures.Length == 0 && report.Server is null or { IsBalanced: true })
        {
            var months = report.Horizon.Months == 1 ? "the month" : $"all {report.Horizon.Months} months";
            var where = (report.IsSplit ? " and every segment" : "") + (report.Server is null ? ", at the grains month, day and instant" : "");
            MovementKind[] kinds = [.. Columns.Kinds, .. report.RareKinds, .. report.IsByPlan ? Columns.Transfers : []];
            var gains = kinds.Where(Words.IsGain).Select(k => " + " + Words.Of(k));
            var losses = kinds.Where(k => !Words.IsGain(k)).Select(k => " - " + Words.Of(k));
            canvas.Paragraph(
                $"Check: opening{string.Concat(gains)}{string.Concat(losses)} = closing, exactly, in {months}{where}: OK", indent: 7, Ink.Gain);
            return;
        }

        const int few = 10;
        canvas.Paragraph("CHECK FAILED: the movements do not lead from the opening to the closing. Do not use these figures.", ink: Ink.Loss);
        foreach (var (of, failure) in failures.Take(few))
        {
            var segment = of is null ? "" : $" of {Cells.Name(of, canvas.Style.Unicode)}";
            canvas.Paragraph(
                $"{Numerals.Month(failure.Month)}{segment}, grain {Identity.NameOf(failure.Grain)}: the terms' closing less the bridge's is {Identity.AmountOf(failure)}",
                indent: 4, Ink.Loss);
        }

        if (failures.Length > few)
        {
            canvas.Paragraph($"... and {failures.Length - few} more", ink: Ink.Loss);
        }
    }

    private static void WriteEnd(Canvas canvas, Report report)
    {
        var unicode = canvas.Style.Unicode;
        if (report.Duplicates > 0)
        {
            canvas.Paragraph($"Note: {Numerals.Count(report.Duplicates, "row")} said the same as an earlier one and {(report.Duplicates == 1 ? "counts" : "count")} once.", indent: 6);
        }

        foreach (var note in report.Notes)
        {
            const int sentence = 1_000;
            canvas.Paragraph("Note: " + Cells.Name(note, unicode, most: sentence), indent: 6);
        }

        const int path = 4_096;
        if (report.Folder is { } folder)
        {
            canvas.Paragraph($"Files in {Cells.Name(folder, unicode, most: path)}: {string.Join(", ", ReportFiles.Names)}", ink: Ink.Faint);
        }

        if (report.Drawn.Count > 0)
        {
            var names = string.Join(", ", report.Drawn.Select(p => Cells.Name(p, unicode, most: path)));
            canvas.Paragraph($"Pictures: {names}", ink: Ink.Faint);
        }
    }
}
