using System.CommandLine;
using System.CommandLine.Parsing;
using System.Text;
using Churn.Cli.Report.Input;

namespace Churn.Cli.Report;

/// <summary>Makes the arguments that say which files to read, and how: those of every command that reads the CSV of a report.</summary>
internal sealed class InputArguments
{
    private readonly Option<string> _currency;
    private readonly Option<string[]> _attributes;
    private readonly Option<string> _plan;
    private readonly Option<string> _tenure;
    private readonly Option<string> _churned;
    private readonly Option<string> _price;
    private readonly Option<int?> _snapshot;
    private readonly Option<string> _mapping;

    /// <summary>Makes them for a command.</summary>
    /// <param name="command">The command's name.</param>
    /// <param name="files">What the help says of the files.</param>
    /// <param name="currency">What the help says of --currency.</param>
    public InputArguments(string command, string files, string currency)
    {
        Files = new Argument<string[]>("FILE") { Arity = ArgumentArity.ZeroOrMore, Description = files };
        Files.Validators.Add(result =>
        {
            // What looks like an option and is none would be taken for a file.
            if (result.Tokens.FirstOrDefault(t => t.Value.StartsWith('-') && t.Value != "-") is { } stray)
            {
                result.AddError($"{stray.Value} is not an option of churn {command}; --help lists them.");
            }
        });
        _currency = TypedOption.Text("--currency", "CODE", currency);
        _currency.Validators.Add(result =>
        {
            if (result.Tokens.Count > 0 && !Currencies.IsCode(Encoding.UTF8.GetBytes(result.Tokens[0].Value)))
            {
                result.AddError($"--currency takes a code of three letters such as USD, not '{result.Tokens[0].Value}'.");
            }
        });
        _attributes = new Option<string[]>("--attribute")
        {
            Description = "Takes a column as an attribute although its name resembles a known one; may be repeated",
            HelpName = "COLUMN",
            Arity = ArgumentArity.OneOrMore,
            AllowMultipleArgumentsPerToken = false,
        };
        _plan = TypedOption.Text("--plan", "COLUMN", "Column that names the plan [default: plan]");
        _tenure = TypedOption.Text("--tenure", "COLUMN", "For files without dates: column of whole months since the start; needs the next three");
        _churned = TypedOption.Text("--churned", "COLUMN=VALUE", "Who left: those with VALUE in COLUMN");
        _price = TypedOption.Text("--price", "COLUMN", "Column of the price of a month, in units of the currency");
        _snapshot = TypedOption.Day("--snapshot-date", "Day that tenures are counted back from; who left ended at its 00:00 UTC");
        _mapping = TypedOption.Text("--mapping", "telco", "Ready-made options for a known file");
        _mapping.Validators.Add(result =>
        {
            if (result.Tokens.Count > 0 && !Mappings.All.Contains(result.Tokens[0].Value, StringComparer.Ordinal))
            {
                result.AddError($"--mapping knows {string.Join(", ", Mappings.All)}, not '{result.Tokens[0].Value}'.");
            }
        });
    }

    /// <summary>Gives the argument that names the files; the command places it itself.</summary>
    public Argument<string[]> Files { get; }

    /// <summary>Adds the options to a command, and the check that they go together.</summary>
    public void AddTo(Command command)
    {
        foreach (var option in new Option[] { _currency, _attributes, _plan, _tenure, _churned, _price, _snapshot, _mapping })
        {
            command.Add(option);
        }

        command.Validators.Add(Check);
    }

    /// <summary>Gives what a command line says of the input.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="by">The column that splits the report, or null.</param>
    public InputOptions Read(ParseResult parsed, string? by = null)
    {
        var (column, value) = SplitChurned(parsed.GetValue(_churned));
        var input = new InputOptions
        {
            Files = parsed.GetValue(Files) is { Length: > 0 } named ? named : ["-"],
            Currency = parsed.GetValue(_currency),
            Attributes = parsed.GetValue(_attributes) ?? [],
            By = by,
            Plan = parsed.GetValue(_plan),
            Tenure = parsed.GetValue(_tenure),
            ChurnedColumn = column,
            ChurnedValue = value,
            Price = parsed.GetValue(_price),
            SnapshotDay = parsed.GetValue(_snapshot) ?? Mappings.TelcoSnapshot,
        };
        return parsed.GetValue(_mapping) is null ? input : Mappings.Telco(input);
    }

    private void Check(CommandResult result)
    {
        bool Given(Option option) => result.GetResult(option) is { Implicit: false };
        if (Given(_churned) && result.GetValue(_churned) is { } churned && SplitChurned(churned).Value is null)
        {
            result.AddError($"--churned takes COLUMN=VALUE, for example churn=Yes, not '{churned}'.");
            return;
        }

        if (Given(_mapping))
        {
            return;
        }

        IReadOnlyList<Option> needed = [_churned, _price, _snapshot];
        if (Given(_tenure) && needed.FirstOrDefault(o => !Given(o)) is { } missing)
        {
            result.AddError($"--tenure needs {missing.Name} too.");
        }
        else if (!Given(_tenure) && needed.FirstOrDefault(Given) is { } lonely)
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
