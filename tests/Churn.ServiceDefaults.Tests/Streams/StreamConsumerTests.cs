using System.Globalization;
using Churn.ServiceDefaults.Storage;
using Churn.ServiceDefaults.Streams;
using FsCheck.Fluent;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Churn.ServiceDefaults.Tests.Streams;

public sealed class StreamConsumerTests : IAsyncLifetime
{
    private readonly LogFile _log = new();
    private readonly ReaderFile _file = new();
    private readonly UnreliableBus _bus = new(seed: 1);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        await _file.DisposeAsync();
        _log.Dispose();
    }

    [Fact]
    public void Law_WhateverTheBusAndTheHandlerDo_EachRecordIsAppliedOnceInOrder()
    {
        var commits = Gen.Choose(0, 31).ListOf().ListOf().Resize(30);
        Law.Holds(commits.SelectMany(records => Gen.Choose(0, int.MaxValue).Select(seed => (records, seed))).ToArbitrary(), at => RunAsync(at.records, at.seed).GetAwaiter().GetResult(), times: 30);

        static async Task RunAsync(IReadOnlyList<IReadOnlyList<int>> commits, int seed)
        {
            using var log = new LogFile();
            await using var file = new ReaderFile();
            var bus = new UnreliableBus(seed);
            var chance = new Random(seed);
            using var publisher = new StreamPublisher(log.Log, bus, TimeProvider.System, NullLogger<StreamPublisher>.Instance);
            await publisher.StartAsync(CancellationToken.None);
            var reader = file.Start(log.Log, bus, applying: FailSometimes);
            var expected = Enumerable.Range(0, Shards.Count).Select(_ => new List<string>()).ToArray();
            var number = 0;
            foreach (var commit in commits)
            {
                log.Append([.. commit.Select(shard => (shard, "t", Numbered(shard)))]);
                if (chance.NextDouble() < 0.1)
                {
                    // Another process with its name takes over, while it may not know yet.
                    var before = reader;
                    reader = file.Start(log.Log, bus, applying: FailSometimes);
                    if (chance.NextDouble() < 0.5)
                    {
                        await before.StopAsync();
                    }
                }
            }

            await reader.ReachAsync(log.Log);
            for (var shard = 0; shard < Shards.Count; shard++)
            {
                Assert.Equal(expected[shard], reader.Handler.Effects(shard));
            }

            Assert.Equal(0, reader.Handler.Resets);
            await publisher.StopAsync(CancellationToken.None);

            string Numbered(int shard)
            {
                var record = $"{number++}";
                expected[shard].Add(record);
                return record;
            }

            void FailSometimes(IReadOnlyList<ShardPage> pages)
            {
                lock (chance)
                {
                    if (chance.NextDouble() < 0.1)
                    {
                        throw new StorageFullException("No room.");
                    }
                }
            }
        }
    }

    [Fact]
    public async Task Bus_Silent_TheLogIsAsked()
    {
        var reader = _file.Start(_log.Log, new UnreliableBus(0, share: 1));
        await Eventually.IsAsync(() => reader.Consumer.IsReady);
        _log.Append((3, "t", "a"));
        await Eventually.IsAsync(() => reader.Consumer.Applied(3) == 1);
        Assert.Equal(["a"], reader.Handler.Effects(3));
    }

    [Fact]
    public async Task ApplyAsync_ManyShards_IsOneTransaction()
    {
        _log.Append([.. Enumerable.Range(0, 32).Select(shard => (shard, "t", "a"))]);
        var reader = _file.Start(_log.Log, _bus);
        await reader.ReachAsync(_log.Log);
        Assert.Equal(1, reader.Handler.Transactions);
    }

    [Fact]
    public async Task ApplyAsync_MuchToRead_IsTakenInStretches()
    {
        for (var i = 0; i < 100; i++)
        {
            _log.Append((3, "t", new string('a', 30_000)));
        }

        var reader = _file.Start(_log.Log, _bus);
        await reader.ReachAsync(_log.Log);
        Assert.InRange(reader.Handler.Transactions, 20, 60);
        Assert.Equal(100, reader.Handler.Effects(3).Count);
    }

    [Fact]
    public async Task ApplyAsync_FailsWhileMoreWasRead_SkipsNothing()
    {
        for (var i = 0; i < 100; i++)
        {
            _log.Append((3, "t", $"{i} {new string('a', 30_000)}"));
        }

        var calls = 0;
        var reader = _file.Start(_log.Log, _bus, applying: _ =>
        {
            if (++calls % 3 == 2)
            {
                throw new StorageFullException("No room.");
            }
        });
        await reader.ReachAsync(_log.Log);
        Assert.True(calls > 40);
        Assert.Equal(Enumerable.Range(0, 100), reader.Handler.Effects(3).Select(record => int.Parse(record.Split(' ')[0], CultureInfo.InvariantCulture)));
    }

    [Fact]
    public async Task Lease_TakenByAnother_RefusesTheCommit()
    {
        // Its clock stands still, so that it cannot find out by itself.
        var first = _file.Start(_log.Log, _bus, leaseClock: new FakeTimeProvider(TimeProvider.System.GetUtcNow().AddYears(1)));
        _log.Append((3, "t", "a"));
        await first.ReachAsync(_log.Log);
        var second = _file.Start(_log.Log, _bus);
        await Eventually.IsAsync(() => second.Consumer.IsReady);
        _log.Append((3, "t", "b"), (4, "t", "c"));
        await second.ReachAsync(_log.Log);
        await Eventually.IsAsync(() => !first.Handler.Taken.Contains(3));
        Assert.Equal(0, first.Consumer.Applied(3));
        Assert.Equal(["a", "b"], second.Handler.Effects(3));
        Assert.Equal(["c"], second.Handler.Effects(4));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(0)]
    public async Task Log_RolledBack_IsAppliedAnew(int recordsAfter)
    {
        _log.Append((3, "t", "a"));
        _log.Append((3, "t", "b"));
        _log.Append((4, "t", "c"));
        var before = _file.Start(_log.Log, _bus);
        await before.ReachAsync(_log.Log);
        await before.StopAsync();

        using var other = new LogFile();
        for (var i = 0; i < recordsAfter; i++)
        {
            other.Append((3, "t", $"other {i}"));
        }

        other.Append((4, "t", "c"));
        var after = _file.Start(other.Log, _bus);
        await Eventually.IsAsync(() => after.Handler.Effects(3).SequenceEqual(Enumerable.Range(0, recordsAfter).Select(i => $"other {i}")) && after.Consumer.IsReady);
        await Eventually.IsAsync(() => after.Handler.Effects(4) is ["c"]);
        Assert.Equal(other.Log.Head(3).Offset, after.Consumer.Applied(3));
        Assert.Contains(after.Handler.Resets, Enumerable.Range(1, 2));
    }

    [Fact]
    public async Task Log_RolledBackWhileRunning_IsAppliedAnew()
    {
        using var other = new LogFile();
        other.Append((3, "t", "other"));
        var source = new SwitchedSource { Now = _log.Log };
        _log.Append((3, "t", "a"));
        _log.Append((3, "t", "b"));
        var reader = _file.Start(source, _bus);
        await reader.ReachAsync(_log.Log);
        source.Now = other.Log;
        await Eventually.IsAsync(() => reader.Handler.Effects(3) is ["other"] && reader.Consumer.Applied(3) == 1);
        Assert.Equal(1, reader.Handler.Resets);
    }

    [Fact]
    public async Task Log_OneShardDamaged_TheOthersGoOn()
    {
        _log.Append((3, "t", "a"), (4, "t", "b"));
        _log.Database.Write(connection => connection.Execute("UPDATE things_log SET records = x'0163' WHERE shard = 3"));
        var reader = _file.Start(_log.Log, _bus);
        await Eventually.IsAsync(() => reader.Consumer.Applied(4) == 1);
        await Eventually.IsAsync(() => reader.Handler.Resets > 2);
        _log.Append((4, "t", "c"));
        await Eventually.IsAsync(() => reader.Consumer.Applied(4) == 2);
        Assert.Equal(["b", "c"], reader.Handler.Effects(4));
        Assert.Empty(reader.Handler.Effects(3));
        Assert.Equal(1, reader.Consumer.LagRecords);
    }

    [Fact]
    public async Task Source_FailsForAWhile_IsTriedAgain()
    {
        var source = new SwitchedSource();
        var reader = _file.Start(source, _bus);
        _log.Append((3, "t", "a"));
        await Eventually.IsAsync(() => source.Failures > 5);
        Assert.False(reader.Consumer.IsReady && reader.Consumer.Applied(3) > 0);
        source.Now = _log.Log;
        await reader.ReachAsync(_log.Log);
        source.Now = null;
        var failures = source.Failures;
        _log.Append((3, "t", "b"));
        await Eventually.IsAsync(() => source.Failures > failures + 5);
        source.Now = _log.Log;
        await reader.ReachAsync(_log.Log);
        Assert.Equal(["a", "b"], reader.Handler.Effects(3));
    }

    [Fact]
    public async Task StopAsync_WhileApplying_FinishesAndGivesUp()
    {
        using var applying = new SemaphoreSlim(0);
        using var going = new SemaphoreSlim(0);
        var reader = _file.Start(_log.Log, _bus, applying: _ =>
        {
            applying.Release();
            Assert.True(going.Wait(Eventually.Longest));
        });
        _log.Append((3, "t", "a"));
        Assert.True(await applying.WaitAsync(Eventually.Longest, Ct));
        var stopping = reader.Consumer.StopAsync(CancellationToken.None);
        Assert.False(stopping.IsCompleted);
        going.Release();
        await stopping.WaitAsync(Eventually.Longest, Ct);
        Assert.Equal(["a"], reader.Handler.Effects(3));
        Assert.Empty(reader.Handler.Taken);
        Assert.Empty(reader.Leases.Held);

        var next = _file.Start(_log.Log, _bus, owner: "b");
        await Eventually.IsAsync(() => next.Consumer.IsReady && next.Handler.Taken.Count == Shards.Count);
    }

    [Fact]
    public async Task WaitAppliedAsync_Token_WaitsForItAndEndsWithItsCaller()
    {
        var reader = _file.Start(_log.Log, _bus);
        await reader.Consumer.WaitAppliedAsync(ConsistencyToken.None, Ct).WaitAsync(Eventually.Longest, Ct);
        using var cancelling = new CancellationTokenSource();
        var never = reader.Consumer.WaitAppliedAsync(ConsistencyToken.Of([(3, 5)]), cancelling.Token);
        var soon = reader.Consumer.WaitAppliedAsync(ConsistencyToken.Of([(3, 1), (4, 1)]), Ct);
        _log.Append((3, "t", "a"));
        await Eventually.IsAsync(() => reader.Consumer.Applied(3) == 1);
        Assert.False(soon.IsCompleted);
        _log.Append((4, "t", "b"));
        await soon.WaitAsync(Eventually.Longest, Ct);
        Assert.False(never.IsCompleted);
        await cancelling.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => never);
    }

    [Fact]
    public async Task NextApplied_SomethingApplied_Ends()
    {
        var reader = _file.Start(_log.Log, _bus);
        await Eventually.IsAsync(() => reader.Consumer.IsReady);
        var next = reader.Consumer.NextApplied;
        Assert.False(next.IsCompleted);
        _log.Append((3, "t", "a"));
        await next.WaitAsync(Eventually.Longest, Ct);
        Assert.Equal(1, reader.Consumer.Applied(3));
    }

    [Fact]
    public async Task ClosedThrough_AllApplied_FollowsTheClock()
    {
        using var publisher = new StreamPublisher(_log.Log, _bus, TimeProvider.System, NullLogger<StreamPublisher>.Instance);
        await publisher.StartAsync(Ct);
        var reader = _file.Start(_log.Log, _bus);
        _log.Append((3, "t", "a"));
        await reader.ReachAsync(_log.Log);
        Assert.True(reader.Consumer.ClosedThrough(3) >= _log.Log.FindRecord(3, 1)!.RecordTime);
        _log.Clock.Advance(TimeSpan.FromHours(1));
        var now = (_log.Clock.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;
        await Eventually.IsAsync(() => Enumerable.Range(0, Shards.Count).All(shard => reader.Consumer.ClosedThrough(shard) == now));
        Assert.Equal(0, reader.Consumer.LagRecords);
        await publisher.StopAsync(Ct);
    }

    [Fact]
    public async Task Owners_Two_ShareTheShards()
    {
        var clock = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        var first = _file.Start(_log.Log, _bus, "a", clock);
        await Eventually.IsAsync(() => first.Consumer.IsReady);
        var second = _file.Start(_log.Log, _bus, "b", clock);
        await Eventually.IsAsync(() =>
        {
            clock.Advance(TimeSpan.FromSeconds(2));
            return first.Consumer.IsReady && second.Consumer.IsReady && Count(first) == 16 && Count(second) == 16;
        });
        _log.Append([.. Enumerable.Range(0, 32).Select(shard => (shard, "t", "a"))]);
        await Eventually.IsAsync(() => Enumerable.Range(0, 32).All(shard => first.Consumer.Applied(shard) + second.Consumer.Applied(shard) == 1));
        await first.StopAsync();
        await Eventually.IsAsync(() =>
        {
            clock.Advance(TimeSpan.FromSeconds(2));
            return second.Consumer.IsReady && Count(second) == 32;
        });
        _log.Append([.. Enumerable.Range(0, 32).Select(shard => (shard, "t", "b"))]);
        await second.ReachAsync(_log.Log);
        Assert.All(Enumerable.Range(0, 32), shard => Assert.Equal(["a", "b"], second.Handler.Effects(shard)));

        static int Count(Reader reader)
        {
            lock (reader.Handler.Taken)
            {
                return reader.Handler.Taken.Count;
            }
        }
    }

    /// <summary>Reads what it is switched to, and fails while that is nothing.</summary>
    private sealed class SwitchedSource : IStreamSource
    {
        private int _failures;

        public IStreamSource? Now { get; set; }

        public int Failures => _failures;

        public ValueTask<IReadOnlyList<ShardHead>> HeadsAsync(CancellationToken cancellationToken) => Current().HeadsAsync(cancellationToken);

        public ValueTask<StreamPage> ReadAsync(int shard, long after, int mostBytes, CancellationToken cancellationToken) => Current().ReadAsync(shard, after, mostBytes, cancellationToken);

        private IStreamSource Current()
        {
            if (Now is { } now)
            {
                return now;
            }

            Interlocked.Increment(ref _failures);
            throw new InvalidTimeZoneException();
        }
    }
}
