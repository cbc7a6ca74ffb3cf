using System.Collections.Concurrent;
using System.Text;
using Churn.ServiceDefaults.Leases;
using Churn.ServiceDefaults.Storage;
using Churn.ServiceDefaults.Streams;
using Churn.ServiceDefaults.Tests.Storage;

namespace Churn.ServiceDefaults.Tests.Streams;

/// <summary>Several processes that append to one log, and hold leases of one table, in PostgreSQL.</summary>
public sealed class SharedLogTests(PostgresFixture postgres) : IClassFixture<PostgresFixture>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Law_AppendsOfManyProcesses_MakeOneChainWithoutHolesInTime()
    {
        var options = await postgres.MakeAsync();
        const int processes = 4, times = 40;
        var added = new ConcurrentBag<string>();
        await Task.WhenAll(Enumerable.Range(0, processes).Select(process => Task.Run(() =>
        {
            using var database = Database.Connect(options, PostgresFixture.Schema);
            var log = new StreamLog(database, "things", TimeProvider.System);
            var chance = new Random(process);
            var closed = new long[Shards.Count];
            for (var i = 0; i < times; i++)
            {
                if (i % 5 == 0)
                {
                    log.CloseShared();
                    foreach (var head in log.Heads())
                    {
                        Assert.True(head.ClosedTime >= closed[head.Shard]);
                        closed[head.Shard] = head.ClosedTime;
                    }
                }

                var records = Enumerable.Range(0, chance.Next(1, 6)).Select(n => (Shard: chance.Next(4), Record: $"{process}:{i}:{n}")).ToList();
                var heads = new List<ShardHead>();
                database.Write(
                    connection =>
                    {
                        var append = log.Append(connection);
                        append.Open(records.Select(record => record.Shard));
                        records.ForEach(record => append.Add(record.Shard, "t", Encoding.UTF8.GetBytes(record.Record)));
                        heads = [.. append.Complete()];
                    },
                    Isolation.ReadCommitted);

                // What was said to be closed is.
                Assert.All(heads, head => Assert.True(head.ClosedTime > closed[head.Shard]));
                records.ForEach(record => added.Add(record.Record));
            }
        }, Cancellation)));

        using var reading = Database.Connect(options, PostgresFixture.Schema);
        var read = new StreamLog(reading, "things", TimeProvider.System);
        var found = new List<string>();
        foreach (var head in read.Heads())
        {
            var (offset, hash, time) = (0L, UInt128.Zero, 0L);
            while (offset < head.Offset)
            {
                var page = await read.ReadAsync(head.Shard, offset, 200, Cancellation);
                Assert.NotEmpty(page.Chunks);
                foreach (var chunk in page.Chunks)
                {
                    Assert.Equal(offset + 1, chunk.FirstOffset);
                    Assert.True(chunk.RecordTime > time);
                    hash = ChunkHash.Next(hash, chunk);
                    Assert.Equal(hash, chunk.Hash);
                    (offset, time) = (chunk.LastOffset, chunk.RecordTime);
                    found.AddRange(chunk.Read().Select(record => Encoding.UTF8.GetString(record.Span)));
                }
            }

            Assert.Equal(head.Hash, hash);
        }

        Assert.Equal(added.Order(StringComparer.Ordinal), found.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Law_OwnersThatTakeAtOnce_HoldEveryShardOnce()
    {
        var options = await postgres.MakeAsync();
        var databases = Enumerable.Range(0, 4).Select(_ => Database.Connect(options, PostgresFixture.Schema)).ToList();
        var held = new ConcurrentDictionary<string, IReadOnlyList<Lease>>(StringComparer.Ordinal);
        for (var round = 0; round < 8; round++)
        {
            await Task.WhenAll(databases.Select((database, i) => Task.Run(() =>
            {
                var table = new LeaseTable(database, TimeProvider.System);
                var owner = $"o{i}";
                var share = table.Take(owner, $"http://{owner}", [.. held.GetValueOrDefault(owner) ?? []]);
                IReadOnlyList<Lease> kept = [.. share.Held.SkipLast(share.Excess)];
                table.Release(owner, [.. share.Held.TakeLast(share.Excess)]);
                held[owner] = kept;
            }, Cancellation)));
            Assert.Equal(held.Values.Sum(leases => leases.Count), held.Values.SelectMany(leases => leases).Select(lease => lease.Shard).Distinct().Count());
        }

        Assert.Equal([8, 8, 8, 8], held.Values.Select(leases => leases.Count));
        databases.ForEach(database => database.Dispose());
    }

    [Fact]
    public async Task Commit_OfAnOwnerThatWasReplaced_IsRefused()
    {
        var options = await postgres.MakeAsync();
        using var first = Database.Connect(options, PostgresFixture.Schema);
        using var second = Database.Connect(options, PostgresFixture.Schema);
        var lease = new LeaseTable(first, TimeProvider.System).Take("frozen", "http://frozen", []).Held[0];
        await postgres.Server.ExecuteAsync("UPDATE things.lease SET expires_at = 1; UPDATE things.lease_owner SET expires_at = 1", Cancellation, PostgresFixture.DatabaseOf(options));
        Assert.Contains(lease with { Term = lease.Term + 1 }, new LeaseTable(second, TimeProvider.System).Take("awake", "http://awake", []).Held);
        Assert.Throws<LeaseLostException>(() => first.Write(connection => LeaseTable.Check(connection, [lease]), Isolation.ReadCommitted));
    }

    [Fact]
    public async Task Take_OfALeaseUnderWhichIsWritten_WaitsForTheCommit()
    {
        var options = await postgres.MakeAsync();
        using var first = Database.Connect(options, PostgresFixture.Schema);
        using var second = Database.Connect(options, PostgresFixture.Schema);
        var lease = new LeaseTable(first, TimeProvider.System).Take("writing", "http://writing", []).Held[0];
        await postgres.Server.ExecuteAsync("UPDATE things.lease SET expires_at = 1; UPDATE things.lease_owner SET expires_at = 1", Cancellation, PostgresFixture.DatabaseOf(options));
        Task<LeaseShare>? taking = null;
        first.Write(
            connection =>
            {
                LeaseTable.Check(connection, [lease]);
                taking = Task.Run(() => new LeaseTable(second, TimeProvider.System).Take("taking", "http://taking", []), Cancellation);
                Assert.False(taking.Wait(TimeSpan.FromMilliseconds(300), Cancellation));
                connection.Execute("INSERT INTO counter VALUES (1, 1)");
            },
            Isolation.ReadCommitted);
        Assert.Contains(lease.Shard, (await taking!).Held.Select(taken => taken.Shard));
        Assert.Equal(1, second.Read(connection => connection.Prepare("SELECT value FROM counter").Step() ? 1 : 0));
    }

    [Fact]
    public async Task Advance_WhenTheAnswerToTheCommitWasLost_SaysThatTheShardHasMoved()
    {
        var options = await postgres.MakeAsync();
        using var database = Database.Connect(options, PostgresFixture.Schema);
        var lease = new LeaseTable(database, TimeProvider.System).Take("a", "http://a", []).Held[0];
        var page = new ShardPage(lease, new StreamPage([new StreamChunk(2, 2, 1, "t", new byte[] { 0, 0 }, 7)], new ShardHead(lease.Shard, 2, 1, 7)));
        database.Write(connection => AppliedRows.Advance(connection, [page]), Isolation.ReadCommitted);
        var moved = Assert.Throws<AppliedMovedException>(() => database.Write(connection => AppliedRows.Advance(connection, [page]), Isolation.ReadCommitted));
        Assert.Equal(lease.Shard, moved.Shard);
    }
}
