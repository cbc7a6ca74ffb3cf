using System.Net;
using System.Net.Sockets;
using Churn.Ingestion.V1;
using Churn.Metrics.V1;
using Churn.Notifications.V1;
using Churn.ServiceDefaults.Access;
using Grpc.Core;
using Grpc.Core.Interceptors;
using Grpc.Net.Client;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;

namespace Churn.Suite.Serve;

/// <summary>Lets the services of this process call each other as they would call other machines: by gRPC, at the server's own address.</summary>
internal static class LoopbackChannel
{
    /// <summary>Registers the clients by which services call each other.</summary>
    public static void AddTo(IServiceCollection services)
    {
        services.AddSingleton(provider => Open(provider.GetRequiredService<IServer>()));
        services.AddSingleton(provider => provider.GetRequiredService<GrpcChannel>().Intercept(provider.GetRequiredService<InternalCalls>()));
        services.AddSingleton(provider => new IngestionService.IngestionServiceClient(provider.GetRequiredService<CallInvoker>()));
        services.AddSingleton(provider => new MetricsService.MetricsServiceClient(provider.GetRequiredService<CallInvoker>()));
        services.AddSingleton(provider => new SignalService.SignalServiceClient(provider.GetRequiredService<CallInvoker>()));
        services.AddSingleton(provider => new NotificationsService.NotificationsServiceClient(provider.GetRequiredService<CallInvoker>()));
    }

    // The port may be chosen by the system, so that where to connect to is known only when the server listens.
    private static GrpcChannel Open(IServer server) => GrpcChannel.ForAddress("http://suite.localhost", new GrpcChannelOptions
    {
        MaxReceiveMessageSize = null,
        DisposeHttpClient = true,
        HttpHandler = new SocketsHttpHandler
        {
            UseProxy = false,
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

    private static IPEndPoint EndPointOf(IServer server)
    {
        var address = new Uri(server.Features.Get<IServerAddressesFeature>()?.Addresses.FirstOrDefault() ?? throw new HttpRequestException("the server does not listen yet"));
        var host = IPAddress.TryParse(address.Host.Trim('[', ']'), out var ip) ? ip : IPAddress.Loopback;
        var isAny = host.Equals(IPAddress.Any) || host.Equals(IPAddress.IPv6Any);
        return new IPEndPoint(!isAny ? host : host.AddressFamily == AddressFamily.InterNetwork ? IPAddress.Loopback : IPAddress.IPv6Loopback, address.Port);
    }
}
