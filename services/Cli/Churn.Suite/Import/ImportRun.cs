using System.Globalization;
using Churn.Cli.Report.Input;
using Churn.Cli.Report.Output;
using Churn.Cli.Report;
using Churn.Client.Facts;
using Churn.Client;
using Churn.Ingestion.V1;
using Churn.Metrics.V1;
using Churn.Suite.Calls;
using Churn.Suite.Import.Csv;
using Churn.Suite.Import.Ndjson;
using Grpc.Core;

namespace Churn.Suite.Import;

/// <summary>Runs an import from its options to its exit status.</summary>
/// <param name="options">What to import.</param>
/// <param name="streams">What it reads from and writes to.</param>
/// <param name="screen">Shows how far it is.</param>
/// <param name="time">The clock.</param>
internal sealed class ImportRun(ImportOptions options, ReportStreams streams, ImportScreen screen, TimeProvider time)
{
    private const int Interrupted = 130;

    // The numbers follow within moments; who waits longer than this is told instead.
    private static readonly TimeSpan LongestWait = TimeSpan.FromMinutes(10);

    private bool _isBroken;
    private long _decided;

    /// <summary>Runs the import; 0 when everything is in the numbers, 2 when some of it was not taken, 1 when it failed.</summary>
    public async Task<int> RunAsync(CancellationToken stop)
    {
        try
        {
            return await ImportAsync(stop);
        }
        catch (Exception e) when (stop.IsCancellationRequested && e is OperationCanceledException or RpcException { StatusCode: StatusCode.Cancelled })
        {
            screen.Clear();
            screen.Tell("churn import: interrupted; what is recorded stays, the same command again goes on");
            return Interrupted;
        }
        catch (RpcException e)
        {
            screen.Clear();
            var goesOn = _decided > 0 ? $"; {Numerals.Count(_decided, "fact")} got there and stay, the same command again goes on" : "";
            screen.Tell($"churn import: {Failures.Describe(e, options.Server.Address)}{goesOn}");
        }
        catch (Exception e) when (e is ReportException or IOException or UnauthorizedAccessException)
        {
            screen.Clear();
            screen.Tell($"churn import: {(e is ReportException ? e.Message : Printable.OfPath(e.Message))}");
        }

        return 1;
    }

    private async Task<int> ImportAsync(CancellationToken stop)
    {
        InputFiles.RefuseRepeated(options.Input.Files, options.Rejects);
        var files = new List<ImportFile>();
        try
        {
            foreach (var file in options.Input.Files)
            {
                files.Add(ImportFile.Open(file, streams.Input));
            }

            using var client = new ChurnClient(options.Server.Address.GetLeftPart(UriPartial.Authority), new ChurnClientOptions { Key = options.Server.Key, Ssl = options.Server.Tls?.Options(), TimeProvider = time });
            // Before the files are read: who forgot to start the server knows at once.
            await client.Ingestion.ListFactsAsync(new ListFactsRequest { PageSize = 1 }, cancellationToken: stop);
            using var rejects = new ImportRejects(screen, options.Rejects);
            return await ImportAsync(files, client, rejects, stop);
        }
        finally
        {
            files.ForEach(file => file.Dispose());
        }
    }

