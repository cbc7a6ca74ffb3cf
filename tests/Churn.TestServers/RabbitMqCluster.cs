using System.Globalization;
using System.Security.Cryptography;
using Xunit;

namespace Churn.TestServers;

/// <summary>Runs RabbitMQ nodes that know each other.</summary>
public sealed class RabbitMqCluster : IAsyncDisposable
{
    private readonly EpmdServer _epmd;
    private readonly List<RabbitMqServer> _nodes;

    private RabbitMqCluster(EpmdServer epmd, int nodes)
    {
        _epmd = epmd;
        _nodes = [.. Enumerable.Range(0, nodes).Select(_ => new RabbitMqServer(epmd, ownsEpmd: false))];
    }

    /// <summary>Gives the nodes.</summary>
    public IReadOnlyList<RabbitMqServer> Nodes => _nodes;

    /// <summary>Gives one address with all nodes in it.</summary>
    public string Address =>
        $"amqp://{RabbitMqServer.User}:{RabbitMqServer.Password}@{string.Join(',', _nodes.Select(node => string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{node.Port}")))}";

    /// <summary>Starts them; where no RabbitMQ is installed, the test is skipped.</summary>
    public static async Task<RabbitMqCluster> StartAsync(int nodes, CancellationToken cancellationToken)
    {
        Assert.SkipWhen(RabbitMqServer.Missing is not null, RabbitMqServer.Missing ?? "");
        var cluster = new RabbitMqCluster(await EpmdServer.StartAsync(cancellationToken), nodes);
        try
        {
            var secret = RandomNumberGenerator.GetHexString(20);
            string[] names =
            [
                "cluster_formation.peer_discovery_backend = classic_config",
                .. cluster._nodes.Select((node, i) => string.Create(CultureInfo.InvariantCulture, $"cluster_formation.classic_config.nodes.{i + 1} = {node.Node}")),
            ];
            await Task.WhenAll(cluster._nodes.Select(node => RabbitMqServer.StartAsync(node, secret, names, cancellationToken)));
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (var node in _nodes)
        {
            await node.DisposeAsync();
        }

        await _epmd.DisposeAsync();
    }
}
