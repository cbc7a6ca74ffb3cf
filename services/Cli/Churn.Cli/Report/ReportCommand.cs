using System.CommandLine;
using System.CommandLine.Parsing;
using System.Text;
using Churn.Cli.Report.Input;

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
        var files = new Argument<string[]>("FILE")
        {
            Arity = ArgumentArity.ZeroOrMore,
            Description = "CSV files with a header, plain or gzip; - is standard input",
        };
        files.Validators.Add(result =>
        {
            // What looks like an option and is none would be taken for a file.
            if (result.Tokens.FirstOrDefault(t => t.Value.StartsWith('-') && t.Value != "-") is { } stray)
            {
                result.AddError($"{stray.Value} is not an option of churn report; --help lists them.");
            }
        });
        var from = TypedOption.Month("--from", "First month of the report [default: that of the first start]");
        var to = TypedOption.Month("--to", "Last month of the report [default: the last complete month before the latest instant in the files]");
        var by = TypedOption.Text("--by", "COLUMN", "Splits the report by plan or by an attribute; a customer's latest value counts for all its history");
        var format = TypedOption.Choice(
            "--format", "What goes to standard output: a page to read, or csv or json for programs",
            ("table", ReportFormat.Table), ("csv", ReportFormat.Csv), ("json", ReportFormat.Json));
        var output = TypedOption.Text("--out", "DIR", "Writes ten CSV files into DIR: bridges, rates, cohorts, plans and every movement");
        var svg = TypedOption.Text("--svg", "DIR", "Writes pictures into DIR: the bridge, the rates and the cohorts");
        var rejects = TypedOption.Text("--rejects", "FILE", "Writes every row that is not reported into FILE, as CSV");
        var currency = TypedOption.Text("--currency", "CODE", "Currency to report: rows in another one are rejected [default: that of the first row]");
        currency.Validators.Add(result =>
        {
            if (result.Tokens.Count > 0 && !Currencies.IsCode(Encoding.UTF8.GetBytes(result.Tokens[0].Value)))
            {
                result.AddError($"--currency takes a code of three letters such as USD, not '{result.Tokens[0].Value}'.");
            }
        });
        var attributes = new Option<string[]>("--attribute")
        {
            Description = "Takes a column as an attribute although its name resembles a known one; may be repeated",
            HelpName = "COLUMN",
            Arity = ArgumentArity.OneOrMore,
            AllowMultipleArgumentsPerToken = false,
        };
        var plan = TypedOption.Text("--plan", "COLUMN", "Column that names the plan [default: plan]");
        var tenure = TypedOption.Text("--tenure", "COLUMN", "For files without dates: column of whole months since the start; needs the next three");
        var churned = TypedOption.Text("--churned", "COLUMN=VALUE", "Who left: those with VALUE in COLUMN");
        var price = TypedOption.Text("--price", "COLUMN", "Column of the price of a month, in units of the currency");
        var snapshot = TypedOption.Day("--snapshot-date", "Day that tenures are counted back from; who left ended at its 00:00 UTC");
        var mapping = TypedOption.Text("--mapping", "telco", "Ready-made options for a known file");
        mapping.Validators.Add(result =>
        {
            if (result.Tokens.Count > 0 && !Mappings.All.Contains(result.Tokens[0].Value, StringComparer.Ordinal))
            {
                result.AddError($"--mapping knows {string.Join(", ", Mappings.All)}, not '{result.Tokens[0].Value}'.");
            }
        });

        var command = new DetailedCommand("report", "Churn numbers from an export of subscriptions, exact to the last unit", Details)
        {
            files, from, to, by, format, output, svg, rejects, currency, attributes, plan, tenure, churned, price, snapshot, mapping,
        };
        command.Validators.Add(result => Check(result, tenure, [churned, price], mapping, snapshot));
        command.SetAction(parsed =>
        {
            var (column, value) = SplitChurned(parsed.GetValue(churned));
            var input = new InputOptions
            {
                Files = parsed.GetValue(files) is { Length: > 0 } named ? named : ["-"],
                Currency = parsed.GetValue(currency),
                Attributes = parsed.GetValue(attributes) ?? [],
                By = parsed.GetValue(by),
                Plan = parsed.GetValue(plan),
                Tenure = parsed.GetValue(tenure),
                ChurnedColumn = column,
                ChurnedValue = value,
                Price = parsed.GetValue(price),
                SnapshotDay = parsed.GetValue(snapshot) ?? Mappings.TelcoSnapshot,
            };
            var options = new ReportOptions(parsed.GetValue(mapping) is null ? input : Mappings.Telco(input))
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

    private static void Check(
        CommandResult result, Option<string> tenure, IReadOnlyList<Option<string>> withTenure, Option<string> mapping, Option<int?> snapshot)
    {
        bool Given(Option option) => result.GetResult(option) is { Implicit: false };
        if (Given(withTenure[0]) && result.GetValue(withTenure[0]) is { } churned && SplitChurned(churned).Value is null)
        {
            result.AddError($"--churned takes COLUMN=VALUE, for example churn=Yes, not '{churned}'.");
            return;
        }

        if (Given(mapping))
        {
            return;
        }

        IReadOnlyList<Option> needed = [.. withTenure, snapshot];
        if (Given(tenure) && needed.FirstOrDefault(o => !Given(o)) is { } missing)
        {
            result.AddError($"--tenure needs {missing.Name} too.");
        }
        else if (!Given(tenure) && needed.FirstOrDefault(Given) is { } lonely)
        {
            result.AddError($"{lonely.Name} goes with --tenure, which is missing.");
        }
    }

    private static (string? Column, string? Value) SplitChurned(string? text)
    {
        var at = text?.IndexOf('=', StringComparison.Ordinal) ?? -1;
        return at > 0 ? (text![..at], text[(at + 1)..]) : (null, null);
    }
}
