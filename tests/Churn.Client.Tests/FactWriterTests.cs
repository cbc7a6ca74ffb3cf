using Churn.Client.Facts;
using Churn.Ingestion.V1;
using Grpc.Core;
using Microsoft.Extensions.Time.Testing;

namespace Churn.Client.Tests;

public sealed class FactWriterTests : IAsyncLifetime
{
    private FakeServer _server = null!;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _server = await FakeServer.StartAsync();

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task WriteAsync_ManyFacts_RecordsThemInBatchesInOrder()
    {
        using var client = new ChurnClient(_server.Address);
        await using var writer = client.StreamFacts();
        for (var i = 0; i < 12_345; i++)
        {
            await writer.WriteAsync(Facts.Started(i), cancellationToken: Ct);
        }

        var end = await writer.CompleteAsync(Ct);
        Assert.Equal(new FactWriterProgress(12_345, 12_345, 0, 0), end);
        Assert.Equal(12_345, end.Decided);
        Assert.Equal(Enumerable.Range(0, 12_345).Select(Facts.Started), _server.Log.Facts);
        Assert.Equal(1_000, _server.Log.LargestBatch);
        Assert.Equal(1, _server.Log.Streams);
        Assert.Equal(_server.Log.Token, writer.ConsistencyToken);
        Assert.Equal(_server.Log.Token, client.ConsistencyToken);
    }

    [Fact]
    public async Task WriteAsync_WholeBatches_RecordsThemAndWhatWasWrittenBetween()
    {
        using var client = new ChurnClient(_server.Address);
        await using var writer = client.StreamFacts();
        for (var i = 0; i < 3_000;)
        {
            await writer.WriteAsync(Facts.Started(i++), cancellationToken: Ct);
            var batch = writer.NewBatch();
            while (!batch.IsFull)
            {
                batch.Add(Facts.Started(i++));
            }

            await writer.WriteAsync(batch, Ct);
            await Assert.ThrowsAsync<ObjectDisposedException>(async () => await writer.WriteAsync(batch, Ct));
        }

        await writer.WriteAsync(writer.NewBatch(), Ct);
        Assert.Equal(3_003, (await writer.CompleteAsync(Ct)).Recorded);
        Assert.Equal(Enumerable.Range(0, 3_003).Select(Facts.Started), _server.Log.Facts);
    }

    [Fact]
    public async Task WriteAsync_OneFact_IsSentAfterAMoment()
    {
        var time = new FakeTimeProvider();
        using var client = new ChurnClient(_server.Address, new ChurnClientOptions { TimeProvider = time });
        var recorded = new TaskCompletionSource();
        await using var writer = client.StreamFacts(new FactWriterOptions { FlushAfter = TimeSpan.FromSeconds(3), Progress = _ => recorded.TrySetResult() });
        await writer.WriteAsync(Facts.Started(1), cancellationToken: Ct);
        time.Advance(TimeSpan.FromSeconds(2.9));
        Assert.Equal(0, _server.Log.Received);
        time.Advance(TimeSpan.FromSeconds(0.2));
        await recorded.Task.WaitAsync(Ct);
        Assert.Equal(new FactWriterProgress(1, 1, 0, 0), writer.Progress);
    }

