using Churn.ServiceDefaults.Errors;
using Grpc.Core;
using Grpc.Health.V1;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using static Grpc.Health.V1.HealthCheckResponse.Types;

namespace Churn.ServiceDefaults.Grpc;

/// <summary>Answers grpc.health.v1 from the health checks, by tag: a store that is down must not restart the process.</summary>
internal sealed class HealthApi(
    HealthCheckService checks, HealthReports reports, MappedServices services, ServingState state, IHostApplicationLifetime lifetime) : Health.HealthBase
{
    public override async Task<HealthCheckResponse> Check(HealthCheckRequest request, ServerCallContext context)
    {
        var tag = TagOf(request.Service) ?? throw Faults.NotFound(
            "SERVICE_UNKNOWN", "No such service; known are \"\", \"readiness\", \"liveness\", \"startup\" and the services that reflection lists.");
        return new HealthCheckResponse { Status = await Now(tag, context.CancellationToken) };
    }

    public override async Task Watch(
        HealthCheckRequest request, IServerStreamWriter<HealthCheckResponse> responseStream, ServerCallContext context)
    {
        var tag = TagOf(request.Service);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(context.CancellationToken, lifetime.ApplicationStopping);
        ServingStatus? sent = null;
        var latest = reports.Latest;
        var status = tag is null ? ServingStatus.ServiceUnknown : await Now(tag, context.CancellationToken);
        while (true)
        {
            if (status != sent)
            {
                await responseStream.WriteAsync(new HealthCheckResponse { Status = status }, context.CancellationToken);
                sent = status;
            }

            if (lifetime.ApplicationStopping.IsCancellationRequested)
            {
                return;
            }

            await (state.IsDraining ? latest.Next.Task : Task.WhenAny(latest.Next.Task, state.Draining))
                .WaitAsync(ending.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            context.CancellationToken.ThrowIfCancellationRequested();
            latest = reports.Latest;
            status = tag is null ? status : Told(tag, latest.Report) ?? status;
        }
    }

    // The empty name is what a plain client asks for before it calls.
    private string? TagOf(string service) => service switch
    {
        "" or "readiness" => HealthTags.Ready,
        "liveness" => HealthTags.Live,
        "startup" => HealthTags.Startup,
        _ => services.Contains(service) ? HealthTags.Ready : null,
    };

    private async Task<ServingStatus> Now(string tag, CancellationToken cancellationToken)
    {
        var report = await checks.CheckHealthAsync(check => check.Tags.Contains(tag), cancellationToken);
        return Told(tag, report) ?? ServingStatus.Serving;
    }

    // A server that drains is not ready, and stays alive: restarting it would cut the drain short.
    private ServingStatus? Told(string tag, HealthReport? report) =>
        tag == HealthTags.Ready && (state.IsDraining || lifetime.ApplicationStopping.IsCancellationRequested) ? ServingStatus.NotServing
        : report is null ? null
        : report.Entries.Values.Any(entry => entry.Status == HealthStatus.Unhealthy && entry.Tags.Contains(tag)) ? ServingStatus.NotServing
        : ServingStatus.Serving;
}
