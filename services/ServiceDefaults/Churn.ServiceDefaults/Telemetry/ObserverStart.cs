using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Churn.ServiceDefaults.Telemetry;

/// <summary>Begins to observe when the SDK listens, which is registered before it: what is counted earlier is not counted.</summary>
internal sealed class ObserverStart(IServiceProvider services) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        _ = services.GetRequiredService<ExportFailures>();
        foreach (var observer in services.GetServices<IObserver>())
        {
            observer.Observe();
        }

        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
