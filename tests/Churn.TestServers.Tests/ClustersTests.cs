namespace Churn.TestServers.Tests;

public sealed class ClustersTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task RabbitMq_ThreeNodes_AreOneClusterThatANodeLeavesAndJoins()
    {
        await using var cluster = await RabbitMqCluster.StartAsync(3, Cancellation);
        await cluster.Nodes[0].ExecuteAsync(Cancellation, "add_user", "one", "secret");
        Assert.Contains("one", await cluster.Nodes[2].ExecuteAsync(Cancellation, "list_users"), StringComparison.Ordinal);
        cluster.Nodes[0].Kill();
        await cluster.Nodes[1].ExecuteAsync(Cancellation, "add_user", "two", "secret");
        await cluster.Nodes[0].RestartAsync(Cancellation);
        Assert.Contains("two", await cluster.Nodes[0].ExecuteAsync(Cancellation, "list_users"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Redis_SixNodes_AreOneClusterThatOutlivesAHolderOfKeys()
    {
        await using var cluster = await RedisCluster.StartAsync(Cancellation);
        Assert.Equal("OK", await cluster.Nodes[0].ExecuteAsync(Cancellation, "-c", "SET", "kept", "7"));
        var holder = await cluster.HolderOfAsync("kept", Cancellation);
        Assert.Equal("1", await holder.ExecuteAsync(Cancellation, "WAIT", "1", "5000"));
        holder.Kill();
        var heir = await cluster.HolderOfAsync("kept", Cancellation);
        Assert.NotSame(holder, heir);
        Assert.Equal("7", await heir.ExecuteAsync(Cancellation, "GET", "kept"));
        await holder.RestartAsync(Cancellation);
        Assert.Equal("7", await holder.ExecuteAsync(Cancellation, "-c", "GET", "kept"));
    }
}
