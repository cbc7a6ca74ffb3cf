using Churn.Metrics.Sums;
using Churn.Metrics.Tests.Consumers;
using Churn.Metrics.Tests.Reads;
using Churn.ServiceDefaults.Streams;
using WireFact = Churn.Ingestion.V1.Fact;

namespace Churn.Metrics.Tests.Owners;

/// <summary>Runs several replicas over one database: each owns some shards and is called by the others.</summary>
internal sealed class Replicas : IAsyncDisposable
{
    private readonly Dictionary<string, MetricsServer> _byHost = new(StringComparer.Ordinal);

    public List<MetricsServer> Servers { get; } = [];

    public MetricsServer this[int at] => Servers[at];

    /// <summary>Starts replicas, the first of which holds all shards.</summary>
    public static async Task<Replicas> StartAsync(int count, Desk? first = null, Func<int, HotStore?>? hot = null)
    {
        var replicas = new Replicas();
        var desk = first ?? await new Desk().OpenAsync();
        for (var i = 0; i < count; i++)
        {
            var mine = i == 0 ? desk : desk.Beside($"replica{i}");
            var server = await MetricsServer.StartAsync(mine, replicas.Route, hot?.Invoke(i));
            replicas._byHost.Add(new Uri(mine.Address).Host, server);
            replicas.Servers.Add(server);
        }

        return replicas;
    }

    public int OwnerOf(int shard) => Servers.FindIndex(server => server.Desk.LeaseOf(shard) is not null);

    /// <summary>Gives each shard to the replica that a function says.</summary>
    public async Task MoveAsync(Func<int, int> ownerOf)
    {
        foreach (var move in Enumerable.Range(0, Shards.Count).GroupBy(shard => (From: OwnerOf(shard), To: ownerOf(shard))).Where(move => move.Key.From != move.Key.To))
        {
            await this[move.Key.From].Desk.MoveAsync(this[move.Key.To].Desk, [.. move]);
        }
    }

    /// <summary>Applies facts, each at the owner of its shard.</summary>
    public async Task ApplyAsync(IEnumerable<WireFact> facts)
    {
        foreach (var owner in facts.GroupBy(fact => OwnerOf(Shards.Of(Tenants.Default, fact.CustomerId, Shards.Count))))
        {
            await this[owner.Key].Desk.ApplyAsync(owner);
            this[owner.Key].Progress.Change();
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var server in Enumerable.Reverse(Servers))
        {
            await server.DisposeAsync();
        }
    }

    private LateHandler Route(Uri address) => new(() => _byHost[address.Host].Handler());

    /// <summary>Finds out whom to call when it is called: a replica may know of one that starts later.</summary>
    private sealed class LateHandler(Func<HttpMessageHandler> handler) : HttpMessageHandler
    {
        private readonly Lazy<HttpMessageInvoker> _inner = new(() => new HttpMessageInvoker(handler()));

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            _inner.Value.SendAsync(request, cancellationToken);
    }
}
