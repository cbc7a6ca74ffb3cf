using System.Diagnostics;
using Churn.Playbooks.Consumers;
using Churn.Playbooks.Storage;
using Churn.ServiceDefaults.Leases;
using Churn.ServiceDefaults.Streams;
using Churn.ServiceDefaults.Telemetry;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Churn.Playbooks.Timers;

/// <summary>Fires timers when the clock, and the stream of signals, have passed the instants at which they are due.</summary>
/// <remarks>
/// A timer that fired before a signal of an earlier instant was applied would decide without it, and a simulation otherwise: so it
/// waits until the stream is closed through its instant. It is then fired as of that instant, however late.
/// </remarks>
internal sealed partial class TimerLoop(
    PlaybooksHandler handler,
    PlaybooksStore store,
    [FromKeyedServices(PlaybooksHost.Signals)] StreamConsumer consumer,
    [FromKeyedServices(PlaybooksHost.Signals)] LeaseHolder leases,
    TimeProvider clock,
    ILogger<TimerLoop> logger) : BackgroundService
{
    private static readonly TimeSpan Every = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan LongestBackoff = TimeSpan.FromSeconds(10);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield();
        var failures = 0;
        while (!stoppingToken.IsCancellationRequested)
        {
            var pause = Every;
            try
            {
                // As long as there are more the next batch follows at once.
                while (await FireAsync() && !stoppingToken.IsCancellationRequested)
                {
                }

                failures = 0;
            }
            catch (LeaseLostException)
            {
                // The consumer finds that out too, and gives the shard up.
            }
            catch (Exception exception)
            {
                failures++;
                LogFailed(exception, failures);
                pause = TimeSpan.FromMilliseconds(Math.Min(LongestBackoff.TotalMilliseconds, Every.TotalMilliseconds * Math.Pow(2, Math.Min(failures, 20))));
            }

            await Task.Delay(pause, clock, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task<bool> FireAsync()
    {
        var now = clock.Now();
        var open = leases.Held
            .Select(lease => (Lease: lease, Until: Math.Min(now, consumer.ClosedThrough(lease.Shard))))
            .Where(of => of.Until > 0)
            .ToList();
        var due = store.Read(connection => open.FindAll(of => PlaybooksStore.Due(connection, of.Lease.Shard, of.Until, 1).Count > 0));
        if (due.Count == 0)
        {
            return false;
        }

        using var span = Causes.Begin("fire timers", ActivityKind.Internal, []);
        return await handler.FireAsync(due) > 0;
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Firing timers failed {Failures} times in a row; it is tried again.")]
    private partial void LogFailed(Exception exception, int failures);
}
