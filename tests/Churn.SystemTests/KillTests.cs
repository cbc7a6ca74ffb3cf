using System.Globalization;
using Churn.Ingestion.V1;
using Churn.Metrics.Tests.Consumers;
using Churn.ServiceDefaults.Streams;
using Grpc.Core;

namespace Churn.SystemTests;

public sealed class KillTests
{
    // CHURN_KILL_ROUNDS=50 is the long run whose figures are in docs/benchmarks.md.
    private static readonly int Rounds =
        int.TryParse(Environment.GetEnvironmentVariable("CHURN_KILL_ROUNDS"), CultureInfo.InvariantCulture, out var rounds) ? rounds : 10;

    [Fact]
    public async Task Law_KilledAtAnyMoment_EveryAcknowledgedFactCountsOnceAndNoNumberIsOff()
    {
        using var folder = new TemporaryFolder();
        var random = new RandomHistories(20);
        var acknowledged = new List<Fact>();
        var unknown = new List<Fact>();
        var since = 0;
        for (var round = 0; round < Rounds; round++)
        {
            using var server = await Server.StartAsync(folder.Path);

            // What was acknowledged since the crash before must be there with the same content; what was not may be.
            var (verdicts, token) = await RecordAsync(server, acknowledged.Skip(since));
            Assert.All(verdicts, v => Assert.Equal(Verdict.Duplicate, v));
            var (unknownVerdicts, unknownToken) = await RecordAsync(server, unknown);
            Assert.All(unknownVerdicts, v => Assert.True(v is Verdict.Recorded or Verdict.Duplicate));
            acknowledged.AddRange(unknown);
            unknown.Clear();
            if (acknowledged.Count > 0)
            {
                await Model.AssertAnswersAsync(server.Metrics, acknowledged, "USD", token.Join(unknownToken).ToString());
            }

            since = acknowledged.Count;
            await LoadAndKillAsync(server, random, round, acknowledged, unknown);
        }

        Assert.NotEmpty(acknowledged);
    }

    // Four writers at once, each with batches of any size, until the server is gone.
    private static async Task LoadAndKillAsync(Server server, RandomHistories random, int round, List<Fact> acknowledged, List<Fact> unknown)
    {
        var batches = Enumerable.Range(0, 4).Select(writer => BatchesOf(random, $"r{round}w{writer}")).ToArray();
        var after = TimeSpan.FromMilliseconds(20 + random.Next(400));
        var writers = batches.Select(mine => Task.Run(async () =>
        {
            foreach (var batch in mine)
            {
                try
                {
                    var response = await server.Ingestion.RecordFactsAsync(new RecordFactsRequest { Facts = { batch } });
                    lock (acknowledged)
                    {
                        acknowledged.AddRange(batch.Where((_, i) => response.Verdicts[i] is Verdict.Recorded or Verdict.Duplicate));
                    }
                }
                catch (RpcException)
                {
                    lock (acknowledged)
                    {
                        unknown.AddRange(batch);
                    }

                    return;
                }
            }
        })).ToArray();
        await Task.Delay(after, TimeProvider.System, TestContext.Current.CancellationToken);
        server.Kill();
        await Task.WhenAll(writers);
    }

    private static List<List<Fact>> BatchesOf(RandomHistories random, string prefix)
    {
        var facts = random.Shuffled(Enumerable.Range(0, 400).SelectMany(i => random.Of($"{prefix}c{i}")));
        var batches = new List<List<Fact>>();
        for (var at = 0; at < facts.Count;)
        {
            var size = Math.Min(1 + random.Next(random.Next(4) == 0 ? 300 : 8), facts.Count - at);
            batches.Add(facts.GetRange(at, size));
            at += size;
        }

        return batches;
    }

    private static async Task<(List<Verdict> Verdicts, ConsistencyToken Token)> RecordAsync(Server server, IEnumerable<Fact> facts)
    {
        var verdicts = new List<Verdict>();
        var token = ConsistencyToken.None;
        foreach (var batch in facts.Chunk(1_000))
        {
            var response = await server.Ingestion.RecordFactsAsync(
                new RecordFactsRequest { Facts = { batch } }, cancellationToken: TestContext.Current.CancellationToken);
            Assert.Empty(response.Rejects);
            verdicts.AddRange(response.Verdicts);
            token = token.Join(ConsistencyToken.Parse(response.ConsistencyToken));
        }

        return (verdicts, token);
    }
}
