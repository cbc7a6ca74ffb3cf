namespace Churn.TestServers;

/// <summary>Runs a Redis Cluster of six nodes: three hold the keys, three their copies.</summary>
public sealed class RedisCluster : IAsyncDisposable
{
    private const int Size = 6;

    private readonly List<RedisServer> _nodes = [];

    private RedisCluster()
    {
    }

    /// <summary>Gives the nodes.</summary>
    public IReadOnlyList<RedisServer> Nodes => _nodes;

    /// <summary>Gives hosts and ports of all, which is a configuration of StackExchange.Redis.</summary>
    public string Endpoints => string.Join(',', _nodes.Select(node => node.Endpoint));

    /// <summary>Starts one, and returns when all keys have their place; where no Redis is installed, the test is skipped.</summary>
    public static async Task<RedisCluster> StartAsync(CancellationToken cancellationToken)
    {
        var cluster = new RedisCluster();
        try
        {
            for (var i = 0; i < Size; i++)
            {
                cluster._nodes.Add(await RedisServer.StartAsync(
                    cancellationToken, "--cluster-enabled", "yes", "--cluster-node-timeout", "2000", "--repl-diskless-sync-delay", "0", "--cluster-port", TestServer.Text(FreePorts.Next())));
            }

            await cluster._nodes[0].ExecuteAsync(cancellationToken, ["--cluster", "create", .. cluster._nodes.Select(node => node.Endpoint), "--cluster-replicas", "1", "--cluster-yes"]);
            foreach (var node in cluster._nodes)
            {
                while (!(await node.ExecuteAsync(cancellationToken, "CLUSTER", "INFO")).Contains("cluster_state:ok", StringComparison.Ordinal))
                {
                    await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, cancellationToken);
                }
            }

            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    /// <summary>Gives the node that holds a key; waits while the others agree on one.</summary>
    public async Task<RedisServer> HolderOfAsync(string key, CancellationToken cancellationToken)
    {
        while (true)
        {
            foreach (var node in _nodes.Where(node => node.IsRunning))
            {
                // The others answer with an error that names the holder, or with one that there is none.
                if (await node.ExecuteAsync(cancellationToken, "EXISTS", key) is "0" or "1")
                {
                    return node;
                }
            }

            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, cancellationToken);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (var node in _nodes)
        {
            await node.DisposeAsync();
        }
    }
}
