using System.CommandLine;

namespace Churn.Cli.Report;

/// <summary>The command <c>churn report</c>: what it accepts.</summary>
internal static class ReportCommand
{
    /// <summary>Says below the options what they do not.</summary>
    public const string Details =
        """
        Columns:
          customer_id and start_at are needed, and a price: mrr (units a month), mrr_cents, or amount or amount_cents with
          billing_period (day, week, month, quarter, year). subscription_id, plan, end_at (empty: still running), currency
          and recorded_at are known; all others are attributes. Times are dates or RFC 3339 instants.

        Exit status:
          0 every row is reported; 2 some are not, they go to standard error; 1 nothing is

        Examples:
          churn report subscriptions.csv --from 2024-01 --out report
          churn report --by country --format csv us.csv.gz eu.csv.gz
          churn report telco.csv --mapping telco

        """;

    /// <summary>Makes the command.</summary>
    /// <param name="run">Runs a report and gives the exit status; left out, it runs on the streams of the process.</param>
    public static Command Create(Func<ReportOptions, int>? run = null)
    {
        run ??= options => ReportRun.Run(options, ReportStreams.OfProcess());
        var input = new InputArguments("report", "CSV files with a header, plain or gzip; - is standard input", "Currency to report: rows in another one are rejected [default: that of the first row]");
        var from = TypedOption.Month("--from", "First month of the report [default: that of the first start]");
        var to = TypedOption.Month("--to", "Last month of the report [default: the last complete month before the latest instant in the files]");
        var by = TypedOption.Text("--by", "COLUMN", "Splits the report by plan or by an attribute; a customer's latest value counts for all its history");
        var format = TypedOption.Choice(
            "--format", "What goes to standard output: a page to read, or csv or json for programs",
            ("table", ReportFormat.Table), ("csv", ReportFormat.Csv), ("json", ReportFormat.Json));
        var output = TypedOption.Text("--out", "DIR", "Writes ten CSV files into DIR: bridges, rates, cohorts, plans and every movement");
        var svg = TypedOption.Text("--svg", "DIR", "Writes pictures into DIR: the bridge, the rates and the cohorts");
        var rejects = TypedOption.Text("--rejects", "FILE", "Writes every row that is not reported into FILE, as CSV");
        var command = new DetailedCommand("report", "Churn numbers from an export of subscriptions, exact to the last unit", Details)
        {
            input.Files, from, to, by, format, output, svg, rejects,
        };
        input.AddTo(command);
        command.SetAction(parsed =>
        {
            var options = new ReportOptions(input.Read(parsed, parsed.GetValue(by)))
            {
                From = parsed.GetValue(from),
                To = parsed.GetValue(to),
                Format = parsed.GetValue(format),
                Out = parsed.GetValue(output),
                Svg = parsed.GetValue(svg),
                Rejects = parsed.GetValue(rejects),
            };
            return run(options);
        });
        return command;
    }
}
