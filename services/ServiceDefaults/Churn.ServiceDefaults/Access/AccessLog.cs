using System.Collections.Concurrent;
using Churn.ServiceDefaults.Storage;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Churn.ServiceDefaults.Access;

/// <summary>Writes once a minute which keys were used, and what tenants have sent.</summary>
internal sealed partial class AccessLog(AccessStore store, TenantMeters meters, TimeProvider clock, ILogger<AccessLog> logger) : BackgroundService
{
    private static readonly TimeSpan Every = TimeSpan.FromMinutes(1);

    private ConcurrentDictionary<string, long> _used = new(StringComparer.Ordinal);

    /// <summary>Notes that a key is used now.</summary>
    public void Used(string keyId) => _used[keyId] = store.Now();

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        Write();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Every, clock);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                Write();
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
        }
    }

    private void Write()
    {
        var used = Interlocked.Exchange(ref _used, new ConcurrentDictionary<string, long>(StringComparer.Ordinal));
        var sent = meters.TakeSent();
        if (used.IsEmpty && sent.Count == 0)
        {
            return;
        }

        try
        {
            store.Note(used, sent);
        }
        catch (StorageException exception)
        {
            LogLost(exception);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "When keys were last used, and what tenants have sent in the last minute, could not be noted.")]
    private partial void LogLost(Exception exception);
}
