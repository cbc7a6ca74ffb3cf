using System.CommandLine;
using System.Globalization;
using Churn.Cli.Report;
using Churn.Cli.Report.Output.Terminal;
using Churn.Playbooks.V1;
using Churn.Suite.Calls;
using Churn.Cli;

namespace Churn.Suite.Playbooks;

/// <summary>The command <c>churn playbooks results</c>: what came of a playbook.</summary>
internal static class ResultsCommand
{
    private const int LongestDays = 365;

    private const string Details =
        """
        Compares the customers who were treated with those who were held out by chance: how many pay so many days after they
        entered, with a 95% interval (Newcombe) and the p-value of no difference (Fisher), what that did to MRR, and whether the
        groups have the sizes that they should have. Each customer counts once, from its first entry, when its days are over.

        """ + Caller.ExitStatus + """
        Examples:
          churn playbooks results failed-payment
          churn playbooks results failed-payment --after 90d --format json

        """;

    public static Command Create(Caller caller)
    {
        var name = PlaybooksCommand.NameArgument();
        var after = Spans.Days("--after", "How long after entry is looked at [default: what the playbook says]", LongestDays);
        var version = TypedOption.Number("--version", "Only those who entered on this version [default: all]");
        return caller.Command("results", "What came of a playbook: treated against held out", Details, [name, after, version], async (parsed, call) =>
        {
            var request = new GetResultsRequest { Playbook = parsed.GetValue(name), AfterDays = parsed.GetValue(after) ?? 0, Version = parsed.GetValue(version) ?? 0 };
            var answer = await call.AskAsync(options => call.Playbooks.GetResultsAsync(request, options));
            switch (call.Format)
            {
                case ReportFormat.Csv:
                    WriteCsv(call, answer.Readout);
                    break;
                case ReportFormat.Json:
                    Shown.WriteJson(call, answer.Readout);
                    break;
                default:
                    Shown.Page(call, canvas => WritePage(canvas, call, answer.Readout));
                    break;
            }

            return 0;
        });
    }

    private static void WritePage(Canvas canvas, Call call, Readout readout)
    {
        Shown.WriteHead(canvas, call, $"What came of {readout.Playbook}", $"facts to {Shown.Time(readout.Watermark)} UTC");
        canvas.Blank();
        Readouts.Write(canvas, readout);
    }

    private static void WriteCsv(Call call, Readout readout) => Shown.WriteCsv(
        call,
        "playbook,after_days,treated,treated_retained,held_out,held_out_retained,difference,difference_low,difference_high,p_value,sample_ratio_p,sample_ratio_ok,pending,watermark",
        [readout],
        (lines, r) => lines
            .Cell(r.Playbook).Then(r.AfterDays).Then(r.Treated?.CustomerCount ?? 0).Then(r.Treated?.RetainedCount ?? 0).Then(r.HeldOut?.CustomerCount ?? 0)
            .Then(r.HeldOut?.RetainedCount ?? 0).Then(Number(r.HasRetentionDifference, r.RetentionDifference)).Then(Number(r.HasDifferenceLow, r.DifferenceLow))
            .Then(Number(r.HasDifferenceHigh, r.DifferenceHigh)).Then(Number(r.HasPValue, r.PValue))
            .Then(Number(r.SampleRatio?.HasPValue ?? false, r.SampleRatio?.PValue ?? 0)).Then(r.SampleRatio?.Ok is false ? "false" : "true").Then(r.PendingCount).Then(r.Watermark));

    private static string Number(bool isThere, double value) => isThere ? value.ToString("0.############", CultureInfo.InvariantCulture) : "";
}
