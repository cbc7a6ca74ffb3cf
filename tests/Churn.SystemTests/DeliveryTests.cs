using System.Net;
using Churn.Ingestion.V1;
using Churn.Metrics.Tests.Consumers;
using Churn.Metrics.V1;
using Churn.ServiceDefaults.Bus;
using Churn.ServiceDefaults.Streams;
using Churn.Suite.Serve;
using Grpc.Net.Client;
using Microsoft.Extensions.DependencyInjection;

namespace Churn.SystemTests;

public sealed class DeliveryTests
{
    [Fact]
    public async Task Law_TwoThousandHistoriesShuffledDoubledAndLate_EndInTheLedgerOfTheirSet()
    {
        using var folder = new TemporaryFolder();
        UnreliableBus? bus = null;
        await using var server = await SuiteServer.StartAsync(
            new SuiteOptions { Data = folder.Path, Listen = new IPEndPoint(IPAddress.Loopback, 0) },
            services => services.Decorate(usual => bus = new UnreliableBus(usual, seed: 5)),
            TestContext.Current.CancellationToken);
        using var channel = GrpcChannel.ForAddress(server.Address, new GrpcChannelOptions { MaxReceiveMessageSize = null });
        var ingestion = new IngestionService.IngestionServiceClient(channel);
        var random = new RandomHistories(40);
        var facts = Enumerable.Range(0, 2_000).SelectMany(i => random.Of($"c{i}")).ToList();
        var sent = random.Shuffled(facts.Concat(facts.Where((_, i) => i % 3 == 0)));
        var token = ConsistencyToken.None;
        var joining = new Lock();
        var counts = new int[4];
        await Parallel.ForEachAsync(BatchesOf(sent, random), TestContext.Current.CancellationToken, async (batch, cancellationToken) =>
        {
            var response = await ingestion.RecordFactsAsync(new RecordFactsRequest { Facts = { batch } }, cancellationToken: cancellationToken);
            lock (joining)
            {
                token = token.Join(ConsistencyToken.Parse(response.ConsistencyToken));
                foreach (var verdict in response.Verdicts)
                {
                    counts[(int)verdict]++;
                }
            }
        });

        Assert.Equal((facts.Count, sent.Count - facts.Count, 0), (counts[(int)Verdict.Recorded], counts[(int)Verdict.Duplicate], counts[(int)Verdict.Rejected]));
        await Model.AssertAnswersAsync(new MetricsService.MetricsServiceClient(channel), facts, "USD", token.ToString());
        await Model.AssertAnswersAsync(new MetricsService.MetricsServiceClient(channel), facts, "EUR", token.ToString());
        Assert.True(bus is { Dropped: > 0, Doubled: > 0, Reordered: > 0 }, $"{bus?.Dropped} dropped, {bus?.Doubled} doubled, {bus?.Reordered} reordered");
    }

    private static IEnumerable<List<Fact>> BatchesOf(List<Fact> facts, RandomHistories random)
    {
        for (var at = 0; at < facts.Count;)
        {
            var size = Math.Min(1 + random.Next(random.Next(8) == 0 ? 900 : 20), facts.Count - at);
            yield return facts.GetRange(at, size);
            at += size;
        }
    }
}

/// <summary>Wraps the bus that is registered.</summary>
internal static class BusDecoration
{
    public static void Decorate(this IServiceCollection services, Func<IStreamBus, IStreamBus> wrap)
    {
        var usual = services.Single(s => s.ServiceType == typeof(IStreamBus));
        services.Remove(usual);
        services.AddSingleton(provider => wrap((IStreamBus)ActivatorUtilities.CreateInstance(provider, usual.ImplementationType!)));
    }
}
