using Churn.ServiceDefaults.Grpc;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Churn.Suite.Serve;

/// <summary>Maps what orchestrators ask over HTTP: whether the process lives, and whether calls should be sent to it.</summary>
internal static class Probes
{
    public static void MapTo(IEndpointRouteBuilder endpoints)
    {
        endpoints.MapHealthChecks("/healthz", Of(HealthTags.Live));
        endpoints.MapHealthChecks("/readyz", Of(HealthTags.Ready));
        endpoints.MapHealthChecks("/startupz", Of(HealthTags.Startup));
    }

    private static HealthCheckOptions Of(string tag) => new()
    {
        Predicate = check => check.Tags.Contains(tag),
        ResponseWriter = (context, report) => context.Response.WriteAsync(Text(report)),
    };

    // What is wrong is named; why is in the log, for those who may see it. What is degraded serves all the same.
    private static string Text(HealthReport report) => report.Status == HealthStatus.Healthy
        ? "ok\n"
        : (report.Status == HealthStatus.Degraded ? "ok, degraded\n" : "") + string.Concat(report.Entries.Where(e => e.Value.Status != HealthStatus.Healthy).Select(e => $"{e.Key}: {e.Value.Description ?? "does not answer"}\n"));
}
