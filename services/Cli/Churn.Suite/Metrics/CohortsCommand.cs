using System.CommandLine;
using Churn.Cli.Report.Output.Terminal;
using Churn.Cli.Report.Output;
using Churn.Cli.Report;
using Churn.Cli;
using Churn.Metrics.Domain;
using Churn.Suite.Calls;
using V1 = Churn.Metrics.V1;

namespace Churn.Suite.Metrics;

/// <summary>The command <c>churn metrics cohorts</c>: what is left of those who began together.</summary>
internal static class CohortsCommand
{
    private const int MostMaps = 12;

    private const string Details =
        """
        A cohort is the customers whose first paid closing is that of one month; along its row stands the MRR after so many
        months, as a share of the MRR at that closing. --basis first-paid-instant takes the month of the first paid instant: then
        also those count who left within their first month. --format csv has the columns of cohort_triangle.csv of churn report,
        with customers and MRR of every age.

        """ + Asking.ExitStatus + """
        Examples:
          churn metrics cohorts
          churn metrics cohorts --by plan
          churn metrics cohorts --format csv > cohorts.csv

        """;

    public static Command Create(Asking asking)
    {
        var (from, to) = Asking.Months();
        var by = Asking.By();
        var basis = TypedOption.Choice(
            "--basis", "What makes a customer a member of a month's cohort",
            ("first-closing", CohortBasis.FirstClosing), ("first-paid-instant", CohortBasis.FirstPaidInstant));
        return asking.Command("cohorts", "What is left of the customers who began together, month by month", Details, [by, basis, from, to], async (parsed, call) =>
        {
            var chosen = parsed.GetValue(basis);
            var request = new V1.GetCohortsRequest
            {
                Read = call.Read,
                Basis = chosen == CohortBasis.FirstClosing ? V1.CohortBasis.FirstClosing : V1.CohortBasis.FirstPaidInstant,
                FromMonth = Asking.Text(parsed.GetValue(from)),
                ToMonth = Asking.Text(parsed.GetValue(to)),
                By = parsed.GetValue(by) ?? "",
            };
            var answered = await call.AskAsync(options => call.Client.GetCohortsAsync(request, options));
            var answer = new Answer(call, answered.Info);
            Show(call, answer, [.. answered.Cohorts.Where(c => c.Ages.Count > 0).Select(c => (c.Segment, Wire.CohortOf(c, chosen)))], parsed.GetValue(by));
            return answer.Status;
        });
    }

    private static void Show(Call call, Answer answer, (V1.Segment? Segment, Cohort Cohort)[] cohorts, string? by)
    {
        switch (call.Format)
        {
            case ReportFormat.Csv:
                var lines = Answer.BeginCsv(CsvRows.CohortsHeader, segmented: by is not null);
                foreach (var (segment, cohort) in cohorts)
                {
                    CsvRows.Cohort(lines, by is null ? [] : new Lines().Cell(segment?.Value ?? "").Comma().Written, cohort);
                }

                Answer.WriteCsv(call, lines);
                break;
            case ReportFormat.Json:
                answer.WriteJson((json, figures) =>
                {
                    json.WriteString("by", by);
                    figures.Array("cohorts", cohorts, cohort =>
                    {
                        json.WriteString("segment", cohort.Segment?.Value);
                        figures.Cohort(cohort.Cohort);
                    });
                });
                break;
            default:
                answer.WritePage(by is null ? "Cohorts" : $"Cohorts by {by}", canvas => WriteMaps(canvas, answer.Provenance, cohorts), hasBridges: false);
                break;
        }
    }

    private static void WriteMaps(Canvas canvas, Provenance server, (V1.Segment? Segment, Cohort Cohort)[] cohorts)
    {
        if (cohorts.Length == 0)
        {
            canvas.Line("Nobody has paid at a closing.");
            return;
        }

        var last = cohorts.Max(c => c.Cohort.Month + c.Cohort.Ages - 1);
        var segments = cohorts.GroupBy(c => c.Segment?.Value ?? "", StringComparer.Ordinal)
            .OrderByDescending(g => g.Aggregate(Int128.Zero, (sum, c) => sum + c.Cohort.ActiveMrr(c.Cohort.Ages - 1))).ToArray();
        foreach (var segment in segments.Take(MostMaps))
        {
            if (segment.First().Segment is { } named)
            {
                canvas.Line(new Piece(Answer.NameOf(named, canvas), Ink.Strong));
            }

            var figures = new Figures
            {
                Horizon = new Horizon(Math.Min(last, segment.Min(c => c.Cohort.Month)), last, last),
                Months = [],
                Cohorts = [.. segment.Select(c => c.Cohort)],
            };
            CohortMap.Write(canvas, server, figures);
            if (segment != segments[^1])
            {
                canvas.Blank();
            }
        }

        if (segments.Length > MostMaps)
        {
            canvas.Paragraph($"... and {Numerals.Count(segments.Length - MostMaps, "segment")} more: --format csv has them.", ink: Ink.Faint);
        }
    }
}
