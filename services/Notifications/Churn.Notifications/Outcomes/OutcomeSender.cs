using Churn.Ingestion.V1;
using Churn.Notifications.Domain;
using Churn.Notifications.Storage;
using Churn.ServiceDefaults.Leases;
using Churn.ServiceDefaults.Storage;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Churn.Notifications.Outcomes;

/// <summary>Tells ingestion what became of messages, until it says that it has it.</summary>
internal sealed partial class OutcomeSender(NotificationsStore store, [FromKeyedServices(NotificationsHost.Requests)] LeaseHolder leases, IServiceProvider services, TimeProvider clock, NotificationsOptions options, ILogger<OutcomeSender> logger)
    : BackgroundService
{
    private const int MostFacts = 500;
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan LongestFlush = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan LongestRest = TimeSpan.FromHours(1);
    private static readonly RetryPolicy Retries = new(TimeSpan.FromMilliseconds(200), TimeSpan.FromSeconds(30), int.MaxValue);

    private readonly Random _chance = new(options.Seed);
    private long _rejected;

    /// <summary>Gives how many facts ingestion has refused.</summary>
    public long Rejected => Volatile.Read(ref _rejected);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield();
        var failures = 0;
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                var written = store.NextWrite;
                if (await SendAsync(stoppingToken))
                {
                    failures = 0;
                    continue;
                }

                await written.WaitAsync(store.Rest(LongestRest), clock, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                if (failures++ == 0)
                {
                    LogWaiting(e);
                }

                await Task.Delay(Retries.Wait(failures, _chance.NextDouble()), clock, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
            catch (Exception) when (stoppingToken.IsCancellationRequested)
            {
                break;
            }
        }

        await FlushAsync();
    }

    // What ingestion does not take now is kept, and sent after the next start.
    private async Task FlushAsync()
    {
        using var patience = new CancellationTokenSource(LongestFlush, clock);
        try
        {
            while (await SendAsync(patience.Token))
            {
            }
        }
        catch (Exception e)
        {
            LogKept(e);
        }
    }

    private async Task<bool> SendAsync(CancellationToken cancellationToken)
    {
        // One process sends: who owns the first shard. Two that both believe it tell the same facts, which are recorded once.
        if (!leases.Held.Any(lease => lease.Shard == 0))
        {
            return false;
        }

        var (tenant, first) = store.Read(connection => Outbox.First(connection, MostFacts), cancellationToken);
        if (first.Count == 0)
        {
            return false;
        }

        // Asked for at the first use: the channel is opened by whoever has it then.
        var client = services.GetRequiredService<IngestionService.IngestionServiceClient>();
        var request = new RecordFactsRequest();
        request.Facts.AddRange(first.Select(row => row.Fact));
        using var scope = TenantScope.Enter(tenant);
        using var patience = new CancellationTokenSource(Deadline, clock);
        await using var stop = cancellationToken.Register(patience.Cancel);
        var response = await client.RecordFactsAsync(request, cancellationToken: patience.Token);
        foreach (var reject in response.Rejects)
        {
            Interlocked.Increment(ref _rejected);
            LogRejected(first[(int)reject.Index].Fact.EventId, reject.ToString());
        }

        store.Write(connection => Outbox.Remove(connection, first.Select(row => row.Seq)));
        return true;
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Ingestion does not take what became of messages; it is kept and sent again.")]
    private partial void LogWaiting(Exception exception);

    [LoggerMessage(Level = LogLevel.Information, Message = "What became of messages is kept until the next start.")]
    private partial void LogKept(Exception exception);

    [LoggerMessage(Level = LogLevel.Error, Message = "Ingestion refuses fact {EventId}: {Reject}")]
    private partial void LogRejected(string eventId, string reject);
}
