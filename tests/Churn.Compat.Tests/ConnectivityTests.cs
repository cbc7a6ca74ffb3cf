using Churn.Compat.Tests.V1;
using Grpc.Core;
using Grpc.Net.Client;
using Grpc.Net.Client.Balancer;
using Grpc.Net.Client.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Churn.Compat.Tests;

public class ConnectivityTests(EchoServer server) : GrpcTest(server)
{
    [Fact]
    public async Task State_ConnectedThenDisposed_IsReadyThenShutdown()
    {
        var channel = Server.Channel();
        Assert.Equal(ConnectivityState.Idle, channel.State);
        await channel.ConnectAsync(Ct);
        Assert.Equal(ConnectivityState.Ready, channel.State);
        channel.Dispose();
        Assert.Equal(ConnectivityState.Shutdown, channel.State);
    }

    [Fact]
    public async Task RoundRobin_TwoServers_BothAnswer()
    {
        await using var second = await EchoServer.StartAsync();
        Uri[] addresses = [new(Server.Address), new(second.Address)];
        await using var services = new ServiceCollection()
            .AddSingleton<ResolverFactory>(new StaticResolverFactory(
                _ => addresses.Select(address => new BalancerAddress(address.Host, address.Port)).ToList()))
            .BuildServiceProvider();
        using var channel = GrpcChannel.ForAddress("static:///servers", new GrpcChannelOptions
        {
            Credentials = ChannelCredentials.Insecure,
            ServiceProvider = services,
            ServiceConfig = new() { LoadBalancingConfigs = { new RoundRobinConfig() } },
        });
        var client = new Echo.EchoClient(channel);
        var hosts = new HashSet<string>(StringComparer.Ordinal);

        // The second connection may come up later than the first call: ask until both have answered.
        while (hosts.Count < 2)
        {
            hosts.Add((await client.UnaryAsync(new EchoRequest(), cancellationToken: Ct)).Seen["host"]);
        }

        Assert.Equal(addresses.Select(address => address.Authority).ToHashSet(), hosts);
    }
}
