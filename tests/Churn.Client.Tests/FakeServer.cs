using System.Net;
using Churn.ServiceDefaults.Grpc;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Churn.Client.Tests;

/// <summary>A server of both services whose log is a list: what it got, and how it is to fail, is the test's to see and say.</summary>
public sealed class FakeServer : IAsyncDisposable
{
    private readonly WebApplication _app;

    private FakeServer(int port, FakeLog log)
    {
        Log = log;
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(options => options.Listen(IPAddress.Loopback, port, listen => listen.Protocols = HttpProtocols.Http2));
        builder.Services.AddSingleton(Log);
        builder.Services.AddSingleton(Reads);
        builder.Services.AddGrpcDefaults();
        _app = builder.Build();
        _app.MapGrpcService<FakeIngestionApi>();
        _app.MapGrpcService<FakeMetricsApi>();
    }

    public FakeLog Log { get; }

    public FakeReads Reads { get; } = new();

    public string Address => _app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();

    /// <summary>Starts a server; one on the port and log of another goes on where that one was stopped.</summary>
    public static async Task<FakeServer> StartAsync(int port = 0, FakeLog? log = null)
    {
        var server = new FakeServer(port, log ?? new FakeLog());
        await server._app.StartAsync();
        return server;
    }

    public int Port => new Uri(Address).Port;

    public ValueTask DisposeAsync() => _app.DisposeAsync();
}
