using System.IO.Compression;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Churn.Compat.Tests;
using Churn.Compat.Tests.V1;
using Churn.ServiceDefaults.Access;
using Churn.ServiceDefaults.Grpc;
using Grpc.AspNetCore.Server;
using Grpc.Net.Client;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;

[assembly: AssemblyFixture(typeof(EchoServer))]

namespace Churn.Compat.Tests;

/// <summary>The stock gRPC server on Kestrel with free ports of this machine, one without and one with TLS.</summary>
public sealed class EchoServer : IAsyncLifetime
{
    public const int MaxReceiveMessageSize = 1 << 20;

    private readonly WebApplication _app;

    public EchoServer()
        : this(kestrel: true)
    {
    }

    private EchoServer(bool kestrel)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        if (kestrel)
        {
            builder.WebHost.ConfigureKestrel(options =>
            {
                options.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http2);
                options.Listen(IPAddress.Loopback, 0, listen => listen.UseHttps(Certificate).Protocols = HttpProtocols.Http2);
            });
            builder.WebHost.UseKestrelHttpsConfiguration();
        }
        else
        {
            builder.WebHost.UseTestServer();
        }

        builder.Services.AddSingleton(State);
        builder.Services.AddSingleton(new AccessOptions { OpenServices = [.. new AccessOptions().OpenServices, Echo.Descriptor.FullName] });
        builder.Services.AddGrpcDefaults();
        builder.Services.Configure<GrpcServiceOptions>(options =>
        {
            options.MaxReceiveMessageSize = MaxReceiveMessageSize;
            options.ResponseCompressionAlgorithm = "gzip";
            options.ResponseCompressionLevel = CompressionLevel.Fastest;

            // What the echo throws goes over the wire as it is: the wire is what is tested here.
            options.Interceptors.Remove(options.Interceptors.Single(interceptor => interceptor.Type.Name == "FaultInterceptor"));
            options.Interceptors.Add<MarkingInterceptor>();
        });
        builder.Services.AddHealthChecks()
            .AddCheck("process", () => Result(State.Live), [HealthTags.Live])
            .AddCheck("store", () => Result(State.Ready), [HealthTags.Ready])
            .AddCheck("nobody asks", () => HealthCheckResult.Unhealthy());
        _app = builder.Build();
        _app.MapGrpcService<EchoApi>();
        _app.MapGrpcDefaults();
    }

    public EchoState State { get; } = new();

    public IServiceProvider Services => _app.Services;

    public X509Certificate2 Certificate { get; } = NewCertificate();

    public string Address => AddressOf("http://");

    public string TlsAddress => AddressOf("https://");

    /// <summary>The one place where a test takes the time: gRPC deadlines are points in real time.</summary>
    public static DateTime In(TimeSpan time) => (TimeProvider.System.GetUtcNow() + time).UtcDateTime;

    public static async Task<EchoServer> StartAsync(bool kestrel = true)
    {
        var server = new EchoServer(kestrel);
        await server.InitializeAsync();
        return server;
    }

    public async ValueTask InitializeAsync() => await _app.StartAsync();

    public Task StopAsync() => _app.StopAsync();

    public GrpcChannel Channel(Action<GrpcChannelOptions>? configure = null)
    {
        var options = new GrpcChannelOptions();
        configure?.Invoke(options);
        return GrpcChannel.ForAddress(Address, options);
    }

    public Echo.EchoClient Client(Action<GrpcChannelOptions>? configure = null) => new(Channel(configure));

    public HttpMessageHandler InMemoryHandler() =>
        _app.GetTestServer().CreateHandler();

    /// <summary>Runs all checks and publishes their report, as the framework does every half minute.</summary>
    public async Task PublishHealthAsync()
    {
        var report = await Services.GetRequiredService<HealthCheckService>().CheckHealthAsync();
        foreach (var publisher in Services.GetServices<IHealthCheckPublisher>())
        {
            await publisher.PublishAsync(report, CancellationToken.None);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        Certificate.Dispose();
    }

    private static HealthCheckResult Result(bool healthy) => healthy ? HealthCheckResult.Healthy() : HealthCheckResult.Unhealthy();

    private static X509Certificate2 NewCertificate()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: false, 0, critical: true));
        var now = TimeProvider.System.GetUtcNow();
        return request.CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
    }

    private string AddressOf(string scheme) => Services.GetRequiredService<IServer>().Features
        .Get<IServerAddressesFeature>()!.Addresses.Single(address => address.StartsWith(scheme, StringComparison.Ordinal));
}
