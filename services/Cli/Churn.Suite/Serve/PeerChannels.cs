using System.Net;
using System.Net.Sockets;
using Churn.Ingestion.V1;
using Churn.Metrics.V1;
using Churn.Notifications.V1;
using Churn.ServiceDefaults.Access;
using Churn.ServiceDefaults.Streams;
using Churn.ServiceDefaults.Tls;
using Churn.Streams.V1;
using Grpc.Core;
using Grpc.Core.Interceptors;
using Grpc.Net.Client;
using Grpc.Net.Client.Configuration;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;

namespace Churn.Suite.Serve;

/// <summary>Lets services call each other by gRPC: those of this process at the server's own address, others where they are.</summary>
internal static class PeerChannels
{
    // What each service calls, and so must be told where it is.
    private static readonly (ServiceSet Service, ServiceSet Calls)[] Needs =
    [
        (ServiceSet.Metrics, ServiceSet.Ingestion),
        (ServiceSet.Playbooks, ServiceSet.Metrics | ServiceSet.Notifications),
        (ServiceSet.Notifications, ServiceSet.Playbooks | ServiceSet.Ingestion),
    ];

    /// <summary>Registers the clients by which services call each other, and the streams that are read from other processes.</summary>
    /// <exception cref="ServeException">It is not said where a service is.</exception>
    public static void AddTo(IServiceCollection services, SuiteOptions options, ServerTls? tls)
    {
        Check(options);
        services.AddSingleton(provider => new Channels(provider.GetRequiredService<IServer>(), options, tls));
        services.AddSingleton(provider => new IngestionService.IngestionServiceClient(Of(provider, ServiceSet.Ingestion)));
        services.AddSingleton(provider => new MetricsService.MetricsServiceClient(Of(provider, ServiceSet.Metrics)));
        services.AddSingleton(provider => new SignalService.SignalServiceClient(Of(provider, ServiceSet.Metrics)));
        services.AddSingleton(provider => new NotificationsService.NotificationsServiceClient(Of(provider, ServiceSet.Notifications)));
        AddStream(services, options, "facts", ServiceSet.Ingestion);
        AddStream(services, options, "signals", ServiceSet.Metrics);
        AddStream(services, options, "requests", ServiceSet.Playbooks);
    }

    // Among themselves services show the internal key.
    private static CallInvoker Of(IServiceProvider provider, ServiceSet service) =>
        provider.GetRequiredService<Channels>().Of(service).Intercept(provider.GetRequiredService<InternalCalls>());

    private static void AddStream(IServiceCollection services, SuiteOptions options, string stream, ServiceSet owner)
    {
        if (!options.Services.HasFlag(owner))
        {
            services.AddKeyedSingleton<IStreamSource>(stream, (provider, _) => new RemoteStreamSource(new StreamService.StreamServiceClient(Of(provider, owner)), stream));
        }
    }

    private static void Check(SuiteOptions options)
    {
        if (options is { Postgres: not null, Advertise: null } && (options.Listen.Port == 0 || options.Listen.Address.Equals(IPAddress.Any) || options.Listen.Address.Equals(IPAddress.IPv6Any))
            && options.Services != ServiceSet.All)
        {
            throw new ServeException($"other processes cannot call {options.Listen}: say with --advertise where they reach this one, for example --advertise http://10.0.0.1:8080");
        }

        foreach (var (service, calls) in Needs)
        {
            foreach (var called in Enum.GetValues<ServiceSet>().Where(s => s is not (ServiceSet.None or ServiceSet.All) && calls.HasFlag(s)))
            {
                if (options.Services.HasFlag(service) && !options.Services.HasFlag(called) && !options.Peers.ContainsKey(called))
                {
                    var name = called.ToString().ToLowerInvariant();
                    throw new ServeException($"{service.ToString().ToLowerInvariant()} calls {name}, which does not run here: say where it is with --{name}, for example --{name} http://{name}:8080");
                }
            }
        }
    }

    /// <summary>Holds a channel to each service.</summary>
    private sealed class Channels(IServer server, SuiteOptions options, ServerTls? tls) : IDisposable
    {
        private readonly Dictionary<ServiceSet, Lazy<GrpcChannel>> _channels = Enum.GetValues<ServiceSet>().ToDictionary(
            service => service,
            service => new Lazy<GrpcChannel>(() => options.Services.HasFlag(service) ? Here(server, tls) : There(options.Peers[service], options.PeerTls)));

        public GrpcChannel Of(ServiceSet service) => _channels[service].Value;

        public void Dispose()
        {
            foreach (var channel in _channels.Values.Where(channel => channel.IsValueCreated))
            {
                channel.Value.Dispose();
            }
        }

        // The port may be chosen by the system, so that where to connect to is known only when the server listens.
        private static GrpcChannel Here(IServer server, ServerTls? tls) => GrpcChannel.ForAddress(tls is null ? "http://suite.localhost" : "https://suite.localhost", new GrpcChannelOptions
        {
            MaxReceiveMessageSize = null,
            DisposeHttpClient = true,
            HttpHandler = new SocketsHttpHandler
            {
                UseProxy = false,
                SslOptions = tls?.CallingItself ?? new(),
                EnableMultipleHttp2Connections = true,
                ConnectCallback = async (_, stop) =>
                {
                    var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
                    try
                    {
                        await socket.ConnectAsync(EndPointOf(server), stop);
                        return new NetworkStream(socket, ownsSocket: true);
                    }
                    catch
                    {
                        socket.Dispose();
                        throw;
                    }
                },
            },
        });

        // A name such as dns:///metrics:8080 stands for all replicas behind it, which are called in turn.
        private static GrpcChannel There(Uri address, ClientTls? tls) => GrpcChannel.ForAddress(address, new GrpcChannelOptions
        {
            MaxReceiveMessageSize = null,
            Credentials = address.Scheme != "dns" ? null : tls is null ? ChannelCredentials.Insecure : ChannelCredentials.SecureSsl,
            ServiceConfig = new ServiceConfig { LoadBalancingConfigs = { new RoundRobinConfig() } },
            HttpHandler = new SocketsHttpHandler
            {
                UseProxy = false,
                SslOptions = tls?.Options() ?? new(),
                EnableMultipleHttp2Connections = true,
                ConnectTimeout = TimeSpan.FromSeconds(5),
                KeepAlivePingDelay = TimeSpan.FromSeconds(10),
                KeepAlivePingTimeout = TimeSpan.FromSeconds(5),
                KeepAlivePingPolicy = HttpKeepAlivePingPolicy.WithActiveRequests,
            },
        });

        private static IPEndPoint EndPointOf(IServer server)
        {
            var address = new Uri(server.Features.Get<IServerAddressesFeature>()?.Addresses.FirstOrDefault() ?? throw new HttpRequestException("the server does not listen yet"));
            var host = IPAddress.TryParse(address.Host.Trim('[', ']'), out var ip) ? ip : IPAddress.Loopback;
            var isAny = host.Equals(IPAddress.Any) || host.Equals(IPAddress.IPv6Any);
            return new IPEndPoint(!isAny ? host : host.AddressFamily == AddressFamily.InterNetwork ? IPAddress.Loopback : IPAddress.IPv6Loopback, address.Port);
        }
    }
}
