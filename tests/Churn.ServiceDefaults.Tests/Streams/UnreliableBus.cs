using Churn.Contracts;
using Churn.ServiceDefaults.Bus;

namespace Churn.ServiceDefaults.Tests.Streams;

/// <summary>Loses, doubles and holds back a share of the news each, by a seed.</summary>
internal sealed class UnreliableBus(int seed, double share = 0.1) : IStreamBus
{
    private readonly Random _chance = new(seed);
    private readonly Lock _changing = new();
    private readonly List<Listener> _listeners = [];
    private readonly List<StreamNews> _heldBack = [];

    public int Lost { get; private set; }

    public Task PublishAsync(StreamNews news, CancellationToken cancellationToken)
    {
        List<(Listener Listener, StreamNews News)> deliveries = [];
        lock (_changing)
        {
            foreach (var arriving in Arriving(news))
            {
                deliveries.AddRange(_listeners.Where(listener => listener.Wants(arriving)).Select(listener => (listener, arriving)));
            }
        }

        deliveries.ForEach(delivery => delivery.Listener.Heard(delivery.News));
        return Task.CompletedTask;
    }

    public Task<IAsyncDisposable> ListenAsync(string stream, IReadOnlyCollection<int> shards, Action<StreamNews> heard, CancellationToken cancellationToken)
    {
        var listener = new Listener(this, stream, shards, heard);
        lock (_changing)
        {
            _listeners.Add(listener);
        }

        return Task.FromResult<IAsyncDisposable>(listener);
    }

    private IEnumerable<StreamNews> Arriving(StreamNews news)
    {
        var fate = _chance.NextDouble();
        if (fate < share)
        {
            Lost++;
            yield break;
        }

        if (fate < 3 * share && fate >= 2 * share)
        {
            _heldBack.Add(news);
            yield break;
        }

        yield return news;
        if (fate < 2 * share)
        {
            yield return news;
        }

        if (_heldBack.Count > 0 && _chance.NextDouble() < 0.5)
        {
            yield return _heldBack[0];
            _heldBack.RemoveAt(0);
        }
    }

    private sealed class Listener(UnreliableBus bus, string stream, IReadOnlyCollection<int> shards, Action<StreamNews> heard) : IAsyncDisposable
    {
        public Action<StreamNews> Heard => heard;

        public bool Wants(StreamNews news) => news.Stream == stream && shards.Contains(news.Shard);

        public ValueTask DisposeAsync()
        {
            lock (bus._changing)
            {
                bus._listeners.Remove(this);
            }

            return ValueTask.CompletedTask;
        }
    }
}
