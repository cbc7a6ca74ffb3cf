using System.Net;
using Churn.Ingestion.Storage;
using Churn.Ingestion.V1;
using Churn.ServiceDefaults.Grpc;
using Grpc.Net.Client;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace Churn.Ingestion.Tests;

/// <summary>Ingestion as it is served: Kestrel without TLS on a free port, and a database in a folder of its own.</summary>
public sealed class IngestionServer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly GrpcChannel _channel;
    private readonly DirectoryInfo? _folder;

    private IngestionServer(WebApplication app, FakeTimeProvider clock, DirectoryInfo? folder, SemaphoreSlim ended)
    {
        Ended = ended;
        _app = app;
        _folder = folder;
        Clock = clock;
        Address = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();
        _channel = GrpcChannel.ForAddress(Address);
        Client = new IngestionService.IngestionServiceClient(_channel);
    }

    public FakeTimeProvider Clock { get; }

    public string Address { get; }

    public IngestionService.IngestionServiceClient Client { get; }

    /// <summary>Is released once for each call that the server has ended, whether the client knows or not.</summary>
    public SemaphoreSlim Ended { get; }

    public GrpcChannel Channel => _channel;

    internal FactsStore Store => _app.Services.GetRequiredService<FactsStore>();

    /// <summary>Starts a server; one without a folder gets one that is deleted with it.</summary>
    public static async Task<IngestionServer> StartAsync(string? folder = null)
    {
        var own = folder is null ? Directory.CreateTempSubdirectory("churn-ingestion-") : null;
        var clock = new FakeTimeProvider(Sample.Now);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http2));
        builder.Services.AddSingleton<TimeProvider>(clock);
        builder.Services.AddIngestion(new IngestionOptions { DataFolder = folder ?? own!.FullName });
        var app = builder.Build();
        var ended = new SemaphoreSlim(0);
        app.Use(async (_, next) =>
        {
            await next();
            ended.Release();
        });
        app.MapIngestion();
        app.MapGrpcDefaults();
        await app.StartAsync(TestContext.Current.CancellationToken);
        return new IngestionServer(app, clock, own, ended);
    }

    public async Task<RecordFactsResponse> RecordAsync(params IEnumerable<Fact> facts) =>
        await Client.RecordFactsAsync(new RecordFactsRequest { Facts = { facts } }, cancellationToken: TestContext.Current.CancellationToken);

    /// <summary>Gives all facts in the order of the log.</summary>
    public async Task<IReadOnlyList<Fact>> ListAsync(ListFactsRequest? request = null)
    {
        var next = request?.Clone() ?? new ListFactsRequest { PageSize = 10_000 };
        var facts = new List<Fact>();
        do
        {
            var page = await Client.ListFactsAsync(next, cancellationToken: TestContext.Current.CancellationToken);
            facts.AddRange(page.Facts);
            next.PageToken = page.NextPageToken;
        }
        while (next.PageToken.Length > 0);
        return facts;
    }

    public Task StopAsync() => _app.StopAsync(TestContext.Current.CancellationToken);

    public async ValueTask DisposeAsync()
    {
        _channel.Dispose();
        await _app.DisposeAsync();
        Ended.Dispose();
        _folder?.Delete(recursive: true);
    }
}

/// <summary>The server that the tests of a class share.</summary>
public sealed class SharedServer : IAsyncLifetime
{
    public IngestionServer It { get; private set; } = null!;

    public async ValueTask InitializeAsync() => It = await IngestionServer.StartAsync();

    public ValueTask DisposeAsync() => It.DisposeAsync();
}
