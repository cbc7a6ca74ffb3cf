using System.Text;
using System.Text.RegularExpressions;
using Churn.Cli.Report;
using Churn.Cli.Report.Input;
using Churn.Cli.Report.Output;
using Churn.Metrics.Domain;

namespace Churn.Cli.Tests.Docs;

/// <summary>Holds a worked number as docs/definitions.md writes it: a command, the rows of its file, and what comes out.</summary>
internal sealed partial class WorkedNumber
{
    private readonly Dictionary<string, string> _options = new(StringComparer.Ordinal);
    private readonly List<string> _rows = [];
    private readonly List<string> _answers = [];
    private readonly bool _isLedger;

    public WorkedNumber(string text)
    {
        var lines = text.Split('\n');
        if (CommandLine().Match(lines[0]) is not { Success: true } command)
        {
            throw new FormatException($"\"{lines[0]}\" is not \"churn report\" or \"ledger\" with --from, --to and --by");
        }

        _isLedger = command.Groups["verb"].Value == "ledger";
        for (var i = 0; i < command.Groups["option"].Captures.Count; i++)
        {
            _options.Add(command.Groups["option"].Captures[i].Value, command.Groups["value"].Captures[i].Value);
        }

        foreach (var line in lines[1..])
        {
            if (line.StartsWith("=> ", StringComparison.Ordinal))
            {
                _answers.Add(line[3..]);
            }
            else
            {
                _rows.AddRange(Repeated(line));
            }
        }
    }

    /// <summary>Runs the report and lists every answer that is not what comes out.</summary>
    public IReadOnlyList<string> Differences()
    {
        var files = Run();
        var differences = _answers.SelectMany(answer => Compare(answer, files)).ToList();
        return _answers.Count > 0 ? differences : ["nothing is answered"];
    }

    /// <summary>Runs the report and gives the cells of its files, each with its header.</summary>
    public Dictionary<string, string[][]> Run()
    {
        var input = new InputOptions { Files = ["x"], By = _options.GetValueOrDefault("by") };
        var subscriptions = Reading.Read(input, _ => new MemoryStream(Encoding.UTF8.GetBytes(string.Join('\n', _rows) + "\n")), threads: 1);
        Assert.Empty(subscriptions.Rejects);
        if (_isLedger)
        {
            StateTerms(subscriptions);
        }

        var first = Calendar.MonthOf(subscriptions.FirstStart);
        var horizon = new Horizon(_options.TryGetValue("from", out var from) ? Month(from) : first, Month(_options["to"]), first);
        var folder = Directory.CreateTempSubdirectory("churn-definitions-");
        try
        {
            using (var written = new NewFiles(folder.FullName))
            {
                var movements = new MovementFiles(written, horizon, segmented: input.By is not null);
                var files = new ReportFiles(written, segmented: input.By is not null, input.IsByPlan);
                var analysis = new Analysis(subscriptions, horizon, movements, movers: null, threads: 1);
                foreach (var part in analysis.Parts(input.By is not null, input.IsByPlan))
                {
                    files.Write(analysis.Run(part), part.Prefix, subscriptions.Plans);
                }

                written.Complete(threads: 1);
            }

            return folder.GetFiles().ToDictionary(
                f => f.Name, f => File.ReadAllLines(f.FullName).Select(l => l.Split(',')).ToArray(), StringComparer.Ordinal);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static IEnumerable<string> Compare(string answer, Dictionary<string, string[][]> files)
    {
        if (answer.Split(": ") is not [var where, var what] || !files.TryGetValue(where.Split(", ")[0], out var file))
        {
            return [$"{answer}: is not \"FILE, column value: column value\""];
        }

        var header = file[0];
        var key = Pairs(where.Split(", ")[1..]);
        var cells = what == "no row" ? [] : Pairs(what.Split(", "));
        if (key.Concat(cells).Where(p => !header.Contains(p.Column)).Select(p => p.Column).FirstOrDefault() is { } unknown)
        {
            return [$"{answer}: there is no column {unknown}"];
        }

        var rows = file[1..].Where(row => key.All(p => row[Array.IndexOf(header, p.Column)] == p.Value)).ToList();
        if (what == "no row")
        {
            return rows.Count == 0 ? [] : [$"{answer}: there are {rows.Count}"];
        }

        return rows.Count != 1
            ? [$"{answer}: there are {rows.Count} such rows"]
            : cells.Select(p => (p.Column, p.Value, Actual: rows[0][Array.IndexOf(header, p.Column)]))
                .Where(p => p.Actual != p.Value)
                .Select(p => $"{answer}: {p.Column} is {(p.Actual.Length == 0 ? "undefined" : p.Actual)}");
    }

    private static List<(string Column, string Value)> Pairs(IEnumerable<string> texts) =>
        [.. texts.Select(t => t.Split(' ', 2)).Select(p => (p[0], p is [_, not "undefined"] ? p[1] : ""))];

    private static IEnumerable<string> Repeated(string line)
    {
        if (Repetition().Match(line) is not { Success: true } match)
        {
            return [line];
        }

        var count = int.Parse(match.Groups["count"].Value, System.Globalization.CultureInfo.InvariantCulture);
        return Enumerable.Range(1, count).Select(i => $"{match.Groups["customer"].Value}-{i},{match.Groups["rest"].Value}");
    }

    private static int Month(string text) => Calendar.MonthOf(Instant(text + "-01"));

    private static long Instant(string text)
    {
        Assert.Null(Instants.Read(Encoding.UTF8.GetBytes(text), out var instant));
        return instant;
    }

    // The columns state and at_its_end say what a file for churn report cannot.
    private void StateTerms(Subscriptions subscriptions)
    {
        Assert.Equal("customer_id,start_at,end_at,mrr,state,at_its_end", _rows[0]);
        foreach (var row in _rows.Skip(1).Select(r => r.Split(',')))
        {
            var customer = subscriptions.Order.Single(c => Encoding.UTF8.GetString(subscriptions.Customers[c]) == row[0]);
            var (from, to) = (subscriptions.Offsets[customer], subscriptions.Offsets[customer + 1]);
            var term = Array.FindIndex(subscriptions.Terms, from, to - from, t => t.Start == Instant(row[1]));
            subscriptions.Terms[term] = subscriptions.Terms[term] with
            {
                State = Enum.Parse<TermState>(row[4], ignoreCase: true),
                Completes = row[5] == "completed",
            };
        }
    }

    [GeneratedRegex(@"^(?<verb>churn report|ledger)( --(?<option>from|to|by) (?<value>\S+))+$", RegexOptions.ExplicitCapture)]
    private static partial Regex CommandLine();

    [GeneratedRegex("^(?<count>[0-9]+) x (?<customer>[^,]+),(?<rest>.*)$", RegexOptions.ExplicitCapture)]
    private static partial Regex Repetition();
}
