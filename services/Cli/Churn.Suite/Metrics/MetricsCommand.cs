using System.CommandLine;
using System.CommandLine.Help;
using Churn.Cli.Report;

namespace Churn.Suite.Metrics;

/// <summary>The command <c>churn metrics</c>: asks a server for figures.</summary>
internal static class MetricsCommand
{
    /// <summary>Makes the command.</summary>
    /// <param name="streams">What the commands write to; the streams of the process when left out.</param>
    /// <param name="time">Measures waiting.</param>
    public static Command Create(ReportStreams? streams = null, TimeProvider? time = null)
    {
        var asking = new Asking(() => streams ?? ReportStreams.OfProcess(), time ?? TimeProvider.System);
        var metrics = new Command("metrics", "MRR, churn, retention and cohorts, asked from a running server")
        {
            OverviewCommand.Create(asking),
            MovementsCommand.Create(asking),
            RatesCommand.Create(asking),
            RollingCommand.Create(asking),
            SeriesCommand.Create(asking),
            CohortsCommand.Create(asking),
            SegmentsCommand.Create(asking),
            ExplainCommand.Create(asking),
            WatchCommand.Create(asking),
        };
        metrics.SetAction(new HelpAction().Invoke);
        return metrics;
    }
}
