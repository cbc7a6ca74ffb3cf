using Churn.ServiceDefaults.Access;
using Churn.ServiceDefaults.Errors;
using Grpc.AspNetCore.Server;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Churn.ServiceDefaults.Grpc;

/// <summary>Adds gRPC with the two services that every gRPC server here has: health and reflection.</summary>
public static class GrpcDefaults
{
    /// <summary>Registers gRPC, health and reflection.</summary>
    /// <remarks>
    /// Health answers from the checks of <c>services.AddHealthChecks()</c>: tag each with <see cref="HealthTags.Ready"/>,
    /// <see cref="HealthTags.Live"/> or both. An untagged check is asked for by nobody.
    /// </remarks>
    public static IGrpcServerBuilder AddGrpcDefaults(this IServiceCollection services)
    {
        var checks = services.AddHealthChecks();
        if (services.All(service => service.ServiceType != typeof(ServingState)))
        {
            services.AddSingleton<ServingState>();
            checks.AddCheck<ServingState.ReadyCheck>("serving", tags: [HealthTags.Ready]).AddCheck<ServingState.StartCheck>("start", tags: [HealthTags.Startup]);
        }

        services.TryAddSingleton<HealthReports>();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IHealthCheckPublisher, HealthReports>(
            provider => provider.GetRequiredService<HealthReports>()));
        services.TryAddSingleton<MappedServices>();
        services.TryAddSingleton<ReflectionIndex>();
        services.AddAccessGate();
        return services.AddGrpc(options =>
        {
            // Each service of a process asks for the defaults; a call is counted once.
            if (options.Interceptors.All(interceptor => interceptor.Type != typeof(AccessInterceptor)))
            {
                options.Interceptors.Add<FaultInterceptor>();
                options.Interceptors.Add<AccessInterceptor>();
            }
        });
    }

    /// <summary>Maps health and reflection (v1 and v1alpha); they find the other services by themselves.</summary>
    public static void MapGrpcDefaults(this IEndpointRouteBuilder endpoints)
    {
        endpoints.MapGrpcService<HealthApi>();
        endpoints.MapGrpcService<ReflectionApi>();
        endpoints.MapGrpcService<ReflectionV1AlphaApi>();
    }
}
