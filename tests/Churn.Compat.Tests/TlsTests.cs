using System.Security.Cryptography.X509Certificates;
using Churn.Compat.Tests.V1;
using Grpc.Core;
using Grpc.Net.Client;

namespace Churn.Compat.Tests;

public class TlsTests(EchoServer server) : GrpcTest(server)
{
    [Fact]
    public async Task Tls_TrustedCertificate_Answers()
    {
        using var handler = Trusting(Server.Certificate);
        using var channel = GrpcChannel.ForAddress(
            Server.TlsAddress, new GrpcChannelOptions { HttpHandler = handler, Credentials = ChannelCredentials.SecureSsl });
        Assert.Equal("tls", (await new Echo.EchoClient(channel).UnaryAsync(new EchoRequest { Text = "tls" }, cancellationToken: Ct)).Text);
    }

    internal static SocketsHttpHandler Trusting(X509Certificate2 certificate)
    {
        var handler = new SocketsHttpHandler();
        handler.SslOptions.CertificateChainPolicy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            CustomTrustStore = { certificate },
            RevocationMode = X509RevocationMode.NoCheck,
        };
        return handler;
    }

    [Fact]
    public async Task Tls_UnknownCertificate_IsUnavailable()
    {
        using var channel = GrpcChannel.ForAddress(Server.TlsAddress);
        var failure = await FailureAsync(new Echo.EchoClient(channel).UnaryAsync(new EchoRequest(), cancellationToken: Ct));
        Assert.True(failure.StatusCode is StatusCode.Unavailable or StatusCode.Internal, $"{failure.StatusCode}");
        Assert.Contains("certificate", $"{failure.InnerException}", StringComparison.OrdinalIgnoreCase);
    }
}
