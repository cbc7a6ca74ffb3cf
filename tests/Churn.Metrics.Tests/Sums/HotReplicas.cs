using Churn.Metrics.Owners;
using Churn.Metrics.Sums;
using Churn.Metrics.Tests.Consumers;
using Churn.Metrics.Tests.Owners;
using Churn.ServiceDefaults.Streams;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using StackExchange.Redis;
using WireFact = Churn.Ingestion.V1.Fact;

namespace Churn.Metrics.Tests.Sums;

/// <summary>Runs owners that write their sums to Redis, one replica that owns nothing and reads them there, and one that asks the owners.</summary>
internal sealed class HotReplicas : IAsyncDisposable
{
    private static readonly CancellationToken Token = TestContext.Current.CancellationToken;

    private readonly Replicas _replicas;
    private readonly HotStore _store;
    private readonly List<HotWriter> _writers = [];

    private HotReplicas(Replicas replicas, HotStore store)
    {
        (_replicas, _store) = (replicas, store);
        foreach (var desk in replicas.Servers.Select(server => server.Desk))
        {
            _writers.Add(new HotWriter(desk.Fields, desk.Shelf, desk.Progress, store, desk.Clock));
        }
    }

    /// <summary>Gives the replica that reads Redis.</summary>
    public const int Reader = 0;

    /// <summary>Gives the replica that asks the owners.</summary>
    public const int Asker = 1;

    /// <summary>Gives how many replicas own shards.</summary>
    public const int Owners = 2;

    public Desk Desk => _replicas[Reader].Desk;

    public static async Task<HotReplicas> StartAsync(ConfigurationOptions options)
    {
        var store = new HotStore(options, TimeProvider.System, NullLogger<HotStore>.Instance);
        var replicas = await Replicas.StartAsync(2 + Owners, hot: at => at == Reader ? store : null);
        await replicas.MoveAsync(shard => 2 + (shard % Owners));
        return new HotReplicas(replicas, store);
    }

    public Task ApplyAsync(IEnumerable<WireFact> facts) => _replicas.ApplyAsync(facts);

    public Task MoveAsync(Func<int, int> ownerOf) => _replicas.MoveAsync(ownerOf);

    public int OwnerOf(int shard) => _replicas.OwnerOf(shard);

    /// <summary>Lets an owner write what is dirty.</summary>
    public Task<bool> WriteAsync(int owner) => _writers[2 + owner].RoundAsync();

    /// <summary>Lets all owners write until Redis has acknowledged everything.</summary>
    public async Task WriteAllAsync()
    {
        for (var owner = 0; owner < Owners; owner++)
        {
            while (!await WriteAsync(owner))
            {
                await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, Token);
            }
        }
    }

    /// <summary>Lets time pass until the reader has heard all that the owners tell by now.</summary>
    public async Task HearAsync()
    {
        Desk.Clock.Advance(TimeSpan.FromMilliseconds(300));
        var follower = _replicas[Reader].Services.GetRequiredService<OwnerFollower>();
        while (true)
        {
            var marks = follower.MarksOf(Tenants.Default, ShardSet.All).ToDictionary(m => m.Shard.Shard);
            var told = _replicas.Servers.Select(server => server.Services.GetRequiredService<OwnerNews>().Since(OwnerNews.Start).News).ToList();
            var sums = told.SelectMany(news => news.Sums).ToDictionary(s => s.Shard, s => (long?)s.Offset);
            if (told.SelectMany(news => news.Shards).All(s => marks.TryGetValue(s.Shard, out var mark) && mark.Shard.Equals(s) && mark.Sums == sums.GetValueOrDefault(s.Shard)))
            {
                return;
            }

            Desk.Clock.Advance(TimeSpan.FromMilliseconds(50));
            await Task.Delay(TimeSpan.FromMilliseconds(3), TimeProvider.System, Token);
        }
    }

    /// <summary>Asks the reader for today's windows, and makes sure that it says what the owners say.</summary>
    public async Task<V1.FiguresSource> ReadAsync(string by = "")
    {
        var request = new V1.GetRollingMetricsRequest { Read = new V1.ReadOptions { Currency = "USD" }, By = by };
        var expected = await AnswerAsync(Asker, request);
        var actual = await AnswerAsync(Reader, request);
        var source = actual.Info.Source;
        foreach (var info in (V1.AnswerInfo[])[expected.Info, actual.Info])
        {
            (info.Source, info.LagFacts) = (default, 0);
        }

        Assert.Equal(expected, actual);
        return source;
    }

    public async ValueTask DisposeAsync()
    {
        await _replicas.DisposeAsync();
        foreach (var writer in _writers)
        {
            writer.Dispose();
        }

        await _store.DisposeAsync();
    }

    private async Task<V1.GetRollingMetricsResponse> AnswerAsync(int replica, V1.GetRollingMetricsRequest request)
    {
        var call = _replicas[replica].Client.GetRollingMetricsAsync(request, cancellationToken: Token).ResponseAsync;
        while (!call.IsCompleted)
        {
            await Task.WhenAny(call, Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, Token));
            if (!call.IsCompleted)
            {
                Desk.Clock.Advance(TimeSpan.FromMilliseconds(20));
            }
        }

        return await call;
    }
}
