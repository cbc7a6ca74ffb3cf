using System.CommandLine;
using Churn.Cli.Report;
using V1 = Churn.Metrics.V1;

namespace Churn.Suite.Metrics;

/// <summary>The command <c>churn metrics rolling</c>: windows of days that end with the day asked for.</summary>
internal static class RollingCommand
{
    private const string Details =
        """
        A window ends with today, or the day of --at: 7d, 30d, 90d, 365d; mtd, qtd and ytd begin with the month, quarter or year;
        last-month is the whole month before. A customer has one net movement in a window: who left and came back within it did
        neither.

        """ + Asking.ExitStatus + """
        Examples:
          churn metrics rolling
          churn metrics rolling --window 30d --by country
          churn metrics rolling --window 90d --format json

        """;

    public static Command Create(Asking asking)
    {
        var windows = Asking.Windows();
        var by = Asking.By();
        return asking.Command("rolling", "MRR, churn and retention of the last days, as they stand", Details, [windows, by], async (parsed, call) =>
        {
            var request = new V1.GetRollingMetricsRequest { Read = call.Read, By = parsed.GetValue(by) ?? "" };
            request.Windows.AddRange(parsed.GetValue(windows) ?? []);
            var answered = await call.AskAsync(options => call.Client.GetRollingMetricsAsync(request, options));
            var figures = answered.Figures.Select(Rolling.Of).ToArray();
            var answer = new Answer(call, answered.Info);
            switch (call.Format)
            {
                case ReportFormat.Csv:
                    var lines = Answer.BeginCsv(RollingTable.Header, segmented: request.By.Length > 0);
                    foreach (var rolling in figures)
                    {
                        RollingTable.WriteCsv(lines, rolling, segmented: request.By.Length > 0);
                    }

                    Answer.WriteCsv(call, lines);
                    break;
                case ReportFormat.Json:
                    answer.WriteJson((json, properties) =>
                    {
                        json.WriteString("by", parsed.GetValue(by));
                        properties.Array("figures", figures, rolling => RollingTable.WriteJson(json, properties, rolling));
                    });
                    break;
                default:
                    answer.WritePage("Rolling figures", canvas => RollingTable.Write(canvas, figures, parsed.GetValue(by), answer.Currency));
                    break;
            }

            return figures.All(f => f.Imbalance == 0) ? answer.Status : Answer.Unsound;
        });
    }
}
