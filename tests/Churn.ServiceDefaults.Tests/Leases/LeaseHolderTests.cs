using Churn.ServiceDefaults.Leases;
using Churn.ServiceDefaults.Storage;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Churn.ServiceDefaults.Tests.Leases;

public sealed class LeaseHolderTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
    private readonly Database _database;
    private readonly LeaseTable _table;

    public LeaseHolderTests()
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
    public async Task RunAsync_Started_TakesAndRenewsUntilItIsCancelled()
    {
        var holder = Holder("a");
        var changes = 0;
        using var ending = new CancellationTokenSource();
        var running = holder.RunAsync(() => changes++, ending.Token);
        Assert.Equal((32, true, 1), (holder.Held.Count, holder.IsSettled, changes));
        for (var i = 0; i < 10; i++)
        {
            _clock.Advance(TimeSpan.FromSeconds(2));
        }

        Assert.Empty(_table.Take("b", "http://b", []).Held);
        await ending.CancelAsync();
        await running.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        Assert.Equal((32, 1), (holder.Held.Count, changes));
    }

    [Fact]
    public void Renew_AnotherCame_GivesUpItsExcessOnceItIsReleased()
    {
        var (a, b) = (Holder("a"), Holder("b"));
        Assert.True(a.Renew());
        b.Renew();
        Assert.True(a.Renew());
        Assert.Equal(Enumerable.Range(0, 16), a.Held.Select(lease => lease.Shard));

        // What it writes no more is its own until it says so.
        b.Renew();
        Assert.Empty(b.Held);
        Assert.False(b.IsSettled && b.Held.Count > 0);
        a.Release([.. Enumerable.Range(16, 16).Select(shard => new Lease(shard, 1))]);
        Assert.True(b.Renew());
        Assert.Equal(Enumerable.Range(16, 16).Select(shard => new Lease(shard, 2)), b.Held);
        Assert.False(a.Renew());
    }

    [Fact]
    public void Renew_TableCannotBeWritten_HoldsOn()
    {
        var holder = Holder("a");
        holder.Renew();
        _database.Write(connection => connection.Execute("ALTER TABLE lease RENAME TO away"));
        Assert.False(holder.Renew());
        Assert.Equal(32, holder.Held.Count);
        holder.Release([new Lease(3, 1)]);
        Assert.Equal(31, holder.Held.Count);
        _database.Write(connection => connection.Execute("ALTER TABLE away RENAME TO lease"));
        holder.Renew();
        Assert.Contains(new Lease(3, 2), holder.Held);
    }

    [Fact]
    public void Lost_ThenRenewed_IsTakenUnderANewTerm()
    {
        var holder = Holder("a");
        holder.Renew();
        holder.Lost(5);
        Assert.DoesNotContain(holder.Held, lease => lease.Shard == 5);
        Assert.True(holder.Renew());
        Assert.Contains(new Lease(5, 2), holder.Held);
    }

    [Fact]
    public void Leave_Owner_LeavesAllToTheOthers()
    {
        var (a, b) = (Holder("a"), Holder("b"));
        a.Renew();
        a.Leave();
        b.Renew();
        Assert.Equal(32, b.Held.Count);
        Assert.Empty(a.Held);
    }

    private LeaseHolder Holder(string owner) => new(_table, owner, $"http://{owner}", _clock, NullLogger.Instance);
}
