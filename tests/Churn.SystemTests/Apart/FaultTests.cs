using Churn.TestServers;

namespace Churn.SystemTests.Apart;

/// <summary>One thing at a time freezes, forgets or lies; at the end every replica answers what the facts amount to.</summary>
public sealed class FaultTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task AnOwner_FrozenUntilAnotherHasItsShards_WakesUpAndNothingOfItCounts()
    {
        await using var cluster = await Cluster.StartAsync(ingestion: 1, metrics: 2, loop: false, Ct);
        var load = new Load(cluster, seed: 1);
        await load.WriteAsync("before", Pause(1));
        var frozen = cluster.Metrics[0];
        await load.WriteAsync("frozen", FreezeAsync());
        Assert.Equal("32", await OwnedByOthersAsync());
        await load.WriteAsync("woken", ThawAsync());
        await load.AssertNothingIsLostOrDoubledAsync();

        async Task FreezeAsync()
        {
            await Pause(1);
            frozen.Server.Freeze();
            while (await OwnedByOthersAsync() != "32")
            {
                await Pause(0.2);
            }
        }

        async Task ThawAsync()
        {
            frozen.Server.Thaw();
            await Pause(3);
        }

        Task<string> OwnedByOthersAsync() => cluster.Postgres.ExecuteAsync(
            "SELECT count(*) FROM ledger.lease l JOIN ledger.lease_owner o USING (owner) WHERE l.expires_at > extract(epoch FROM clock_timestamp()) * 1000000 AND o.address = '"
            + frozen.Other(cluster.Metrics).Address + "'", Ct, "churn");
    }

    [Fact]
    public async Task Redis_FlushedAndFilledWithWrongTypes_ChangesNoAnswer()
    {
        await using var cluster = await Cluster.StartAsync(ingestion: 1, metrics: 2, loop: false, Ct);
        var load = new Load(cluster, seed: 2);
        await load.WriteAsync("a", Pause(1));
        await load.AssertNothingIsLostOrDoubledAsync();
        await cluster.Redis.ExecuteAsync(Ct, "FLUSHALL");
        await load.AssertNothingIsLostOrDoubledAsync();
        await load.WriteAsync("b", Pause(1));
        await load.AssertNothingIsLostOrDoubledAsync();

        // Every key there is becomes a text.
        await cluster.Redis.ExecuteAsync(Ct, "EVAL", "local keys = redis.call('KEYS', '*') for _, key in ipairs(keys) do redis.call('DEL', key) redis.call('SET', key, 'wrong') end return #keys", "0");
        await load.AssertNothingIsLostOrDoubledAsync();
        cluster.Redis.Freeze();
        await load.WriteAsync("c", Pause(1));
        await load.AssertNothingIsLostOrDoubledAsync();
        cluster.Redis.Thaw();
    }

    [Fact]
    public async Task TheBroker_ThatLosesItsDisk_LosesNothingOfTheLedger()
    {
        await using var cluster = await Cluster.StartAsync(ingestion: 2, metrics: 1, loop: false, Ct);
        var load = new Load(cluster, seed: 3);
        await load.WriteAsync("a", LoseAsync());
        await load.AssertNothingIsLostOrDoubledAsync();
        await load.WriteAsync("b", Pause(1));
        await load.AssertNothingIsLostOrDoubledAsync();

        async Task LoseAsync()
        {
            await Pause(1);
            cluster.RabbitMq.LoseDisk();
            await cluster.RabbitMq.RestartAsync(Ct);
        }
    }

    [Fact]
    public async Task TheNetworkToPostgres_SlowCutHalfOpenAndReset_LosesAndDoublesNothing()
    {
        await using var proxy = await Toxiproxy.StartAsync(Ct);
        await using var cluster = await Cluster.StartAsync(ingestion: 2, metrics: 2, loop: false, Ct, postgres => proxy.OpenAsync("postgres", postgres.Port, Ct));
        var load = new Load(cluster, seed: 4);
        await load.WriteAsync("slow", DuringAsync(() => proxy.AddAsync("postgres", "latency", downstream: true, new { latency = 30, jitter = 20 }, Ct)));
        await load.AssertNothingIsLostOrDoubledAsync();

        // The answers are lost and not the questions: commits happen that nobody hears of.
        await load.WriteAsync("deaf", DuringAsync(() => proxy.AddAsync("postgres", "limit_data", downstream: true, new { bytes = 20_000 }, Ct)));
        await load.WriteAsync("reset", DuringAsync(() => proxy.AddAsync("postgres", "reset_peer", downstream: true, new { timeout = 200 }, Ct)));
        await load.WriteAsync("open", DuringAsync(() => proxy.AddAsync("postgres", "timeout", downstream: true, new { timeout = 0 }, Ct)));
        await load.WriteAsync("cut", DuringAsync(() => proxy.CutAsync("postgres", Ct)));
        try
        {
            await load.AssertNothingIsLostOrDoubledAsync();
        }
        catch (Exception exception)
        {
            throw new InvalidOperationException($"{exception.Message}{cluster.Logs}", exception);
        }

        async Task DuringAsync(Func<Task> harm)
        {
            await Pause(0.5);
            await harm();
            await Pause(2);
            await proxy.HealAsync(Ct);
            await Pause(0.5);
        }
    }

    private static Task Pause(double seconds) => Task.Delay(TimeSpan.FromSeconds(seconds), TimeProvider.System, Ct);
}
