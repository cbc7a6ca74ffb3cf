using Churn.Contracts;
using Churn.Metrics.Tests.Consumers;
using Churn.ServiceDefaults.Bus;

namespace Churn.SystemTests;

/// <summary>Drops, doubles and reorders a tenth of the messages each, before they reach the bus that it wraps.</summary>
internal sealed class UnreliableBus(IStreamBus bus, ulong seed) : IStreamBus
{
    private readonly Lock _choosing = new();
    private readonly RandomHistories _chance = new(seed);
    private StreamNews? _late;

    public int Dropped { get; private set; }

    public int Doubled { get; private set; }

    public int Reordered { get; private set; }

    public async Task PublishAsync(StreamNews news, CancellationToken cancellationToken)
    {
        foreach (var message in Choose(news))
        {
            await bus.PublishAsync(message, cancellationToken);
        }
    }

    public Task<IAsyncDisposable> ListenAsync(string stream, IReadOnlyCollection<int> shards, Action<StreamNews> heard, CancellationToken cancellationToken) =>
        bus.ListenAsync(stream, shards, heard, cancellationToken);

    private List<StreamNews> Choose(StreamNews news)
    {
        lock (_choosing)
        {
            switch (_chance.Next(10))
            {
                case 0:
                    Dropped++;
                    return [];
                case 1:
                    Doubled++;
                    return [news, news];
                case 2 when _late is null:
                    // It comes after the next one.
                    Reordered++;
                    _late = news;
                    return [];
                default:
                    List<StreamNews> messages = _late is null ? [news] : [news, _late];
                    _late = null;
                    return messages;
            }
        }
    }
}