    [Fact]
    public async Task WriteAsync_WithARate_SendsNoMoreThanThatASecond()
    {
        var time = new FakeTimeProvider();
        using var client = new ChurnClient(_server.Address, new ChurnClientOptions { TimeProvider = time });
        var recorded = new SemaphoreSlim(0);
        await using var writer = client.StreamFacts(new FactWriterOptions { MostPerSecond = 1_000, Progress = _ => recorded.Release() });
        for (var i = 0; i < 3_000; i++)
        {
            await writer.WriteAsync(Facts.Started(i), cancellationToken: Ct);
        }

        for (var second = 1; second <= 3; second++)
        {
            await recorded.WaitAsync(Ct);
            Assert.Equal(second * 1_000, writer.Progress.Decided);
            time.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.Equal(3_000, (await writer.CompleteAsync(Ct)).Recorded);
    }

    [Fact]
    public async Task FlushAsync_FactsWritten_AreDecidedWhenItReturns()
    {
        using var client = new ChurnClient(_server.Address);
        await using var writer = client.StreamFacts(new FactWriterOptions { FlushAfter = TimeSpan.FromHours(1) });
        for (var i = 1; i <= 5; i++)
        {
            await writer.WriteAsync(Facts.Started(i), cancellationToken: Ct);
            await writer.FlushAsync(Ct);
            Assert.Equal(i, _server.Log.Facts.Length);
        }

        await writer.FlushAsync(Ct);
        Assert.Equal(5, (await writer.CompleteAsync(Ct)).Recorded);
    }

    [Fact]
    public async Task WriteAsync_SameFactsAgain_AreDuplicates()
    {
        using var client = new ChurnClient(_server.Address);
        for (var round = 0; round < 2; round++)
        {
            await using var writer = client.StreamFacts();
            for (var i = 0; i < 2_500; i++)
            {
                await writer.WriteAsync(Facts.Started(i), cancellationToken: Ct);
            }

            Assert.Equal(round == 0 ? (2_500, 0) : (0, 2_500), (((int)(await writer.CompleteAsync(Ct)).Recorded), (int)writer.Progress.Duplicates));
        }
    }

    [Fact]
    public async Task WriteAsync_FactsThatAreRejected_AreToldWithTheirTags()
    {
        using var client = new ChurnClient(_server.Address);
        var rejects = new List<FactReject>();
        await using var writer = client.StreamFacts(new FactWriterOptions { Rejected = rejects.Add });
        for (var i = 0; i < 5_000; i++)
        {
            var fact = Facts.Started(i);
            if (i % 777 == 0)
            {
                fact.CustomerId = "";
            }

            await writer.WriteAsync(fact, tag: i + 1_000_000, Ct);
        }

        var end = await writer.CompleteAsync(Ct);
        Assert.Equal(new FactWriterProgress(5_000, 4_993, 0, 7), end);
        Assert.Equal(
            Enumerable.Range(0, 7).Select(i => new FactReject(i * 777, (i * 777) + 1_000_000, "FIELD_MISSING", "customer_id", "Say which customer it is about.")),
            rejects);
    }

    [Theory]
    [InlineData(new[] { 0 })]
    [InlineData(new[] { 1 })]
    [InlineData(new[] { 1_500 })]
    [InlineData(new[] { 2_000, 0, 0, 3_333, 1 })]
    public async Task WriteAsync_StreamBreaks_RecordsEveryFactOnceAndTellsRejectsWithTheirTags(int[] breaks)
    {
        foreach (var after in breaks)
        {
            _server.Log.Breaks.Enqueue(after);
        }

        var rejects = new List<long>();
        var broken = 0;
        using var client = new ChurnClient(_server.Address);
        await using var writer = client.StreamFacts(new FactWriterOptions { Rejected = r => rejects.Add(r.Tag), Broken = (_, _) => broken++ });
        for (var i = 0; i < 7_000; i++)
        {
            var fact = Facts.Started(i);
            if (i % 1_000 == 999)
            {
                fact.CustomerId = "";
            }

            await writer.WriteAsync(fact, i, Ct);
        }

        var end = await writer.CompleteAsync(Ct);
        Assert.Equal(breaks.Length, broken);
        Assert.Equal(7_000, end.Decided);
        Assert.Equal(7, end.Rejected);
        Assert.Equal(Enumerable.Range(0, 7_000).Where(i => i % 1_000 != 999).Select(i => $"{i}"), _server.Log.Facts.Select(f => f.EventId));
        Assert.Equal([999, 1_999, 2_999, 3_999, 4_999, 5_999, 6_999], rejects.Distinct().Order());
    }

    [Fact]
    public async Task WriteAsync_ServerStopsAndComesBack_GoesOn()
    {
        using var client = new ChurnClient(_server.Address);
        var broken = new TaskCompletionSource();
        await using var writer = client.StreamFacts(new FactWriterOptions { Broken = (_, _) => broken.TrySetResult() });
        await writer.WriteAsync(Facts.Started(0), cancellationToken: Ct);
        await writer.FlushAsync(Ct);
        var port = _server.Port;
        await _server.DisposeAsync();
        await writer.WriteAsync(Facts.Started(1), cancellationToken: Ct);
        await broken.Task.WaitAsync(Ct);
        _server = await FakeServer.StartAsync(port, _server.Log);
        await writer.WriteAsync(Facts.Started(2), cancellationToken: Ct);
        await writer.CompleteAsync(Ct);
        Assert.Equal(["0", "1", "2"], _server.Log.Facts.Select(f => f.EventId));
    }

    [Fact]
    public async Task WriteAsync_ServerStaysAway_FailsWhenItGivesUp()
    {
        var time = new HurriedTime();
        using var client = new ChurnClient("http://127.0.0.1:1", new ChurnClientOptions { TimeProvider = time });
        var waits = new List<double>();
        await using var writer = client.StreamFacts(new FactWriterOptions
        {
            GiveUpAfter = TimeSpan.FromSeconds(10),
            Broken = (_, wait) => waits.Add(wait.TotalMilliseconds),
        });
        await writer.WriteAsync(Facts.Started(1), cancellationToken: Ct);
        var failure = await Assert.ThrowsAsync<RpcException>(() => writer.CompleteAsync(Ct));
        Assert.Equal(StatusCode.Unavailable, failure.StatusCode);
        Assert.Equal([100, 200, 400, 800, 1_600, 3_200], waits);
        await Assert.ThrowsAsync<RpcException>(async () => await writer.WriteAsync(Facts.Started(2), cancellationToken: Ct));
        await Assert.ThrowsAsync<RpcException>(() => writer.FlushAsync(Ct));
    }

    [Fact]
    public async Task WriteAsync_BreakAfterALongIdleTime_IsTriedAgainAllTheSame()
    {
        var time = new HurriedTime();
        using var client = new ChurnClient(_server.Address, new ChurnClientOptions { TimeProvider = time });
        await using var writer = client.StreamFacts(new FactWriterOptions { GiveUpAfter = TimeSpan.FromSeconds(1) });
        time.Jump(TimeSpan.FromHours(1));
        _server.Log.Breaks.Enqueue(0);
        await writer.WriteAsync(Facts.Started(1), cancellationToken: Ct);
        Assert.Equal(1, (await writer.CompleteAsync(Ct)).Recorded);
    }

    [Fact]
    public async Task WriteAsync_TooManyUndecided_WaitsForTheServer()
    {
        _server.Log.Gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var client = new ChurnClient(_server.Address);
        await using var writer = client.StreamFacts(new FactWriterOptions { MostUndecided = 1_500 });
        for (var i = 0; i < 1_500; i++)
        {
            await writer.WriteAsync(Facts.Started(i), cancellationToken: Ct);
        }

        var next = writer.WriteAsync(Facts.Started(1_500), cancellationToken: Ct);
        Assert.False(next.IsCompleted);
        using var impatient = new CancellationTokenSource();
        var batch = writer.NewBatch();
        batch.Add(Facts.Started(9_999));
        var other = writer.WriteAsync(batch, impatient.Token);
        await impatient.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await other);
        _server.Log.Gate.SetResult();
        await next;
        Assert.Equal(1_501, (await writer.CompleteAsync(Ct)).Recorded);
    }

