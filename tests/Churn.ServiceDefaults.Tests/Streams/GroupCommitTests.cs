using Churn.ServiceDefaults.Streams;

namespace Churn.ServiceDefaults.Tests.Streams;

public sealed class GroupCommitTests
{
    private static readonly TimeSpan Long = TimeSpan.FromSeconds(30);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task CommitAsync_Idle_CommitsAloneAtOnce()
    {
        var commits = new List<int>();
        await using var group = new GroupCommit<int, int>(
            works =>
            {
                commits.Add(works.Count);
                return [.. works.Select(work => work * 2)];
            },
            _ => 1,
            new GroupCommitOptions { Name = "test" });
        Assert.Equal(14, await group.CommitAsync(7, Ct).WaitAsync(Long, Ct));
        Assert.Equal(16, await group.CommitAsync(8, Ct).WaitAsync(Long, Ct));
        Assert.Equal([1, 1], commits);
    }

    [Fact]
    public async Task CommitAsync_WhileCommitting_GathersUpToTheWeight()
    {
        await using var gate = new Gate(new GroupCommitOptions { Name = "test", MostTogether = 10 });
        var first = gate.Group.CommitAsync(1, Ct);
        gate.WaitForCommit();
        var waiting = new[] { 4, 3, 3, 9, 50, 1, 1 }.Select(weight => gate.Group.CommitAsync(weight, Ct)).ToList();
        gate.LetAllGo();
        await Task.WhenAll([first, .. waiting]).WaitAsync(Long, Ct);
        Assert.Equal(["1", "4 3 3", "9", "50", "1 1"], gate.Commits);
    }

    [Fact]
    public async Task CommitAsync_CommitFails_FailsAllWhoWereInItAndGoesOn()
    {
        await using var gate = new Gate(new GroupCommitOptions { Name = "test" }) { Failing = 13 };
        var first = gate.Group.CommitAsync(1, Ct);
        gate.WaitForCommit();
        var (second, third) = (gate.Group.CommitAsync(2, Ct), gate.Group.CommitAsync(13, Ct));
        gate.LetAllGo();
        Assert.Equal(1, await first.WaitAsync(Long, Ct));
        await Assert.ThrowsAsync<InvalidTimeZoneException>(() => second.WaitAsync(Long, Ct));
        await Assert.ThrowsAsync<InvalidTimeZoneException>(() => third.WaitAsync(Long, Ct));
        Assert.Equal(4, await gate.Group.CommitAsync(4, Ct).WaitAsync(Long, Ct));
    }

    [Fact]
    public async Task CommitAsync_Cancelled_IsCommittedAllTheSame()
    {
        await using var gate = new Gate(new GroupCommitOptions { Name = "test" });
        var first = gate.Group.CommitAsync(1, Ct);
        gate.WaitForCommit();
        using var cancelling = new CancellationTokenSource();
        var (second, third) = (gate.Group.CommitAsync(2, cancelling.Token), gate.Group.CommitAsync(3, Ct));
        await cancelling.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => second.WaitAsync(Long, Ct));
        gate.LetAllGo();
        await Task.WhenAll(first, third).WaitAsync(Long, Ct);
        Assert.Equal(["1", "2 3"], gate.Commits);
    }

    [Fact]
    public async Task CommitAsync_TooMuchWaits_WaitsForRoom()
    {
        await using var gate = new Gate(new GroupCommitOptions { Name = "test", MostWaiting = 10 });
        var first = gate.Group.CommitAsync(1, Ct);
        gate.WaitForCommit();
        var (second, third) = (gate.Group.CommitAsync(6, Ct), gate.Group.CommitAsync(6, Ct));
        using var cancelling = new CancellationTokenSource();
        var fourth = gate.Group.CommitAsync(5, cancelling.Token);
        await cancelling.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => fourth.WaitAsync(Long, Ct));
        gate.LetAllGo();
        await Task.WhenAll(first, second, third).WaitAsync(Long, Ct);
        Assert.Equal(["1", "6", "6"], gate.Commits);
    }

    [Fact]
    public async Task DisposeAsync_WithWaiting_CommitsItAndTakesNothingMore()
    {
        var gate = new Gate(new GroupCommitOptions { Name = "test" });
        var first = gate.Group.CommitAsync(1, Ct);
        gate.WaitForCommit();
        var second = gate.Group.CommitAsync(2, Ct);
        var disposing = gate.Group.DisposeAsync().AsTask();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => gate.Group.CommitAsync(3, Ct));
        gate.LetAllGo();
        await Task.WhenAll(first, second, disposing).WaitAsync(Long, Ct);
        Assert.Equal(["1", "2"], gate.Commits);
    }

    [Fact]
    public async Task CommitAsync_ManyCallers_EachGetsItsOwn()
    {
        await using var group = new GroupCommit<int, int>(works => [.. works], _ => 1, new GroupCommitOptions { Name = "test", MostTogether = 7, MostWaiting = 20 });
        await Parallel.ForEachAsync(Enumerable.Range(0, 5000), new ParallelOptions { MaxDegreeOfParallelism = 50, CancellationToken = Ct }, async (number, token) =>
            Assert.Equal(number, await group.CommitAsync(number, token)));
    }

    /// <summary>A group whose commits wait until they are let go; a work is its own weight.</summary>
    private sealed class Gate : IAsyncDisposable
    {
        private readonly SemaphoreSlim _begun = new(0);
        private readonly ManualResetEventSlim _open = new();

        public Gate(GroupCommitOptions options) => Group = new GroupCommit<int, int>(Commit, work => work, options);

        public GroupCommit<int, int> Group { get; }

        public List<string> Commits { get; } = [];

        public int Failing { get; init; }

        public void WaitForCommit() => Assert.True(_begun.Wait(Long, Ct));

        public void LetAllGo() => _open.Set();

        public async ValueTask DisposeAsync()
        {
            LetAllGo();
            await Group.DisposeAsync();
        }

        private IReadOnlyList<int> Commit(IReadOnlyList<int> works)
        {
            _begun.Release();
            _open.Wait(Long);
            Commits.Add(string.Join(' ', works));
            return works.Contains(Failing) ? throw new InvalidTimeZoneException() : [.. works];
        }
    }
}
