using Churn.Compat.Tests.V1;
using Grpc.Core;
using Grpc.Net.Client;

namespace Churn.Compat.Tests;

public class CredentialTests(EchoServer server) : GrpcTest(server)
{
    private static readonly CallCredentials Bearer = CallCredentials.FromInterceptor((context, metadata) =>
    {
        metadata.Add("authorization", $"Bearer {context.MethodName}");
        return Task.CompletedTask;
    });

    private static readonly CallCredentials Second = CallCredentials.FromInterceptor((_, metadata) =>
    {
        metadata.Add("x-second", "2");
        return Task.CompletedTask;
    });

    [Fact]
    public async Task CallCredentials_Composed_AreAllSent()
    {
        var client = Server.Client(options =>
        {
            options.UnsafeUseInsecureChannelCallCredentials = true;
            options.Credentials = ChannelCredentials.Insecure;
        });
        var reply = await client.UnaryAsync(
            new EchoRequest(), new CallOptions(credentials: CallCredentials.Compose(Bearer, Second), cancellationToken: Ct).WithWaitForReady());
        Assert.Equal("Bearer Unary", reply.Seen["authorization"]);
        Assert.Equal("2", reply.Seen["x-second"]);
    }

    [Fact]
    public async Task CallCredentials_WithoutTls_AreNotSent()
    {
        var reply = await Server.Client().UnaryAsync(new EchoRequest(), new CallOptions(credentials: Bearer, cancellationToken: Ct));
        Assert.False(reply.Seen.ContainsKey("authorization"));
    }

    [Fact]
    public async Task ChannelCredentials_WithCallCredentials_SendThemWithEachCall()
    {
        using var handler = new SocketsHttpHandler();
        handler.SslOptions.RemoteCertificateValidationCallback = (_, certificate, _, _) => Server.Certificate.Equals(certificate);
        using var channel = GrpcChannel.ForAddress(Server.TlsAddress, new GrpcChannelOptions
        {
            HttpHandler = handler,
            Credentials = ChannelCredentials.Create(ChannelCredentials.SecureSsl, Bearer),
        });
        Assert.Equal("Bearer Unary", (await new Echo.EchoClient(channel).UnaryAsync(new EchoRequest(), cancellationToken: Ct)).Seen["authorization"]);
    }

    [Fact]
    public void ForAddress_CallCredentialsOverAnInsecureChannel_IsRefused()
    {
        var credentials = ChannelCredentials.Create(ChannelCredentials.Insecure, Bearer);
        Assert.Throws<InvalidOperationException>(() => GrpcChannel.ForAddress(Server.Address, new GrpcChannelOptions { Credentials = credentials }));
    }

    [Fact]
    public void Compose_OneCredential_IsRefused() => Assert.Throws<ArgumentException>(() => CallCredentials.Compose(Bearer));

    [Fact]
    public void ForAddress_InsecureCredentialsWithHttps_IsRefused() => Assert.Throws<InvalidOperationException>(
        () => GrpcChannel.ForAddress("https://localhost", new GrpcChannelOptions { Credentials = ChannelCredentials.Insecure }));
}
