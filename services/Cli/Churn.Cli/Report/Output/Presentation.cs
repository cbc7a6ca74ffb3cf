using System.Text;

namespace Churn.Cli.Report.Output;

/// <summary>Writes a report to standard output as it is asked for.</summary>
internal static class Presentation
{
    public static void Write(ReportFormat format, Report report, ReportStreams streams)
    {
        // The page has its notes; what a program reads has none.
        foreach (var note in format == ReportFormat.Table ? [] : report.Notes)
        {
            streams.Error.WriteLine($"note: {note}");
        }

        switch (format)
        {
            case ReportFormat.Csv:
                CsvReport.Write(streams.Output, report);
                break;
            case ReportFormat.Json:
                JsonReport.Write(streams.Output, report);
                break;
            default:
                using (var writer = new StreamWriter(streams.Output, new UTF8Encoding(false), leaveOpen: true))
                {
                    Page.Write(writer, report, PageStyle.Detect(streams.Width, streams.Environment));
                }

                break;
        }

        streams.Output.Flush();
    }
}
