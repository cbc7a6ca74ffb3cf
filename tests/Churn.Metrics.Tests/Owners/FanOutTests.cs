using Churn.Metrics.Tests.Consumers;
using Churn.ServiceDefaults.Grpc;
using Churn.ServiceDefaults.Streams;
using FsCheck.Fluent;
using Google.Rpc;
using Grpc.Core;
using Shards = Churn.ServiceDefaults.Streams.Shards;

namespace Churn.Metrics.Tests.Owners;

public sealed class FanOutTests
{
    private static readonly CancellationToken Token = TestContext.Current.CancellationToken;

    [Fact]
    public void Law_AnswersOfManyOwners_AreThoseOfOne() => Law.Holds(
        Arb.From(from seed in Gen.Choose(0, int.MaxValue) from owners in Gen.Choose(1, 4) select (seed, owners)),
        split => AreThoseOfOneAsync((ulong)split.seed, split.owners).GetAwaiter().GetResult(),
        times: 5);

    private static async Task AreThoseOfOneAsync(ulong seed, int owners)
    {
        var random = new RandomHistories(seed);
        var facts = Enumerable.Range(0, 20 + random.Next(100)).SelectMany(i => random.Of($"c{i}")).ToList();
        await using var one = await Replicas.StartAsync(1);
        await one.ApplyAsync(facts);
        await using var many = await Replicas.StartAsync(owners);
        await many.MoveAsync(_ => random.Next(owners));

        // Each process meets names in an order of its own.
        foreach (var some in random.Shuffled(facts).Chunk((facts.Count / 3) + 1))
        {
            await many.ApplyAsync(some);
            await many.MoveAsync(shard => random.Next(4) == 0 ? random.Next(owners) : many.OwnerOf(shard));
        }

        var expected = await Answers.OfAsync(one[0].Client, one[0].Signals, Token);
        var asked = many[random.Next(owners)];
        var asking = Answers.OfAsync(asked.Client, asked.Signals, Token);
        await AdvanceAsync(many, asking);
        Assert.Equal(expected, await asking);
    }

    [Fact]
    public async Task Ask_AShardOfAnother_IsRefusedWhole()
    {
        await using var replicas = await Replicas.StartAsync(2);
        await replicas.MoveAsync(shard => shard == 7 ? 1 : 0);
        var request = new V1.AskRequest { State = new V1.StateQuestion() };
        request.Shards.AddRange(Enumerable.Range(0, Shards.Count).Select(shard => new V1.ShardTerm { Shard = shard, Term = 1 }));
        await RefusedAsync(replicas[0].Ledger.AskAsync(request, cancellationToken: Token).ResponseAsync, "NOT_OWNER");

        request.Shards.RemoveAt(7);
        var answer = await replicas[0].Ledger.AskAsync(request, cancellationToken: Token);
        Assert.Equal(replicas[0].Progress.Watermark, answer.State.Watermark);

        request.Shards[0].Term = 2;
        await RefusedAsync(replicas[0].Ledger.AskAsync(request, cancellationToken: Token).ResponseAsync, "NOT_OWNER");
    }

    [Fact]
    public async Task AnyRead_WhileAShardIsMoved_WaitsForItsOwner()
    {
        await using var replicas = await Replicas.StartAsync(2);
        var random = new RandomHistories(5);
        await replicas.ApplyAsync(Enumerable.Range(0, 40).SelectMany(i => random.Of($"c{i}")));
        var request = new V1.GetOverviewRequest { Read = new V1.ReadOptions { Currency = "USD" } };
        var before = await replicas[1].Client.GetOverviewAsync(request, cancellationToken: Token);

        // The new owner holds the lease, and has not caught up.
        replicas[1].Progress.Loading = ShardSetOf(3);
        await replicas.MoveAsync(shard => shard == 3 ? 1 : 0);
        var call = replicas[0].Client.GetOverviewAsync(request, cancellationToken: Token).ResponseAsync;
        for (var i = 0; i < 20; i++)
        {
            Assert.False(call.IsCompleted);
            replicas[0].Desk.Clock.Advance(TimeSpan.FromMilliseconds(100));
            await Task.WhenAny(call, Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, Token));
        }

