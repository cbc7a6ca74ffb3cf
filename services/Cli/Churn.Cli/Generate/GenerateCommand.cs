using System.CommandLine;
using System.Globalization;

namespace Churn.Cli.Generate;

/// <summary>The command <c>churn generate</c>.</summary>
internal static class GenerateCommand
{
    private static readonly DateTime DefaultStart = new(2022, 1, 1, 0, 0, 0, DateTimeKind.Utc);

    public static Command Create()
    {
        var customers = WholeNumber<int>("--customers", "How many customers to write", "N", 1_000, 1, SyntheticBusiness.MostCustomers);
        var months = WholeNumber<int>("--months", "How many calendar months the business runs", "N", 36, 1, 240);
        var seed = WholeNumber<long>("--seed", "Which business: the same arguments write the same bytes", "N", 1, 0, long.MaxValue);
        var start = Month("--start", "First month of the business, in UTC", DefaultStart);
        var intervals = new Option<bool>("--intervals")
        {
            Description = "Write subscription intervals as CSV, which `churn report` reads, instead of facts as NDJSON",
        };
        var rows = WholeNumber<int>(
            "--rows", "Write exactly N intervals, of as many customers as it takes (with --intervals, without --customers)", "N", null, 1, SyntheticBusiness.MostCustomers);
        var output = new Option<string>("--out")
        {
            Description = "File to write; - is standard output",
            HelpName = "FILE",
            DefaultValueFactory = _ => "-",
        };
        var command = new Command("generate", "Write a synthetic business: deterministic, with plans, pauses, failed payments and truly different hazards")
        {
            customers, months, seed, start, intervals, rows, output,
        };
        command.Validators.Add(result =>
        {
            if (result.GetResult(rows) is null or { Implicit: true })
            {
                return;
            }

            if (!result.GetValue(intervals))
            {
                result.AddError("--rows counts intervals: give --intervals too.");
            }
            else if (result.GetResult(customers) is { Implicit: false })
            {
                result.AddError("--rows takes as many customers as it needs: leave out --customers.");
            }
        });
        command.SetAction(parsed =>
        {
            var business = new SyntheticBusiness(parsed.GetValue(seed), parsed.GetValue(start) ?? DefaultStart, parsed.GetValue(months));
            var path = parsed.GetValue(output)!;
            try
            {
                using var stream = path == "-" ? Console.OpenStandardOutput() : new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.Read, bufferSize: 0);
                if (!parsed.GetValue(intervals))
                {
                    business.WriteFacts(stream, parsed.GetValue(customers));
                }
                else if (parsed.GetValue(rows) is var limit and > 0)
                {
                    business.WriteIntervals(stream, SyntheticBusiness.MostCustomers, limit);
                }
                else
                {
                    business.WriteIntervals(stream, parsed.GetValue(customers));
                }

                return 0;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
            {
                parsed.InvocationConfiguration.Error.WriteLine($"churn generate: cannot write {(path == "-" ? "standard output" : path)}: {e.Message}");
                return 1;
            }
        });
        return command;
    }

    private static Option<T> WholeNumber<T>(string name, string description, string helpName, T? absent, T low, T high)
        where T : struct, System.Numerics.IBinaryInteger<T>
    {
        var range = string.Create(CultureInfo.InvariantCulture, $"{low:N0} to {high:N0}");
        var option = new Option<T>(name)
        {
            Description = $"{description}; {range}",
            HelpName = helpName,
            CustomParser = result =>
            {
                var text = result.Tokens[0].Value;
                if (T.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value) && value >= low && value <= high)
                {
                    return value;
                }

                result.AddError($"{name} takes a whole number, {range}, not '{text}'.");
                return default;
            },
        };
        if (absent is { } number)
        {
            option.DefaultValueFactory = _ => number;
        }

        return option;
    }

    /// <summary>Has no default value of its own, because the help would show it as a date and not as a month.</summary>
    private static Option<DateTime?> Month(string name, string description, DateTime absent) => new(name)
    {
        Description = $"{description}; YYYY-MM, 1970-01 to 2100-12 [default: {absent:yyyy-MM}]",
        HelpName = "YYYY-MM",
        CustomParser = result =>
        {
            var text = result.Tokens[0].Value;
            var styles = DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal;
            if (DateTime.TryParseExact(text, "yyyy-MM", CultureInfo.InvariantCulture, styles, out var month) && month.Year is >= 1970 and <= 2100)
            {
                return month;
            }

            result.AddError($"{name} takes a month, 1970-01 to 2100-12, not '{text}'.");
            return null;
        },
    };
}
