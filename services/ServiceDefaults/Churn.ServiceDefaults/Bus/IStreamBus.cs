using Churn.Contracts;

namespace Churn.ServiceDefaults.Bus;

/// <summary>Carries news of streams between services, as well as it can: it may lose, double and reorder.</summary>
public interface IStreamBus
{
    /// <summary>Sends news to all that listen.</summary>
    Task PublishAsync(StreamNews news, CancellationToken cancellationToken);

    /// <summary>Listens to the news of some shards until the result is disposed of.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="shards">The shards.</param>
    /// <param name="heard">Is called for each news, maybe by several threads at once; it must not throw or wait.</param>
    /// <param name="cancellationToken">Ends the attempt to listen.</param>
    Task<IAsyncDisposable> ListenAsync(string stream, IReadOnlyCollection<int> shards, Action<StreamNews> heard, CancellationToken cancellationToken);
}
