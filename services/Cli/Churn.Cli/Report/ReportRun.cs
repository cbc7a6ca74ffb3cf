using Churn.Cli.Report.Input;
using Churn.Cli.Report.Output;
using Churn.Metrics.Domain;

namespace Churn.Cli.Report;

/// <summary>Runs a report from its options to its exit status.</summary>
internal static class ReportRun
{
    private const int MostRejectsShown = 20;

    /// <summary>Runs a report; 0 when every row is in it, 2 when some are not, 1 when there is none.</summary>
    public static int Run(ReportOptions options, ReportStreams streams)
    {
        try
        {
            return Report(options, streams);
        }
        catch (ReportException e)
        {
            streams.Error.WriteLine($"churn report: {e.Message}");
            if (e.Rejects.Count > 0 && options.Rejects is { } path)
            {
                RejectsFile.Write(path, [.. options.Input.Files], e.Rejects);
                streams.Error.WriteLine($"churn report: all reasons are in {Printable.OfPath(path)}");
            }

            return 1;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            streams.Error.WriteLine($"churn report: {Printable.OfPath(e.Message)}");
            return 1;
        }
    }

    private static int Report(ReportOptions options, ReportStreams streams)
    {
        InputFiles.RefuseRepeated(options.Input.Files, options.Rejects);
        var subscriptions = Reading.Read(options.Input, name => InputFiles.Open(name, streams.Input), options.Threads);
        var notes = new List<string>(subscriptions.Notes);
        var horizon = ChooseHorizon(options, subscriptions, notes);
        if (subscriptions.Currency.Length == 0)
        {
            notes.Add("no currency is stated: amounts are shown without one (--currency CODE states it)");
        }

        TellRejects(options, subscriptions, streams.Error);
        var movers = new Movers();
        var sections = Build(options, subscriptions, horizon, movers);
        var report = new Output.Report
        {
            Files = subscriptions.Files,
            Currency = subscriptions.Currency,
            Horizon = horizon,
            Sections = sections,
            By = options.Input.By,
            IsByPlan = options.Input.IsByPlan,
            Plans = subscriptions.Plans,
            Rows = subscriptions.Rows,
            Customers = subscriptions.Order.Length,
            Duplicates = subscriptions.Duplicates,
            Rejected = subscriptions.Rejects.Count,
            Movers = movers.Largest(),
            Notes = notes,
            Folder = options.Out,
        };
        if (options.Svg is not null)
        {
            report = report with { Drawn = Pictures.Write(CreateFolder(options.Svg), report) };
        }

        Presentation.Write(options.Format, report, streams);
        return subscriptions.Rejects.Count > 0 ? 2 : 0;
    }

    private static Horizon ChooseHorizon(ReportOptions options, Subscriptions subscriptions, List<string> notes)
    {
        var first = Calendar.MonthOf(subscriptions.FirstStart);
        var from = options.From ?? first;
        int to;
        if (options.To is { } stated)
        {
            to = stated;
        }
        else if (options.Input.Tenure is not null)
        {
            to = Calendar.MonthOfDay(options.Input.SnapshotDay);
        }
        else
        {
            // The month of the latest instant may go on; the one before is complete.
            to = Calendar.MonthOf(subscriptions.Latest) - 1;
            if (to < from && options.From is null)
            {
                to = from;
                notes.Add($"the rows hold no complete month: {Text(to)} is reported as far as they go (--to states another)");
            }
        }

        return to >= from
            ? new Horizon(from, to, first)
            : throw new ReportException(
                options.From is not null && options.To is not null
                    ? $"--from {Text(from)} is after --to {Text(to)}"
                    : options.From is not null
                        ? $"--from {Text(from)} is after the last complete month of the rows, {Text(to)}"
                        : $"--to {Text(to)} is before the first start of the rows, in {Text(from)}");
    }

    private static string Text(int month)
    {
        var (year, ofYear) = Calendar.YearAndMonth(month);
        return $"{year:0000}-{ofYear:00}";
    }

    private static List<Section> Build(ReportOptions options, Subscriptions subscriptions, Horizon horizon, Movers movers)
    {
        var segmented = options.Input.By is not null;
        var folder = options.Out is null ? null : CreateFolder(options.Out);
        using var written = folder is null ? null : new NewFiles(folder);
        var movements = written is null ? null : new MovementFiles(written, horizon, segmented);
        var files = written is null ? null : new ReportFiles(written, segmented, options.Input.IsByPlan);
        var sections = new List<Section>();
        var analysis = new Analysis(subscriptions, horizon, movements, movers, options.Threads);
        foreach (var part in analysis.Parts(segmented, options.Input.IsByPlan))
        {
            var ledger = analysis.Run(part);
            files?.Write(ledger, part.Prefix, subscriptions.Plans);
            sections.Add(new Section(part.Segment, Figures.Of(ledger)));
        }

        written?.Complete(options.Threads);
        return sections;
    }

    private static string CreateFolder(string folder)
    {
        if (File.Exists(folder))
        {
            throw new ReportException($"{Printable.OfPath(folder)} is a file, not a folder to write into");
        }

        Directory.CreateDirectory(folder);
        return folder;
    }

    private static void TellRejects(ReportOptions options, Subscriptions subscriptions, TextWriter error)
    {
        var rejects = subscriptions.Rejects;
        foreach (var reject in rejects.Take(MostRejectsShown))
        {
            error.WriteLine($"{Printable.OfPath(subscriptions.Files[reject.File])}:{reject.Line}: {reject.Text}");
        }

        if (options.Rejects is { } path)
        {
            RejectsFile.Write(path, subscriptions.Files, rejects);
        }

        if (rejects.Count == 0)
        {
            return;
        }

        var more = rejects.Count > MostRejectsShown ? $"; the first {MostRejectsShown} are above" : "";
        var where = options.Rejects is { } file ? $"; all are in {file}" : more.Length > 0 ? ", --rejects FILE writes all" : "";
        error.WriteLine($"churn report: {rejects.Count} {(rejects.Count == 1 ? "row is" : "rows are")} not reported{more}{where}");
    }
}
