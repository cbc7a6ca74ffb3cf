using Churn.Ingestion.V1;
using Churn.ServiceDefaults.Streams;
using Grpc.Core;
using Grpc.Health.V1;

namespace Churn.Ingestion.Tests;

public sealed class DurabilityTests
{
    [Fact]
    public async Task Restart_OfTheServer_KeepsEverything()
    {
        var folder = Directory.CreateTempSubdirectory("churn-ingestion-");
        try
        {
            var facts = Sample.Many(2_000, "kept");
            IReadOnlyList<Fact> before;
            IReadOnlyList<ShardHead> heads;
            await using (var server = await IngestionServer.StartAsync(folder.FullName))
            {
                await server.RecordAsync(facts[..1_000]);
                await server.RecordAsync(facts[1_000..]);
                await server.Client.RetractFactAsync(new RetractFactRequest { Source = "stripe", EventId = "kept_7" });
                before = await server.ListAsync();
                heads = server.Store.Log.Heads();
            }

            await using (var server = await IngestionServer.StartAsync(folder.FullName))
            {
                Assert.Equal(before, await server.ListAsync());
                Assert.Equal(heads.Select(head => (head.Offset, head.Hash)), server.Store.Log.Heads().Select(head => (head.Offset, head.Hash)));
                Assert.All((await server.RecordAsync(facts[500..1_500])).Verdicts, verdict => Assert.Equal(Verdict.Duplicate, verdict));
                var conflict = await server.RecordAsync(Sample.Started("kept_3", "cus_3", 999));
                Assert.Equal("IDENTITY_CONFLICT", conflict.Rejects.Single().Reason);
                Assert.Equal([Verdict.Recorded], (await server.RecordAsync(Sample.Started("new", "cus_3"))).Verdicts);
                Assert.Equal(2_002, (await server.ListAsync()).Count);
            }
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task RecordFacts_StorageFull_SaysSoAndGoesOnWhenThereIsRoom()
    {
        await using var server = await IngestionServer.StartAsync();
        await server.RecordAsync(Sample.Many(1_000, "before"));
        var pages = server.Store.Database.Write(connection =>
        {
            connection.Execute("PRAGMA max_page_count=1");
            var row = connection.Prepare("PRAGMA page_count");
            row.Step();
            return row.Number(0);
        });
        var full = new Failure(StatusCode.ResourceExhausted, "STORAGE_FULL", Retry: true);
        Assert.Equal(full, await Failure.OfAsync(() => server.RecordAsync(Sample.Many(1_000, "after"))));
        Assert.Equal(full, await Failure.OfAsync(() => server.RecordAsync(Sample.Many(1_000, "after").Append(Sample.Started("before_1")).Skip(1))));
        using (var call = server.Client.StreamFacts())
        {
            await call.RequestStream.WriteAsync(new StreamFactsRequest { Facts = { Sample.Many(1_000, "after") } });
            Assert.Equal(full, await Failure.OfAsync(async () => await call.ResponseStream.MoveNext(TestContext.Current.CancellationToken)));
        }

        // Nothing of what failed is there; what was there is, and is known, and the server is as healthy as before.
        Assert.Equal(1_000, (await server.ListAsync()).Count);
        Assert.All((await server.RecordAsync(Sample.Many(1_000, "before"))).Verdicts, verdict => Assert.Equal(Verdict.Duplicate, verdict));
        Assert.Equal(HealthCheckResponse.Types.ServingStatus.Serving, (await HealthAsync(server)).Status);

        server.Store.Database.Write(connection => connection.Execute($"PRAGMA max_page_count={pages + 100_000}"));
        var response = await server.RecordAsync(Sample.Many(1_000, "after"));
        Assert.All(response.Verdicts, verdict => Assert.Equal(Verdict.Recorded, verdict));
        AssertWhole(server, 2_000);
    }

    [Fact]
    public async Task Health_OfTheService_AsksItsStore()
    {
        await using var server = await IngestionServer.StartAsync();
        Assert.Equal(HealthCheckResponse.Types.ServingStatus.Serving, (await HealthAsync(server)).Status);
        server.Store.Database.Dispose();
        Assert.Equal(HealthCheckResponse.Types.ServingStatus.NotServing, (await HealthAsync(server)).Status);
    }

    /// <summary>Checks that offsets have no holes, the hash runs through, and each identity leads to its fact.</summary>
    internal static void AssertWhole(IngestionServer server, int facts)
    {
        var found = 0;
        foreach (var head in server.Store.Log.Heads())
        {
            var (offset, hash, time) = (0L, UInt128.Zero, 0L);
            while (server.Store.Log.Find(head.Shard, offset + 1) is { } chunk)
            {
                Assert.Equal(offset + 1, chunk.FirstOffset);
                Assert.Equal(ChunkHash.Next(hash, chunk), chunk.Hash);
                Assert.InRange(chunk.RecordTime, time, head.ClosedTime);
                (offset, hash, time) = (chunk.LastOffset, chunk.Hash, chunk.RecordTime);
                found += chunk.Read().Count();
            }

            Assert.Equal(head.Offset, offset);
        }

        Assert.Equal(facts, found);
        var identities = server.Store.Database.Read(connection =>
        {
            var row = connection.Prepare("SELECT count(*), count(DISTINCT shard * 1000000000 + log_offset) FROM identity");
            row.Step();
            return (row.Number(0), row.Number(1));
        });
        Assert.Equal((facts, facts), identities);
    }

    private static async Task<HealthCheckResponse> HealthAsync(IngestionServer server) =>
        await new Health.HealthClient(server.Channel).CheckAsync(new HealthCheckRequest { Service = IngestionService.Descriptor.FullName });
}
