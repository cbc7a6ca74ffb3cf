using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;

namespace Churn.ServiceDefaults.Grpc;

/// <summary>Knows whether the start is over, and whether the end has begun: calls are then to be sent elsewhere, and are still answered.</summary>
public sealed class ServingState
{
    private readonly TaskCompletionSource _draining = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool _started;

    /// <summary>Makes the state of a host, which drains at the latest when it stops.</summary>
    public ServingState(IHostApplicationLifetime lifetime) => lifetime.ApplicationStopping.Register(Drain);

    /// <summary>Says whether all was once loaded and ready; it stays so.</summary>
    public bool HasStarted => Volatile.Read(ref _started);

    /// <summary>Says whether the server is to get no more calls.</summary>
    public bool IsDraining => _draining.Task.IsCompleted;

    internal Task Draining => _draining.Task;

    /// <summary>Notes that all is loaded and ready.</summary>
    public void Start() => Volatile.Write(ref _started, true);

    /// <summary>Has readiness say no, whatever else is.</summary>
    public void Drain() => _draining.TrySetResult();

    /// <summary>Tells the state to whoever asks for readiness.</summary>
    internal sealed class ReadyCheck(ServingState state) : IHealthCheck
    {
        public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
            Task.FromResult(state.IsDraining ? HealthCheckResult.Unhealthy("The server ends: send calls to another.") : HealthCheckResult.Healthy());
    }

    /// <summary>Tells the state to whoever asks for the start.</summary>
    internal sealed class StartCheck(ServingState state) : IHealthCheck
    {
        public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
            Task.FromResult(state.HasStarted ? HealthCheckResult.Healthy() : HealthCheckResult.Unhealthy("The server loads what it needs."));
    }
}
