using Churn.ServiceDefaults.Leases;
using Churn.ServiceDefaults.Storage;
using Churn.ServiceDefaults.Streams;
using FsCheck.Fluent;
using Microsoft.Extensions.Time.Testing;

namespace Churn.ServiceDefaults.Tests.Leases;

public sealed class LeaseTableTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
    private readonly Database _database;
    private readonly LeaseTable _table;

    public LeaseTableTests()
    {
        _database = Database.Open(_folder.File("leases.db"), new DatabaseOptions { Name = "leases", Migrations = [LeaseTable.Schema] });
        _table = new LeaseTable(_database, _clock);
    }

    public void Dispose()
    {
        _database.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void Take_Alone_TakesAll()
    {
        var share = _table.Take("a", "http://a", []);
        Assert.Equal(Enumerable.Range(0, Shards.Count).Select(shard => new Lease(shard, 1)), share.Held);
        Assert.Equal((0, true), (share.Excess, share.IsSettled));
        Assert.Equal(share.Held, _table.Take("a", "http://a", share.Held).Held);
    }

    [Fact]
    public void Take_SameNameAfterACrash_RetakesAtOnceUnderNewTerms()
    {
        _table.Take("a", "http://a", []);
        var share = _table.Take("a", "http://a", []);
        Assert.Equal(Enumerable.Range(0, Shards.Count).Select(shard => new Lease(shard, 2)), share.Held);
    }

    [Theory]
    [InlineData(5_999, 0)]
    [InlineData(6_000, 32)]
    [InlineData(6_001, 32)]
    public void Take_OthersLeaseEnds_IsTakenFromThen(int milliseconds, int taken)
    {
        _table.Take("a", "http://a", []);
        _clock.Advance(TimeSpan.FromMilliseconds(milliseconds));
        var share = _table.Take("b", "http://b", []);
        Assert.Equal(taken, share.Held.Count);
        Assert.True(share.IsSettled);
        Assert.All(share.Held, lease => Assert.Equal(2, lease.Term));
    }

    [Fact]
    public void Take_Renewed_LastsOn()
    {
        var held = _table.Take("a", "http://a", []).Held;
        for (var i = 0; i < 5; i++)
        {
            _clock.Advance(TimeSpan.FromSeconds(2));
            held = _table.Take("a", "http://a", held).Held;
        }

        Assert.Empty(_table.Take("b", "http://b", []).Held);
        Assert.Equal(16, _table.Take("a", "http://a", held).Excess);
    }

    [Fact]
    public void Take_ByAnotherMeanwhile_IsGone()
    {
        var held = _table.Take("a", "http://a", []).Held;
        _clock.Advance(TimeSpan.FromSeconds(7));
        _table.Take("b", "http://b", []);
        Assert.Empty(_table.Take("a", "http://a", held).Held);
    }

    [Fact]
    public void Release_OfOlderTerm_ChangesNothing()
    {
        var old = _table.Take("a", "http://a", []).Held;
        var held = _table.Take("a", "http://a", []).Held;
        _table.Release("a", old);
        _database.Write(connection => LeaseTable.Check(connection, held));
        _table.Release("a", held);
        Assert.Throws<LeaseLostException>(() => _database.Write(connection => LeaseTable.Check(connection, held)));
    }

    [Fact]
    public void Check_LostToAnother_RefusesTheCommit()
    {
        _database.Write(connection => connection.Execute("CREATE TABLE effect (id INTEGER)"));
        var held = _table.Take("a", "http://a", []).Held;
        _clock.Advance(TimeSpan.FromSeconds(7));

        // Nobody has taken it yet: what ended by the clock alone may still be written.
        Write(held);
        _table.Take("b", "http://b", []);
        var lost = Assert.Throws<LeaseLostException>(() => Write(held));
        Assert.Equal(0, lost.Shard);
        Assert.Equal(1, _database.Read(connection => connection.Prepare("SELECT count(*) FROM effect") is var row && row.Step() ? row.Number(0) : -1));

        void Write(IReadOnlyList<Lease> leases) => _database.Write(connection =>
        {
            connection.Execute("INSERT INTO effect VALUES (1)");
            LeaseTable.Check(connection, leases);
        });
    }

    [Fact]
    public void Law_OwnersComeAndGo_NoShardHasTwoAndAllAreShared()
    {
        // Each step: which owner acts, what it does, and how many seconds pass before.
        var steps = Gen.Choose(0, 2).SelectMany(owner => Gen.Choose(0, 9).SelectMany(act => Gen.Choose(0, 4).Select(seconds => (owner, act, seconds)))).ListOf();
        Law.Holds(steps.ToArbitrary(), list =>
        {
            using var folder = new TempFolder();
            using var database = Database.Open(folder.File("leases.db"), new DatabaseOptions { Name = "leases", Migrations = [LeaseTable.Schema] });
            var clock = new FakeTimeProvider(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
            var table = new LeaseTable(database, clock);
            var held = new List<Lease>[] { [], [], [] };
            foreach (var (owner, act, seconds) in list)
            {
                clock.Advance(TimeSpan.FromSeconds(seconds));
                Act(owner, act);
            }

            // When nothing more happens, it settles in an even share.
            for (var round = 0; round < 8; round++)
            {
                clock.Advance(TimeSpan.FromSeconds(2));
                for (var owner = 0; owner < 3; owner++)
                {
                    Act(owner, 9);
                }
            }

            Assert.Equal(Enumerable.Range(0, Shards.Count), held.SelectMany(leases => leases).Select(lease => lease.Shard).Order());
            Assert.All(held, leases => Assert.InRange(leases.Count, 10, 11));

            void Act(int owner, int act)
            {
                if (act == 0)
                {
                    // It dies and comes again without its memory.
                    held[owner] = [];
                }
                else if (act == 1)
                {
                    table.Release($"{owner}", held[owner]);
                    table.Leave($"{owner}");
                    held[owner] = [];
                }
                else
                {
                    var share = table.Take($"{owner}", $"http://{owner}", held[owner]);
                    held[owner] = [.. share.Held];
                    var excess = held[owner].TakeLast(share.Excess).ToList();
                    table.Release($"{owner}", excess);
                    held[owner].RemoveAll(excess.Contains);
                }

                // Whoever may write a shard is alone in that.
                var writers = held.SelectMany(leases => leases).Where(lease => MayWrite(database, lease)).GroupBy(lease => lease.Shard);
                Assert.All(writers, writer => Assert.Single(writer));
            }
        }, times: 30);

        static bool MayWrite(Database database, Lease lease)
        {
            try
            {
                return database.Read(connection =>
                {
                    LeaseTable.Check(connection, [lease]);
                    return true;
                });
            }
            catch (LeaseLostException)
            {
                return false;
            }
        }
    }
}
