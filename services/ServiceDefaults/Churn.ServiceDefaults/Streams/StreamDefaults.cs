using System.Text;
using Churn.ServiceDefaults.Bus;
using Churn.ServiceDefaults.Leases;
using Churn.ServiceDefaults.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Churn.ServiceDefaults.Streams;

/// <summary>Registers databases, the streams in them, and those who consume streams: any number of each in one process, by name.</summary>
public static class StreamDefaults
{
    /// <summary>Registers a database under its name: a keyed <see cref="Database"/>, opened at its first use and closed with the process.</summary>
    /// <param name="services">The services.</param>
    /// <param name="path">Gives the file, where there is no PostgreSQL.</param>
    /// <param name="options">What it holds.</param>
    /// <param name="postgres">The PostgreSQL that holds it; null for a file.</param>
    public static IServiceCollection AddDatabase(
        this IServiceCollection services, Func<IServiceProvider, string> path, DatabaseOptions options, PostgresOptions? postgres = null) =>
        services.AddKeyedSingleton(options.Name, (provider, _) => postgres is null ? Database.Open(path(provider), options) : Database.Connect(postgres, options));

    /// <summary>Registers the log of a stream that this process owns: a keyed <see cref="StreamLog"/> and <see cref="IStreamSource"/>, whose news go over the bus.</summary>
    /// <param name="services">The services.</param>
    /// <param name="stream">The stream; its key.</param>
    /// <param name="database">The name of the database, one of whose migrations is <see cref="StreamLog.Schema"/>.</param>
    public static IServiceCollection AddStreamLog(this IServiceCollection services, string stream, string database)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.AddStreamBus();
        services.AddKeyedSingleton(stream, (provider, _) =>
            new StreamLog(provider.GetRequiredKeyedService<Database>(database), stream, provider.GetRequiredService<TimeProvider>()));
        services.AddKeyedSingleton<IStreamSource>(stream, (provider, _) => provider.GetRequiredKeyedService<StreamLog>(stream));
        return services.AddSingleton<IHostedService>(provider => new StreamPublisher(
            provider.GetRequiredKeyedService<StreamLog>(stream),
            provider.GetRequiredService<IStreamBus>(),
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<StreamPublisher>>()));
    }

    /// <summary>Registers a consumer of a stream: a keyed <see cref="StreamConsumer"/> that runs with the host, and a keyed <see cref="LeaseHolder"/>.</summary>
    /// <remarks>It reads the <see cref="IStreamSource"/> that is registered under the stream's name, wherever the log is.</remarks>
    /// <param name="services">The services.</param>
    /// <param name="stream">The stream; the consumer's key.</param>
    /// <param name="database">The name of the database that is written, one of whose migrations is <see cref="LeaseTable.Schema"/>.</param>
    /// <param name="owner">The name and the address under which this process holds shards.</param>
    /// <param name="handler">Gives what applies the records.</param>
    public static IServiceCollection AddStreamConsumer(
        this IServiceCollection services, string stream, string database, (string Name, string Address) owner, Func<IServiceProvider, IStreamHandler> handler)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.AddStreamBus();
        services.AddSingleton(new ConsumedStream(stream, database));
        services.AddKeyedSingleton(stream, (provider, _) => new LeaseHolder(
            new LeaseTable(provider.GetRequiredKeyedService<Database>(database), provider.GetRequiredService<TimeProvider>()),
            owner.Name,
            owner.Address,
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<LeaseHolder>>()));
        services.AddKeyedSingleton(stream, (provider, _) => new StreamConsumer(
            new StreamConsumerOptions { Stream = stream, Seed = (int)(Shards.Hash(Encoding.UTF8.GetBytes(owner.Name)) & int.MaxValue) },
            provider.GetRequiredKeyedService<IStreamSource>(stream),
            handler(provider),
            provider.GetRequiredKeyedService<LeaseHolder>(stream),
            provider.GetRequiredService<IStreamBus>(),
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<StreamConsumer>>()));
        return services.AddSingleton<IHostedService>(provider => provider.GetRequiredKeyedService<StreamConsumer>(stream));
    }

    /// <summary>Maps the internal service that reads the logs of this process: for the other services alone.</summary>
    public static void MapStreams(this IEndpointRouteBuilder endpoints) => endpoints.MapGrpcService<StreamApi>();
}
