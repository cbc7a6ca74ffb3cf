using System.Globalization;
using System.Net;
using System.Text;
using Churn.Cli.Generate;
using Churn.Cli.Report.Output.Terminal;
using Churn.Cli.Report.Output;
using Churn.Cli.Report;
using Churn.Client.Facts;
using Churn.Client;
using Churn.Ingestion.V1;
using Churn.Metrics.Domain;
using Churn.Suite.Calls;
using Churn.Suite.Metrics;
using Churn.Suite.Serve;
using Grpc.Core;
using V1 = Churn.Metrics.V1;

namespace Churn.Suite.Demo;

/// <summary>Runs a demonstration from the empty folder to the last line.</summary>
internal sealed class Demonstration : IDisposable
{
    private const long Seed = 1;
    private const int Months = 36;

    // Long enough for any machine: a figure that has not changed by then will not.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly ReportStreams _streams;
    private readonly TimeProvider _time;
    private readonly CancellationToken _stop;
    private readonly StreamWriter _writer;
    private readonly Canvas _canvas;

    public Demonstration(ReportStreams streams, TimeProvider time, CancellationToken stop)
    {
        (_streams, _time, _stop) = (streams, time, stop);
        _writer = new StreamWriter(streams.Output, new UTF8Encoding(false), leaveOpen: true) { AutoFlush = true };
        _canvas = new Canvas(_writer, PageStyle.Detect(streams.Width, streams.Environment));
    }

