using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Churn.ServiceDefaults.Grpc;

/// <summary>Hands each periodic report of all health checks to those who watch.</summary>
internal sealed class HealthReports : IHealthCheckPublisher
{
    private Published _latest = new(Report: null);

    public Published Latest => Volatile.Read(ref _latest);

    public Task PublishAsync(HealthReport report, CancellationToken cancellationToken)
    {
        Interlocked.Exchange(ref _latest, new Published(report)).Next.SetResult();
        return Task.CompletedTask;
    }

    /// <summary>A report and the signal that there is a newer one; a watcher that holds on to it misses none.</summary>
    internal sealed record Published(HealthReport? Report)
    {
        public TaskCompletionSource Next { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
