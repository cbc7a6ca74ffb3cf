using Churn.ServiceDefaults.Storage;
using Churn.ServiceDefaults.Streams;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;

namespace Churn.ServiceDefaults.Access;

/// <summary>Registers who may call a process.</summary>
public static class AccessDefaults
{
    /// <summary>Registers tenants and keys, in the database "access", and the call by which they are managed.</summary>
    /// <param name="services">The services.</param>
    /// <param name="path">Gives the file of the database, where there is no PostgreSQL.</param>
    /// <param name="options">Whether keys are asked for.</param>
    /// <param name="postgres">The PostgreSQL that holds it; null for a file.</param>
    public static IServiceCollection AddAccess(
        this IServiceCollection services, Func<IServiceProvider, string> path, AccessOptions options, PostgresOptions? postgres = null)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(options);
        services.AddDatabase(path, AccessStore.Options, postgres);
        services.AddSingleton(provider => new AccessStore(provider.GetRequiredKeyedService<Database>(AccessStore.Name), provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<KeyRing>();
        services.AddSingleton<TenantMeters>();
        services.AddSingleton<AccessLog>();
        return services.AddSingleton<IHostedService>(provider => provider.GetRequiredService<AccessLog>());
    }

    /// <summary>Maps the call by which tenants and keys are managed.</summary>
    public static void MapAccess(this IEndpointRouteBuilder endpoints) => endpoints.MapGrpcService<AdminApi>();

    /// <summary>Registers what every gRPC server asks of its callers; without <see cref="AddAccess"/> it asks nobody, and there is one tenant.</summary>
    internal static void AddAccessGate(this IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton(new AccessOptions());
        services.TryAddSingleton<ProcessKey>();
        services.TryAddSingleton<MethodRules>();
        services.TryAddSingleton(provider => new InternalCalls(provider.GetRequiredService<AccessOptions>(), provider.GetRequiredService<ProcessKey>()));
        services.TryAddSingleton(provider => new AccessGate(
            provider.GetRequiredService<MethodRules>(),
            provider.GetRequiredService<AccessOptions>(),
            provider.GetRequiredService<ProcessKey>(),
            provider.GetService<KeyRing>(),
            provider.GetService<TenantMeters>(),
            provider.GetService<AccessLog>()));
        services.TryAddSingleton(provider => new FactLimit(provider.GetService<TenantMeters>(), provider.GetRequiredService<TimeProvider>()));
    }
}
