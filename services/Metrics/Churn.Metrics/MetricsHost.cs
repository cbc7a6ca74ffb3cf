using Churn.Metrics.Books;
using Churn.Metrics.Consumers;
using Churn.Metrics.Owners;
using Churn.Metrics.Reads;
using Churn.Metrics.Signals;
using Churn.Metrics.Storage;
using Churn.Metrics.Sums;
using Churn.Metrics.Telemetry;
using Churn.ServiceDefaults.Access;
using Churn.ServiceDefaults.Grpc;
using Churn.ServiceDefaults.Leases;
using Churn.ServiceDefaults.Storage;
using Churn.ServiceDefaults.Streams;
using Churn.ServiceDefaults.Telemetry;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Churn.Metrics;

/// <summary>Puts metrics into a host.</summary>
internal static class MetricsHost
{
    /// <summary>Names the stream that the ledger is made of; its <see cref="IStreamSource"/> is registered under this key.</summary>
    public const string Facts = "facts";

    private const string Ledger = "ledger";

    /// <summary>Gives what makes the database.</summary>
    public static DatabaseOptions Schema { get; } = new()
    {
        Name = Ledger,
        Migrations = [LeaseTable.Schema, .. LedgerStore.Migrations],
        Scripts = typeof(MetricsHost).Assembly,
    };

    /// <summary>Registers metrics.</summary>
    public static IServiceCollection AddMetrics(this IServiceCollection services, MetricsOptions options)
    {
        services.AddDatabase(_ => Path.Combine(options.DataFolder, "metrics.db"), Schema, options.Postgres);
        services.AddStreamConsumer(Facts, Ledger, (options.Owner, options.Address), provider => provider.GetRequiredService<FactsHandler>());
        services.AddSingleton(_ => new Shelf(options.KeptSegments));
        services.AddSingleton(provider => new LedgerStore(provider.GetRequiredKeyedService<Database>(Ledger)));
        services.AddStreamLog(SignalLog.Stream, Ledger);
        services.AddSingleton(provider => new SignalLog(provider.GetRequiredKeyedService<StreamLog>(SignalLog.Stream)));
        services.AddSingleton<FactsHandler>();
        services.AddSingleton<IHostedService>(provider => new DueSignals(
            provider.GetRequiredService<LedgerStore>(),
            provider.GetRequiredService<Shelf>(),
            provider.GetRequiredService<SignalLog>(),
            () => provider.GetRequiredKeyedService<LeaseHolder>(Facts).Held,
            shard => provider.GetRequiredKeyedService<StreamConsumer>(Facts).ClosedThrough(shard),
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<DueSignals>>()));
        services.AddSingleton<LedgerProgress>();
        services.AddSingleton<ILedgerProgress>(provider => provider.GetRequiredService<LedgerProgress>());
        services.AddSingleton(provider => provider.GetRequiredService<Shelf>().Vocabulary);
        services.AddSingleton<OwnLedger>();
        services.AddSingleton(provider => new AddressBook(
            new LeaseTable(provider.GetRequiredKeyedService<Database>(Ledger), provider.GetRequiredService<TimeProvider>()), provider.GetRequiredService<TimeProvider>()));
        services.TryAddSingleton(provider => new OwnerChannels(OwnerChannels.Plain, provider.GetRequiredService<InternalCalls>()));
        services.AddSingleton(provider => ActivatorUtilities.CreateInstance<LedgerOwners>(provider, options.Owner));
        services.AddSingleton(provider => ActivatorUtilities.CreateInstance<OwnerFollower>(provider, options.Owner));
        services.AddSingleton<IHostedService>(provider => provider.GetRequiredService<OwnerFollower>());
        services.AddSingleton(provider => new HotFields(provider.GetRequiredService<TimeProvider>()) { IsWritten = options.Redis is not null });
        if (options.Redis is { } redis)
        {
            services.AddSingleton(provider => new HotStore(redis, provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<HotStore>>()));
            services.AddSingleton<IHostedService>(provider => ActivatorUtilities.CreateInstance<HotWriter>(provider));
        }

        services.AddSingleton(provider => new HotReader(
            provider.GetService<HotStore>(),
            provider.GetRequiredService<OwnerFollower>(),
            provider.GetRequiredService<Vocabulary>(),
            provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<OwnerNews>();
        services.AddSingleton<Reader>();
        services.AddSingleton<MetricsApi>();
        services.AddSingleton<LedgerApi>();
        services.AddSingleton<SignalApi>();
        services.AddSingleton<IObserver>(provider => new BusinessFigures(
            provider.GetRequiredService<Shelf>(),
            () => provider.GetRequiredService<LedgerProgress>().IsWhole,
            () => provider.GetRequiredService<LedgerProgress>().NextChange,
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<BusinessFigures>>()));
        services.AddHealthChecks().AddCheck<LedgerProgress>("ledger", tags: [HealthTags.Ready]);
        services.AddGrpcDefaults();
        return services;
    }

    /// <summary>Maps the services.</summary>
    public static void MapMetrics(this IEndpointRouteBuilder endpoints)
    {
        endpoints.MapGrpcService<MetricsApi>();
        endpoints.MapGrpcService<SignalApi>();
        endpoints.MapGrpcService<LedgerApi>();
    }
}
