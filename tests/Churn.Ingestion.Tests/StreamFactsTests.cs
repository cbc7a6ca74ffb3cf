using Churn.Ingestion.V1;
using Churn.ServiceDefaults.Grpc;
using Churn.ServiceDefaults.Streams;
using Grpc.Core;

namespace Churn.Ingestion.Tests;

public sealed class StreamFactsTests(SharedServer shared) : IClassFixture<SharedServer>
{
    private readonly IngestionServer _server = shared.It;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task StreamFacts_ManyBatches_AreAcknowledgedInOrder()
    {
        var facts = Sample.Many(25_000, "stream");
        using var call = _server.Client.StreamFacts(cancellationToken: Ct);
        var sending = SendAsync(call, facts.Chunk(700));
        var through = 0L;
        StreamFactsResponse? last = null;
        await foreach (var response in call.ResponseStream.ReadAllAsync(Ct))
        {
            Assert.InRange(response.DurableThrough, through + 1, facts.Count);
            Assert.Equal(response.DurableThrough, response.RecordedCount);
            through = response.DurableThrough;
            last = response;
        }

        await sending;
        Assert.Equal((25_000, 25_000, 0), (last!.DurableThrough, last.RecordedCount, last.DuplicateCount));
        Assert.Equal(25_000, (await _server.ListAsync(new ListFactsRequest { PageSize = 10_000 })).Count(fact => fact.EventId.StartsWith("stream_", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task StreamFacts_Rejects_AreIndexedAmongAllFactsOfTheStream()
    {
        using var call = _server.Client.StreamFacts(cancellationToken: Ct);
        await SendAsync(call,
        [
            [Sample.Started("index_0"), Sample.Started(""), Sample.Started("index_2")],
            [Sample.Started("index_0")],
            [Sample.Started("index_4"), Sample.Started("index_0", mrrMicros: 1), Sample.Retraction("index_6", "index_0", "cus_x")],
        ]);
        var responses = await call.ResponseStream.ReadAllAsync(Ct).ToListAsync(Ct);
        Assert.Equal(
            [(1L, "FIELD_MISSING"), (5L, "IDENTITY_CONFLICT"), (6L, "RETRACTS_OTHER_CUSTOMER")],
            responses.SelectMany(response => response.Rejects).Select(reject => (reject.Index, reject.Reason)));
        Assert.Equal((7, 3, 1), (responses[^1].DurableThrough, responses[^1].RecordedCount, responses[^1].DuplicateCount));
        var shard = Shards.Of(Tenants.Default, "cus_1", Shards.Count);
        Assert.InRange(ConsistencyToken.Parse(responses[^1].ConsistencyToken).Offset(shard), 3, long.MaxValue);
    }

    [Fact]
    public async Task StreamFacts_NoBatch_EndsWithoutAnAnswer()
    {
        using var call = _server.Client.StreamFacts(cancellationToken: Ct);
        await call.RequestStream.CompleteAsync();
        Assert.Empty(await call.ResponseStream.ReadAllAsync(Ct).ToListAsync(Ct));
    }

    [Theory]
    [InlineData(0, "FIELD_MISSING")]
    [InlineData(1_001, "BATCH_TOO_LARGE")]
    public async Task StreamFacts_BatchOfBadSize_EndsTheStreamAndKeepsWhatWasDecided(int count, string reason)
    {
        using var call = _server.Client.StreamFacts(cancellationToken: Ct);
        await call.RequestStream.WriteAsync(new StreamFactsRequest { Facts = { Sample.Many(10, "before_" + count) } }, Ct);
        await call.RequestStream.WriteAsync(new StreamFactsRequest { Facts = { Sample.Many(count, "bad_" + count) } }, Ct);
        var through = 0L;
        var failure = await Failure.OfAsync(async () =>
        {
            await foreach (var response in call.ResponseStream.ReadAllAsync(Ct))
            {
                through = response.DurableThrough;
            }
        });
        Assert.Equal(new Failure(StatusCode.InvalidArgument, reason, "facts"), failure);
        Assert.Equal(10, through);
        Assert.Equal(10, (await _server.ListAsync()).Count(fact => fact.EventId.StartsWith("before_" + count, StringComparison.Ordinal)));
        Assert.DoesNotContain(await _server.ListAsync(), fact => fact.EventId.StartsWith("bad_", StringComparison.Ordinal));
    }

    [Fact]
    public async Task StreamFacts_ClientThatStopsHalfWay_KeepsWhatItSent()
    {
        var facts = Sample.Many(3_000, "half");
        var decided = 0L;
        using (var call = _server.Client.StreamFacts(cancellationToken: Ct))
        {
            foreach (var batch in facts.Chunk(1_000))
            {
                await call.RequestStream.WriteAsync(new StreamFactsRequest { Facts = { batch } }, Ct);
            }

            while (decided < 1_000 && await call.ResponseStream.MoveNext(Ct))
            {
                decided = call.ResponseStream.Current.DurableThrough;
            }
        }

        // What was told is on disk. Sent again from the start, every fact is there once.
        using var again = _server.Client.StreamFacts(cancellationToken: Ct);
        await SendAsync(again, facts.Chunk(1_000));
        var last = await again.ResponseStream.ReadAllAsync(Ct).LastAsync(Ct);
        Assert.Equal(3_000, last.RecordedCount + last.DuplicateCount);
        Assert.InRange(last.DuplicateCount, decided, 3_000);
        Assert.Equal(3_000, (await _server.ListAsync()).Count(fact => fact.EventId.StartsWith("half_", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task StreamFacts_ManyStreamsWithTheSameFacts_RecordEachOnce()
    {
        var facts = Sample.Many(4_000, "same");
        var lasts = await Task.WhenAll(Enumerable.Range(0, 4).Select(async i =>
        {
            using var call = _server.Client.StreamFacts(cancellationToken: Ct);
            var sending = SendAsync(call, facts.Skip(i * 1_000).Concat(facts.Take(i * 1_000)).Chunk(300 + i));
            var last = await call.ResponseStream.ReadAllAsync(Ct).LastAsync(Ct);
            await sending;
            return last;
        }));
        Assert.Equal((4_000, 12_000), (lasts.Sum(last => last.RecordedCount), lasts.Sum(last => last.DuplicateCount)));
    }

    [Fact]
    public async Task StreamFacts_ClientThatNeverReads_IsBoundedAndEnded()
    {
        await using var server = await IngestionServer.StartAsync();
        using var call = server.Client.StreamFacts(cancellationToken: Ct);

        // Every fact is rejected with a sentence: the answers soon fill what lies between server and client.
        var batch = new StreamFactsRequest { Facts = { Enumerable.Range(0, 500).Select(_ => Sample.Started("")) } };
        var sent = 0;
        var sending = Task.Run(async () =>
        {
            for (; sent < 400; sent++)
            {
                await call.RequestStream.WriteAsync(batch, Ct);
            }
        }, Ct);

        // The server stops reading, and with it the client can send no more. A minute later the server ends the call.
        do
        {
            server.Clock.Advance(TimeSpan.FromSeconds(7));
        }
        while (!await server.Ended.WaitAsync(TimeSpan.FromMilliseconds(50), Ct));
        Assert.InRange(sent, 1, 399);
        Assert.Equal(
            new Failure(StatusCode.ResourceExhausted, "RESPONSES_NOT_READ", Retry: true),
            await Failure.OfAsync(async () => await call.ResponseStream.ReadAllAsync(Ct).LastAsync(Ct)));
        await Assert.ThrowsAnyAsync<Exception>(() => sending);
    }

    [Fact]
    public async Task StreamFacts_ServerThatStops_TellsWhatIsDecidedAndEnds()
    {
        await using var server = await IngestionServer.StartAsync();
        using var call = server.Client.StreamFacts(cancellationToken: Ct);
        await call.RequestStream.WriteAsync(new StreamFactsRequest { Facts = { Sample.Many(100, "stop") } }, Ct);
        Assert.True(await call.ResponseStream.MoveNext(Ct));
        Assert.Equal(100, call.ResponseStream.Current.DurableThrough);
        await server.StopAsync();
        var exception = await Assert.ThrowsAsync<RpcException>(() => call.ResponseStream.MoveNext(Ct));

        // The connection may end before the client has read the status; what was told is on disk either way.
        Assert.True(exception.StatusCode is StatusCode.Unavailable or StatusCode.Internal, exception.ToString());
        if (exception.ToRichStatus() is not null)
        {
            Assert.Equal(new Failure(StatusCode.Unavailable, "STOPPING", Retry: true), Failure.Of(exception));
        }
    }

    private static async Task SendAsync(AsyncDuplexStreamingCall<StreamFactsRequest, StreamFactsResponse> call, IEnumerable<IReadOnlyList<Fact>> batches)
    {
        foreach (var batch in batches)
        {
            await call.RequestStream.WriteAsync(new StreamFactsRequest { Facts = { batch } }, Ct);
        }

        await call.RequestStream.CompleteAsync();
    }
}