    [Fact]
    public async Task Rejected_CallbackThrows_EndsTheStreamWithIt()
    {
        using var client = new ChurnClient(_server.Address);
        await using var writer = client.StreamFacts(new FactWriterOptions { Rejected = _ => throw new InvalidDataException("no more") });
        await writer.WriteAsync(new Fact(), cancellationToken: Ct);
        Assert.Equal("no more", (await Assert.ThrowsAsync<InvalidDataException>(() => writer.CompleteAsync(Ct))).Message);
    }

    [Fact]
    public async Task CompleteAsync_NothingWritten_CallsNobody()
    {
        using var client = new ChurnClient(_server.Address);
        await using var writer = client.StreamFacts();
        Assert.Equal(default, await writer.CompleteAsync(Ct));
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await writer.WriteAsync(Facts.Started(1), cancellationToken: Ct));
        Assert.Equal(0, _server.Log.Streams);
    }

    [Fact]
    public async Task DisposeAsync_FactsUndecided_EndsAtOnce()
    {
        _server.Log.Gate = new TaskCompletionSource();
        using var client = new ChurnClient(_server.Address);
        var writer = client.StreamFacts(new FactWriterOptions { MostUndecided = 1 });
        await writer.WriteAsync(Facts.Started(1), cancellationToken: Ct);
        var next = writer.WriteAsync(Facts.Started(2), cancellationToken: Ct);
        await writer.DisposeAsync();
        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await next);
    }

    [Fact]
    public async Task WriteAsync_SeveralCallers_RecordsEachOnesFactsInOrder()
    {
        using var client = new ChurnClient(_server.Address);
        await using var writer = client.StreamFacts(new FactWriterOptions { MostUndecided = 100 });
        await Task.WhenAll(Enumerable.Range(0, 4).Select(caller => Task.Run(async () =>
        {
            for (var i = 0; i < 2_000; i++)
            {
                await writer.WriteAsync(Facts.Started((caller * 2_000) + i), cancellationToken: Ct);
            }
        })));
        await writer.CompleteAsync(Ct);
        var ids = _server.Log.Facts.Select(f => int.Parse(f.EventId)).ToList();
        Assert.Equal(8_000, ids.Distinct().Count());
        Assert.All(ids.GroupBy(id => id / 2_000), g => Assert.Equal(g.Order(), g));
    }

    [Fact]
    public async Task Add_FactThatIsTooLarge_IsRefusedAndTheRestGoesOn()
    {
        using var client = new ChurnClient(_server.Address);
        await using var writer = client.StreamFacts();
        var large = Facts.Started(1);
        large.SubscriptionStarted.Plan = new string('x', FactBatch.LargestFact);
        await writer.WriteAsync(Facts.Started(2), cancellationToken: Ct);
        await Assert.ThrowsAsync<ArgumentException>(async () => await writer.WriteAsync(large, cancellationToken: Ct));
        await writer.WriteAsync(Facts.Started(3), cancellationToken: Ct);
        Assert.Equal(new FactWriterProgress(2, 2, 0, 0), await writer.CompleteAsync(Ct));
    }

    [Fact]
    public async Task Add_LargeFacts_AreSentInBatchesThatTheServerTakes()
    {
        using var client = new ChurnClient(_server.Address);
        await using var writer = client.StreamFacts();
        for (var i = 0; i < 20; i++)
        {
            var fact = Facts.Started(i);
            fact.SubscriptionStarted.Plan = new string('x', 900_000);
            await writer.WriteAsync(fact, cancellationToken: Ct);
        }

        Assert.Equal(20, (await writer.CompleteAsync(Ct)).Recorded);
        Assert.InRange(_server.Log.LargestBatch, 1, 2);
    }

    /// <summary>A clock that jumps to what anybody waits for.</summary>
    private sealed class HurriedTime : TimeProvider
    {
        private long _now;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => Volatile.Read(ref _now);

        public void Jump(TimeSpan by) => Interlocked.Add(ref _now, by.Ticks);

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            var timer = new Alarm(this, callback, state);
            timer.Change(dueTime, period);
            return timer;
        }

        private sealed class Alarm(HurriedTime time, TimerCallback callback, object? state) : ITimer
        {
            public bool Change(TimeSpan dueTime, TimeSpan period)
            {
                if (dueTime >= TimeSpan.Zero)
                {
                    time.Jump(dueTime);
                    ThreadPool.QueueUserWorkItem(_ => callback(state));
                }

                return true;
            }

            public void Dispose()
            {
            }

            public ValueTask DisposeAsync() => ValueTask.CompletedTask;
        }
    }
}
