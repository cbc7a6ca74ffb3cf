using System.CommandLine;
using Churn.Cli.Report.Output;

namespace Churn.Suite.Metrics;

/// <summary>The command <c>churn metrics overview</c>: the page of <c>churn report</c>, of what a server knows.</summary>
internal static class OverviewCommand
{
    private const string Details =
        """
        The page shows MRR month by month from opening to closing, churn and retention, what is left of the customers who began
        together, the plans, and the customers that moved most. Months are closed by days; the running one is marked: *.
        --format json and csv hold the same figures as those of churn report, exact to the last unit.

        """ + Asking.ExitStatus + """
        Examples:
          churn metrics overview
          churn metrics overview --by country --from 2025-01
          churn metrics overview --at 2025-06-30 --format json

        """;

    public static Command Create(Asking asking)
    {
        var (from, to) = Asking.Months();
        var by = Asking.By();
        return asking.Command("overview", "The months of the business on one page, as churn report shows them", Details, [from, to, by], async (parsed, call) =>
        {
            var report = await Overviews.ReadAsync(call, parsed.GetValue(from), parsed.GetValue(to), parsed.GetValue(by));
            if (report is null)
            {
                call.Tell("there are no figures yet: nothing was recorded; churn import FILE records what a file says");
                return 0;
            }

            Presentation.Write(call.Format, report, call.Streams);
            return report.Server!.IsSound && !Identity.Check(report).Any() ? 0 : Answer.Unsound;
        });
    }
}
