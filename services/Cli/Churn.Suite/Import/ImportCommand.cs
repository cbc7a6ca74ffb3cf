using System.Buffers;
using System.CommandLine;
using Churn.Cli.Report;
using Churn.Cli;
using Churn.Suite.Calls;

namespace Churn.Suite.Import;

/// <summary>The command <c>churn import</c>: what it accepts.</summary>
internal static class ImportCommand
{
    /// <summary>Says below the options what they do not.</summary>
    private const string Details =
        """
        Files:
          CSV with a header as churn report reads it (churn report --help lists the columns), or NDJSON: one fact a line, as proto3
          JSON of churn.ingestion.v1.Fact. Which it is shows in the first character. Facts of NDJSON name their own source; --source
          names that of facts that name none. Columns that mean nothing else are attributes; so is one that --plan names.

        The next export:
          Import it by a command of its own. Every row is known by its subscription_id; the same row again changes nothing. Of one
          that changed, what it said before is retracted: a price or plan, an end that moved or is gone, attributes. A row that is no
          longer in the file is left alone. Without subscription_id, a row is known by its customer, start, plan and price: one that
          changes any of these is another row. An end that lies ahead is a cancellation that is scheduled. Exports of two systems need
          two names for --source.

        Exit status:
          0 everything is recorded and in the numbers; 2 some of it is not, which goes to standard error; 1 nothing is, or the
          server was lost: the same command again goes on; 130 it was interrupted

        Examples:
          churn import subscriptions.csv
          churn import eu.csv.gz us.csv.gz --source billing --rejects rejects.csv
          churn import telco.csv --mapping telco --snapshot-date 2020-01-01
          churn generate | churn import -

        """;

    private const int LongestSource = 64;
    private static readonly SearchValues<char> SourceCharacters = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789-_.:");

    /// <summary>Makes the command.</summary>
    /// <param name="run">Runs an import and gives the exit status; left out, it runs on the streams of the process.</param>
    public static Command Create(Func<ImportOptions, CancellationToken, Task<int>>? run = null)
    {
        run ??= (options, stop) => new ImportRun(options, ReportStreams.OfProcess(), ImportScreen.OfProcess(), TimeProvider.System).RunAsync(stop);
        var input = new InputArguments(
            "import", "CSV or NDJSON, plain or gzip; - is standard input", "Currency of rows that state none");
        var server = new ServerOptions();
        var source = TypedOption.Parsed(
            "--source",
            "NAME",
            $"The system that the files are from; what they say replaces what it said before [default: {ImportOptions.DefaultSource}]",
            "1 to 64 characters of a-z, 0-9, '-', '_', '.' and ':'",
            text => text.Length is > 0 and <= LongestSource && !text.AsSpan().ContainsAnyExcept(SourceCharacters) ? text : null);
        var rejects = TypedOption.Text("--rejects", "FILE", "Writes everything that is not recorded into FILE, as CSV: file, line, column, reason");
        var rate = TypedOption.Number("--rate", "Sends at most N facts a second, so that who asks meanwhile is not held up [default: as many as both sides can]");
        var command = new DetailedCommand("import", "Record an export of subscriptions, or facts, on a server", Details) { input.Files, source, rejects, rate };
        server.AddTo(command);
        input.AddTo(command);
        command.SetAction((parsed, stop) => run(
            new ImportOptions(input.Read(parsed) with { KeepsRowsWhole = true }, server.Read(parsed))
            {
                Source = parsed.GetValue(source),
                Rejects = parsed.GetValue(rejects),
                Rate = parsed.GetValue(rate),
            },
            stop));
        return command;
    }
}