    private async Task<int> ImportAsync(List<ImportFile> files, ChurnClient client, ImportRejects rejects, CancellationToken stop)
    {
        var started = time.GetTimestamp();
        var rows = ReadRows(files, rejects);
        if (rows is not null)
        {
            await rows.ReadStandingAsync(client, read => screen.Show($"{Numerals.Count(read)} facts of earlier imports read", time), stop);
        }

        var csv = files.Where(f => !f.IsNdjson).ToList();
        var writing = time.GetTimestamp();
        await using var writer = client.StreamFacts(new FactWriterOptions
        {
            MostPerSecond = options.Rate,
            Rejected = reject =>
            {
                var tag = Tag.Unpack(reject.Tag);
                var column = files[tag.File].IsNdjson ? reject.Field : rows!.ColumnOf(csv.IndexOf(files[tag.File]), tag.Field, reject.Field);
                rejects.AddOfServer(files[tag.File].Name, tag.Line, column, reject.Message, reject.Reason);
            },
            Progress = progress =>
            {
                (_isBroken, _decided) = (false, progress.Decided);
                screen.Show($"{Numerals.Count(progress.Decided, "fact")}, {ImportScreen.Rate(progress.Decided, time.GetElapsedTime(writing))}: {ImportScreen.Counts(progress)}", time);
            },
            Broken = (e, _) =>
            {
                // Once, however often it is tried until it goes on.
                if (!_isBroken)
                {
                    screen.Tell($"churn import: {Failures.Describe(e, options.Server.Address)}; trying again ...");
                }

                _isBroken = true;
            },
        });
        if (rows is not null)
        {
            await rows.WriteAsync(writer, client, (time.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond, stop);
        }

        foreach (var file in files.Where(f => f.IsNdjson))
        {
            await WriteFactsAsync(new FactFile(file, files.IndexOf(file), options.Source, rejects), writer, stop);
        }

        var end = await writer.CompleteAsync(stop);
        await WaitForNumbersAsync(client, stop);
        screen.Clear();
        rejects.Summarize();
        Report(rows, end, rejects.Count, time.GetElapsedTime(started));
        return rejects.Count == 0 ? 0 : end.Recorded + end.Duplicates > 0 ? 2 : 1;
    }

    private RowImport? ReadRows(List<ImportFile> files, ImportRejects rejects)
    {
        var csv = files.Where(f => !f.IsNdjson).ToList();
        if (csv.Count == 0)
        {
            return null;
        }

        var input = options.Input with { Files = [.. csv.Select(f => f.Name == "standard input" ? "-" : f.Name)] };
        var open = new Queue<ImportFile>(csv);
        var rows = Reading.ReadWhole(input, _ => open.Dequeue().Stream, options.Threads);
        foreach (var reject in rows.Rejects)
        {
            rejects.Add(rows.Files[reject.File], reject);
        }

        var notes = new List<string>(rows.Notes);
        var import = new RowImport(rows, csv.ConvertAll(files.IndexOf), options.Source ?? ImportOptions.DefaultSource, rejects, notes);
        foreach (var note in notes)
        {
            screen.Tell($"note: {note}");
        }

        if (rows.Duplicates > 0)
        {
            screen.Tell($"note: {Numerals.Count(rows.Duplicates, "row")} said the same as an earlier one and {(rows.Duplicates == 1 ? "is" : "are")} counted once");
        }

        return import;
    }

    private static async Task WriteFactsAsync(FactFile facts, FactWriter writer, CancellationToken stop)
    {
        while (true)
        {
            var batch = writer.NewBatch();
            if (!facts.Fill(batch))
            {
                return;
            }

            await writer.WriteAsync(batch, stop);
        }
    }

    // A read that brings the token of everything written answers once it is in the numbers.
    private async Task WaitForNumbersAsync(ChurnClient client, CancellationToken stop)
    {
        var since = time.GetTimestamp();
        while (client.ConsistencyToken.Length > 0)
        {
            screen.Show("everything is recorded; waiting for the numbers", time);
            try
            {
                await client.Metrics.GetRollingMetricsAsync(new GetRollingMetricsRequest { Windows = { Window.MonthToDate } }, cancellationToken: stop);
                return;
            }
            catch (RpcException e) when (e.StatusCode == StatusCode.FailedPrecondition)
            {
                // Several currencies, and none is named: the answer was there.
                return;
            }
            catch (RpcException e) when (e.StatusCode is StatusCode.DeadlineExceeded or StatusCode.Unavailable && time.GetElapsedTime(since) < LongestWait)
            {
                await Task.Delay(TimeSpan.FromSeconds(1), time, stop);
            }
        }
    }

    private void Report(RowImport? rows, FactWriterProgress end, long rejects, TimeSpan took)
    {
        using var output = new StreamWriter(streams.Output, new System.Text.UTF8Encoding(false), leaveOpen: true);
        var facts = end.Decided;
        end = end with { Rejected = rejects };
        var made = rows is null ? "" : $"{Numerals.Count(rows.Rows, "row")}: ";
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{made}{Numerals.Count(facts, "fact")} in {took.TotalSeconds:0.0} s ({ImportScreen.Rate(facts, took)}): {ImportScreen.Counts(end)}"));
        if (end.Recorded + end.Duplicates > 0)
        {
            output.WriteLine($"The numbers hold {(rejects == 0 ? "all of it" : "what is recorded")}: churn metrics overview");
        }
    }
}
