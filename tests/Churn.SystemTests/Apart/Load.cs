using Churn.Ingestion.V1;
using Churn.Metrics.Tests.Consumers;
using Churn.ServiceDefaults.Streams;
using Grpc.Core;

namespace Churn.SystemTests.Apart;

/// <summary>Records facts through any replica of ingestion, and keeps book of which were acknowledged and of which it is not known.</summary>
internal sealed class Load(Cluster cluster, ulong seed)
{
    private const int Writers = 3;

    private readonly RandomHistories _chance = new(seed);
    private readonly Lock _keeping = new();
    private readonly List<Fact> _acknowledged = [];
    private readonly List<Fact> _unknown = [];
    private ConsistencyToken _token = ConsistencyToken.None;
    private int _checked;

    public int Acknowledged => _acknowledged.Count;

    public int Unknown => _unknown.Count;

    /// <summary>Writes by several writers at once until a task has ended, and goes on where a call fails.</summary>
    /// <param name="prefix">What the customers' ids begin with: another for each call.</param>
    /// <param name="until">What ends it.</param>
    public async Task WriteAsync(string prefix, Task until)
    {
        var writers = Enumerable.Range(0, Writers).Select(writer =>
        {
            var chance = new RandomHistories((ulong)_chance.Next(int.MaxValue));
            return Task.Run(() => WriteAsync($"{prefix}w{writer}", chance, until));
        }).ToArray();
        await Task.WhenAll(writers);
        await until;
    }

    /// <summary>Records again what is unknown, asks whether all that was acknowledged is there, and compares every replica of metrics with the model.</summary>
    public async Task AssertNothingIsLostOrDoubledAsync()
    {
        foreach (var batch in _acknowledged.Skip(_checked).Chunk(1_000))
        {
            Assert.All((await RetriedAsync(batch)).Verdicts, verdict => Assert.Equal(Verdict.Duplicate, verdict));
        }

        foreach (var batch in _unknown.Chunk(1_000))
        {
            Keep(batch, await RetriedAsync(batch));
        }

        _unknown.Clear();
        _checked = _acknowledged.Count;
        foreach (var metrics in cluster.Metrics)
        {
            await UntilAvailableAsync(async () =>
            {
                await Model.AssertAnswersAsync(metrics.Metrics, _acknowledged, "USD", _token.ToString());
                return true;
            });
        }
    }

    private static async Task<T> UntilAvailableAsync<T>(Func<Task<T>> call)
    {
        var since = TimeProvider.System.GetTimestamp();
        while (true)
        {
            try
            {
                return await call();
            }
            catch (RpcException e) when (e.StatusCode is StatusCode.Unavailable or StatusCode.DeadlineExceeded && TimeProvider.System.GetElapsedTime(since) < Cluster.Patience)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, TestContext.Current.CancellationToken);
            }
        }
    }

    private Task<RecordFactsResponse> RetriedAsync(Fact[] batch) => UntilAvailableAsync(async () =>
        await cluster.Ingestion[0].Ingestion.RecordFactsAsync(new RecordFactsRequest { Facts = { batch } }, cancellationToken: TestContext.Current.CancellationToken));

    private async Task WriteAsync(string prefix, RandomHistories chance, Task until)
    {
        for (var number = 0; !until.IsCompleted; number++)
        {
            Fact[] batch = [.. Enumerable.Range(0, 1 + chance.Next(20)).SelectMany(i => chance.Of($"{prefix}n{number}c{i}"))];
            var replica = cluster.Ingestion[chance.Next(cluster.Ingestion.Count)];
            try
            {
                var deadline = TimeProvider.System.GetUtcNow().UtcDateTime.AddSeconds(5);
                Keep(batch, await replica.Ingestion.RecordFactsAsync(new RecordFactsRequest { Facts = { batch } }, deadline: deadline));
            }
            catch (RpcException)
            {
                lock (_keeping)
                {
                    _unknown.AddRange(batch);
                }

                // Whoever is refused at once does not fill the book with what nobody saw.
                await Task.WhenAny(until, Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System));
            }
        }
    }

    private void Keep(Fact[] batch, RecordFactsResponse response)
    {
        Assert.Empty(response.Rejects);
        Assert.All(response.Verdicts, verdict => Assert.True(verdict is Verdict.Recorded or Verdict.Duplicate));
        lock (_keeping)
        {
            _acknowledged.AddRange(batch);
            _token = _token.Join(ConsistencyToken.Parse(response.ConsistencyToken));
        }
    }
}
