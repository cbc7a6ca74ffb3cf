using System.Collections.Concurrent;
using Grpc.Core;
using Grpc.Core.Interceptors;
using Grpc.Net.Client;

namespace Churn.Metrics.Owners;

/// <summary>Keeps a connection to each other owner that is called.</summary>
/// <param name="handlerFor">Makes what carries the calls to an address.</param>
/// <param name="signed">Says who calls, and for which tenant; null where nobody asks.</param>
internal sealed class OwnerChannels(Func<Uri, HttpMessageHandler> handlerFor, Interceptor? signed) : IDisposable
{
    private readonly ConcurrentDictionary<string, GrpcChannel> _channels = new(StringComparer.Ordinal);

    /// <summary>Gives the client of the owner at an address.</summary>
    /// <exception cref="UriFormatException">It is no address.</exception>
    public V1.LedgerService.LedgerServiceClient At(string address) => new(Invoker(_channels.GetOrAdd(address, Open)));

    /// <summary>Lets the connections go that lead to none of some addresses.</summary>
    public void KeepOnly(IReadOnlySet<string> addresses)
    {
        foreach (var address in _channels.Keys)
        {
            if (!addresses.Contains(address) && _channels.TryRemove(address, out var channel))
            {
                channel.Dispose();
            }
        }
    }

    public void Dispose() => KeepOnly(new HashSet<string>());

    /// <summary>Makes what carries calls to an owner: one that vanished, or froze with its machine, is found out in a few seconds.</summary>
    public static HttpMessageHandler Plain(Uri address) => new SocketsHttpHandler
    {
        UseProxy = false,
        ConnectTimeout = TimeSpan.FromSeconds(1),
        EnableMultipleHttp2Connections = true,
        KeepAlivePingDelay = TimeSpan.FromSeconds(2),
        KeepAlivePingTimeout = TimeSpan.FromSeconds(2),
        KeepAlivePingPolicy = HttpKeepAlivePingPolicy.WithActiveRequests,
    };

    private CallInvoker Invoker(GrpcChannel channel) => signed is null ? channel.CreateCallInvoker() : channel.Intercept(signed);

    private GrpcChannel Open(string address) => GrpcChannel.ForAddress(address, new GrpcChannelOptions
    {
        HttpHandler = handlerFor(new Uri(address)),
        DisposeHttpClient = true,
        MaxReceiveMessageSize = null,
    });
}