    public async Task RunAsync(int customers, bool keep)
    {
        // The seconds of a fact are whole.
        var now = _time.GetUtcNow().UtcDateTime;
        now = now.AddTicks(-(now.Ticks % TimeSpan.TicksPerSecond));
        var business = new SyntheticBusiness(Seed, new DateTime(now.Year, now.Month, 1, 0, 0, 0, DateTimeKind.Utc).AddMonths(1 - Months), Months);
        var folder = Directory.CreateTempSubdirectory("churn-demo-");
        try
        {
            var begun = _time.GetTimestamp();
            await using var server = await SuiteServer.StartAsync(
                new SuiteOptions { Listen = new IPEndPoint(IPAddress.Loopback, 0), Data = folder.FullName }, cancellationToken: _stop);
            var address = new Uri(server.Address);
            Step($"Serving from {server.Place}: gRPC on {address.GetLeftPart(UriPartial.Authority)}, ready after {Seconds(begun)} s");

            using var client = new ChurnClient(address.GetLeftPart(UriPartial.Authority));
            await RecordAsync(client, business, customers, now);
            await ShowOverviewAsync(client);
            await PlayAsync(client, business, customers, now);
            await CloseLoopAsync(client, business, customers, now);
            WriteNext(address, now, keep);
            if (keep && !await server.WaitForEndAsync(_stop))
            {
                throw new DemonstrationException("a fault ended the server; the lines above say which");
            }
        }
        catch (RpcException e) when (!_stop.IsCancellationRequested)
        {
            throw new DemonstrationException(Failures.Sentence(e));
        }
        catch (RpcException e) when (e.StatusCode == StatusCode.Cancelled)
        {
            throw new OperationCanceledException(e.Message, e, _stop);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    public void Dispose() => _writer.Dispose();

    private async Task RecordAsync(ChurnClient client, SyntheticBusiness business, int customers, DateTime now)
    {
        using var generated = new MemoryStream();
        business.WriteFacts(generated, customers, now);
        var facts = generated.GetBuffer().AsMemory(0, (int)generated.Length);
        var begun = _time.GetTimestamp();
        var rejected = new List<FactReject>();
        await using var writer = client.StreamFacts(new FactWriterOptions { Rejected = rejected.Add });
        var batch = writer.NewBatch();
        while (!facts.IsEmpty)
        {
            var end = facts.Span.IndexOf((byte)'\n');
            if (batch.AddJson(facts.Span[..end]) is { } wrong)
            {
                throw new DemonstrationException($"a generated fact cannot be read: {wrong.Field} {wrong.Reason}");
            }

            facts = facts[(end + 1)..];
            if (batch.IsFull || facts.IsEmpty)
            {
                await writer.WriteAsync(batch, _stop);
                batch = writer.NewBatch();
            }
        }

        var done = await writer.CompleteAsync(_stop);
        if (rejected.Count > 0)
        {
            throw new DemonstrationException($"the server rejected a generated fact: {rejected[0].Message}");
        }

        // Recorded is one thing; that the figures hold it is what counts.
        await client.Metrics.GetRollingMetricsAsync(new V1.GetRollingMetricsRequest { Windows = { V1.Window._30Days } }, cancellationToken: _stop);
        var elapsed = _time.GetElapsedTime(begun).TotalSeconds;
        Step(string.Create(
            CultureInfo.InvariantCulture,
            $"Recorded {done.Recorded:N0} facts about {customers:N0} customers over gRPC, durable and in the figures after {elapsed:0.0} s: {done.Recorded / elapsed:N0} facts a second"));
    }

    private async Task CloseLoopAsync(ChurnClient client, SyntheticBusiness business, int customers, DateTime now)
    {
        using var call = new Call("churn demo", new ServerAccess(client.Address), ReportFormat.Table, _streams, _time, _stop);
        await new Loop(call, _canvas, _time).RunAsync(LiveFacts.Payers(business, customers, now), now);
    }

    private async Task ShowOverviewAsync(ChurnClient client)
    {
        using var call = new Call("churn demo", new ServerAccess(client.Address), ReportFormat.Table, _streams, _time, _stop)
        {
            Read = new V1.ReadOptions { ConsistencyToken = client.ConsistencyToken },
        };
        var report = await Overviews.ReadAsync(call, null, null, null) ?? throw new DemonstrationException("the server has no figures");
        Step("The business, as churn metrics overview shows it:");
        _canvas.Blank();
        Presentation.Write(ReportFormat.Table, report, _streams);
    }

    private async Task PlayAsync(ChurnClient client, SyntheticBusiness business, int customers, DateTime now)
    {
        Step("Now facts come in, one by one, while WatchMetrics is open:");
        using var watching = client.Metrics.WatchMetrics(new V1.WatchMetricsRequest { Windows = { V1.Window._30Days } }, cancellationToken: _stop);
        var figures = await NextAsync(watching.ResponseStream);
        foreach (var happening in LiveFacts.Of(business, customers, now))
        {
            var sent = _time.GetTimestamp();
            var answer = await client.Ingestion.RecordFactsAsync(new RecordFactsRequest { Facts = { happening.Facts } }, cancellationToken: _stop);
            if (answer.Rejects is [var reject, ..])
            {
                throw new DemonstrationException($"the server rejected a fact: {reject.Message}");
            }

            var after = await NextAsync(watching.ResponseStream);
            Stage.Show(_canvas, happening.Story, _time.GetElapsedTime(sent), figures, after);
            figures = after;
        }
    }

    // The next message that has the figures; a message may say nothing of them.
    private async Task<Bridge> NextAsync(IAsyncStreamReader<V1.WatchMetricsResponse> stream)
    {
        using var late = new CancellationTokenSource(Patience, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(late.Token, _stop);
        try
        {
            while (await stream.MoveNext(either.Token))
            {
                if (stream.Current.Figures is [var figures, ..])
                {
                    return Wire.BridgeOf(figures.Bridge).Bridge;
                }
            }
        }
        catch (Exception e) when (late.IsCancellationRequested && e is OperationCanceledException or RpcException { StatusCode: StatusCode.Cancelled })
        {
            throw new DemonstrationException("the figures do not change");
        }

        throw new DemonstrationException("the server ended the watch");
    }

    private void WriteNext(Uri address, DateTime now, bool keep)
    {
        var server = address.GetLeftPart(UriPartial.Authority);
        _canvas.Blank();
        if (!keep)
        {
            _canvas.Paragraph("That was all, and nothing of it stays. To look around in it: churn demo --keep. With your own data: churn serve, and in another terminal churn import FILE.", indent: 1);
            return;
        }

        _canvas.Line(new Piece("Look around in it, from another terminal:", Ink.Strong));
        foreach (var line in NextLines(address.Authority, server, now))
        {
            // A line that is typed is never cut or broken.
            _writer.Write($"  {line}\n");
        }

        _canvas.Blank();
        _canvas.Line("Ctrl-C ends it, and nothing of it stays.");
    }

    /// <summary>Gives the lines that are to be tried.</summary>
    internal static IEnumerable<string> NextLines(string authority, string address, DateTime now) =>
    [
        $"churn metrics watch --address {address}",
        $"churn metrics overview --by country --address {address}",
        $"churn metrics explain --kind churn --window 7d --address {address}",
        $"churn playbooks runs --address {address}",
        $"churn playbooks simulate failed-payment --address {address}",
        $"churn notify inbox --mail --address {address}",
        $"grpcurl -plaintext {authority} list",
        $"grpcurl -plaintext -d '{{\"windows\":[\"WINDOW_30_DAYS\"],\"by\":\"country\"}}' {authority} churn.metrics.v1.MetricsService/GetRollingMetrics",
        $"grpcurl -plaintext -d '{{\"facts\":[{{\"source\":\"me\",\"eventId\":\"1\",\"occurTime\":\"{now:s}Z\",\"customerId\":\"my-first\","
            + "\"subscriptionStarted\":{\"subscriptionId\":\"s1\",\"plan\":\"Team\",\"price\":{\"currency\":\"USD\",\"mrrMicros\":\"49000000\"}}}]}' "
            + $"{authority} churn.ingestion.v1.IngestionService/RecordFacts",
    ];

    private void Step(string text)
    {
        _canvas.Blank();
        _canvas.Paragraph(text, indent: 2, Ink.Strong);
    }

    private string Seconds(long begun) => _time.GetElapsedTime(begun).TotalSeconds.ToString("0.0", CultureInfo.InvariantCulture);
}

/// <summary>Says in one line why a demonstration did not go on.</summary>
internal sealed class DemonstrationException(string message) : Exception(message);
