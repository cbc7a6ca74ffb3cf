using Churn.Contracts;
using MassTransit;

namespace Churn.ServiceDefaults.Bus;

/// <summary>Carries news over MassTransit: every listener has a temporary queue of its own and handles one message at a time.</summary>
internal sealed class MassTransitStreamBus(IBus bus) : IStreamBus
{
    public Task PublishAsync(StreamNews news, CancellationToken cancellationToken) => bus.Publish(news, cancellationToken);

    public async Task<IAsyncDisposable> ListenAsync(string stream, IReadOnlyCollection<int> shards, Action<StreamNews> heard, CancellationToken cancellationToken)
    {
        var wanted = shards.ToHashSet();
        var endpoint = bus.ConnectReceiveEndpoint(new TemporaryEndpointDefinition(stream, concurrentMessageLimit: 1), configureEndpoint: configuration =>
            configuration.Handler<StreamNews>(context =>
            {
                if (string.Equals(context.Message.Stream, stream, StringComparison.Ordinal) && wanted.Contains(context.Message.Shard))
                {
                    heard(context.Message);
                }

                return Task.CompletedTask;
            }));
        await endpoint.Ready.WaitAsync(cancellationToken);
        return new Listening(endpoint);
    }

    private sealed class Listening(HostReceiveEndpointHandle endpoint) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync() => await endpoint.StopAsync(CancellationToken.None);
    }
}
