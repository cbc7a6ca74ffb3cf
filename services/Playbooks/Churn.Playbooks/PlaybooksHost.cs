using Churn.Playbooks.Calls;
using Churn.Playbooks.Consumers;
using Churn.Playbooks.Storage;
using Churn.Playbooks.Timers;
using Churn.ServiceDefaults.Grpc;
using Churn.ServiceDefaults.Leases;
using Churn.ServiceDefaults.Storage;
using Churn.ServiceDefaults.Streams;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Churn.Playbooks;

/// <summary>Puts playbooks into a host.</summary>
internal static class PlaybooksHost
{
    /// <summary>Names the stream that starts and moves runs; its <see cref="IStreamSource"/> is registered under this key.</summary>
    public const string Signals = "signals";

    /// <summary>Names the stream of the messages that runs ask for.</summary>
    public const string Requests = "requests";

    /// <summary>Names the database.</summary>
    public const string Name = "playbooks";

    // A hundred documents of the largest size: what is larger is told so by the transport.
    private const int LargestMessage = 101 << 20;

    /// <summary>Gives the scripts that make the database's schema.</summary>
    public static IReadOnlyList<string> Migrations { get; } = [LeaseTable.Schema, StreamLog.Schema(Requests), .. PlaybooksStore.Migrations];

    /// <summary>Gives what makes the database.</summary>
    public static DatabaseOptions Schema { get; } = new() { Name = Name, Migrations = Migrations, Scripts = typeof(PlaybooksHost).Assembly };

    /// <summary>Registers playbooks; the clients of the other services are those that the host has registered.</summary>
    public static IServiceCollection AddPlaybooks(this IServiceCollection services, PlaybooksOptions options)
    {
        services.AddDatabase(_ => Path.Combine(options.DataFolder, "playbooks.db"), Schema, options.Postgres);
        services.AddStreamLog(Requests, Name);
        services.AddStreamConsumer(Signals, Name, (options.Owner, options.Address), provider => provider.GetRequiredService<PlaybooksHandler>());
        services.AddSingleton(options);
        services.AddSingleton(provider => new PlaybooksStore(provider.GetRequiredKeyedService<Database>(Name)));
        services.AddSingleton<IPlaybookReader, SavedDocuments>();
        services.AddSingleton<Policies>();
        services.AddSingleton<Neighbours>();
        services.AddSingleton<PlaybooksHandler>();
        services.AddHostedService<TimerLoop>();
        services.AddSingleton<PlaybooksApi>();
        services.AddHealthChecks().AddCheck<PlaybooksHealth>("playbooks", tags: [HealthTags.Ready]);
        services.AddGrpcDefaults().AddServiceOptions<PlaybooksApi>(grpc => grpc.MaxReceiveMessageSize = LargestMessage);
        return services;
    }

    /// <summary>Maps the service.</summary>
    public static void MapPlaybooks(this IEndpointRouteBuilder endpoints) => endpoints.MapGrpcService<PlaybooksApi>();
}