        replicas[1].Progress.Loading = default;
        await AdvanceAsync(replicas, call);
        var after = await call;
        Assert.Equal(V1.FiguresSource.Owners, after.Info.Source);
        (before.Info.Source, after.Info.Source) = (default, default);
        Assert.Equal(before, after);
    }

    [Fact]
    public async Task AnyRead_AShardWithoutAnOwner_FailsWithARetryHint()
    {
        await using var replicas = await Replicas.StartAsync(2);
        await replicas.MoveAsync(shard => shard == 3 ? 1 : 0);
        replicas[1].Progress.Loading = ShardSetOf(3);
        var call = replicas[0].Client.GetOverviewAsync(new V1.GetOverviewRequest(), cancellationToken: Token).ResponseAsync;
        await AdvanceAsync(replicas, call);
        var status = await RefusedAsync(call, "SHARDS_MOVING");
        Assert.Contains(status.Details, detail => detail.Is(RetryInfo.Descriptor));
    }

    [Fact]
    public async Task AnyRead_WithAToken_WaitsAtTheOwnerOfItsShard()
    {
        await using var replicas = await Replicas.StartAsync(2);
        await replicas.MoveAsync(shard => shard % 2);
        var applied = new TaskCompletionSource();
        replicas[1].Progress.Applied = applied.Task;
        V1.GetRollingMetricsRequest Of(int shard) =>
            new() { Read = new V1.ReadOptions { ConsistencyToken = ConsistencyToken.Of([(shard, 5)]).ToString() } };
        await replicas[0].Client.GetRollingMetricsAsync(Of(2), cancellationToken: Token);
        var call = replicas[0].Client.GetRollingMetricsAsync(Of(3), cancellationToken: Token).ResponseAsync;
        await Task.WhenAny(call, Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, Token));
        Assert.False(call.IsCompleted);
        applied.SetResult();
        await call;
    }

    [Fact]
    public async Task WatchMetrics_AChangeAtAnotherOwner_IsSent()
    {
        await using var replicas = await Replicas.StartAsync(2);
        await replicas.MoveAsync(_ => 1);
        using var call = replicas[0].Client.WatchMetrics(new V1.WatchMetricsRequest { Windows = { V1.Window._7Days } }, cancellationToken: Token);
        Assert.True(await call.ResponseStream.MoveNext(Token));
        var next = call.ResponseStream.MoveNext(Token);
        await AdvanceAsync(replicas, Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, Token));
        await replicas.ApplyAsync([RandomHistories.Starts("s1", "late", 12_000_000, replicas[0].Desk.Clock.GetUtcNow())]);
        await AdvanceAsync(replicas, next);
        Assert.Equal(12_000_000, call.ResponseStream.Current.Figures[0].Bridge.ClosingMrrMicros);
    }

    private static Metrics.Owners.ShardSet ShardSetOf(params IEnumerable<int> shards) => Metrics.Owners.ShardSet.Of(shards);

    // Time passes while a call waits for it.
    private static async Task AdvanceAsync(Replicas replicas, Task call)
    {
        while (!call.IsCompleted)
        {
            replicas[0].Desk.Clock.Advance(TimeSpan.FromMilliseconds(50));
            await Task.WhenAny(call, Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, Token));
        }
    }

    private static async Task<Google.Rpc.Status> RefusedAsync(Task call, string reason)
    {
        var status = (await Assert.ThrowsAsync<RpcException>(() => call)).ToRichStatus();
        Assert.NotNull(status);
        Assert.Equal(reason, status.Details.Where(d => d.Is(ErrorInfo.Descriptor)).Select(d => d.Unpack<ErrorInfo>().Reason).Single());
        return status;
    }
}
