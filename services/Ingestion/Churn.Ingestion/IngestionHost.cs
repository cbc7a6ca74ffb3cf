using Churn.Ingestion.Domain;
using Churn.Ingestion.Storage;
using Churn.ServiceDefaults.Bus;
using Churn.ServiceDefaults.Grpc;
using Churn.ServiceDefaults.Streams;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Churn.Ingestion;

/// <summary>Puts ingestion into a host.</summary>
internal static class IngestionHost
{
    // A batch that is too large is told so; only what is far too large for any batch of sound facts is left to the transport to refuse.
    private const int LargestMessage = 6 * Limits.BatchBytes;

    /// <summary>Registers ingestion; the log of facts is the <see cref="IStreamSource"/> with the key "facts".</summary>
    public static IServiceCollection AddIngestion(this IServiceCollection services, IngestionOptions options)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(options);
        services.AddSingleton<FactsStore>();
        services.AddSingleton<FactWriter>();
        services.AddSingleton<FactReader>();
        services.AddSingleton<FactPages>();
        services.AddKeyedSingleton(FactsStore.Stream, (provider, _) => provider.GetRequiredService<FactsStore>().Log);
        services.AddKeyedSingleton<IStreamSource>(FactsStore.Stream, (provider, _) => provider.GetRequiredService<FactsStore>().Log);
        services.AddStreamBus();
        services.AddSingleton<IHostedService>(provider => new StreamPublisher(
            provider.GetRequiredService<FactsStore>().Log,
            provider.GetRequiredService<IStreamBus>(),
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<StreamPublisher>>()));
        services.AddHealthChecks().AddCheck<IngestionHealth>("ingestion", tags: [HealthTags.Ready]);
        services.AddGrpcDefaults().AddServiceOptions<IngestionApi>(grpc => grpc.MaxReceiveMessageSize = LargestMessage);
        return services;
    }

    /// <summary>Maps the service.</summary>
    public static void MapIngestion(this IEndpointRouteBuilder endpoints) => endpoints.MapGrpcService<IngestionApi>();
}
