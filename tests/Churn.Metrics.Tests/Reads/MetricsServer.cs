using Churn.Metrics.Owners;
using Churn.Metrics.Reads;
using Churn.Metrics.Sums;
using Churn.Metrics.Tests.Consumers;
using Churn.ServiceDefaults.Grpc;
using Grpc.Net.Client;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Churn.Metrics.Tests.Reads;

/// <summary>Serves the metrics over gRPC from a desk's books.</summary>
internal sealed class MetricsServer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly GrpcChannel _channel;

    private MetricsServer(Desk desk, WebApplication app)
    {
        (Desk, _app) = (desk, app);
        _channel = GrpcChannel.ForAddress("http://localhost", new GrpcChannelOptions { HttpHandler = Handler(), MaxReceiveMessageSize = null });
        Client = new V1.MetricsService.MetricsServiceClient(_channel);
        Signals = new V1.SignalService.SignalServiceClient(_channel);
        Ledger = new V1.LedgerService.LedgerServiceClient(_channel);
    }

    public Desk Desk { get; }

    public DeskProgress Progress => Desk.Progress;

    public V1.MetricsService.MetricsServiceClient Client { get; }

    public V1.SignalService.SignalServiceClient Signals { get; }

    public V1.LedgerService.LedgerServiceClient Ledger { get; }

    public IServiceProvider Services => _app.Services;

    /// <summary>Gives what carries calls to it.</summary>
    public HttpMessageHandler Handler() => _app.GetTestServer().CreateHandler();

    /// <summary>Starts it.</summary>
    /// <param name="opened">The desk; one that holds all shards by default, without a fact.</param>
    /// <param name="others">Gives what carries calls to another owner.</param>
    /// <param name="hot">The Redis; none by default.</param>
    public static async Task<MetricsServer> StartAsync(Desk? opened = null, Func<Uri, HttpMessageHandler>? others = null, HotStore? hot = null)
    {
        var desk = opened ?? await new Desk().OpenAsync();
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddRouting();
        builder.WebHost.UseTestServer();
        builder.Services.AddGrpcDefaults();
        builder.Services.AddSingleton<TimeProvider>(desk.Clock);
        builder.Services.AddSingleton(desk.Shelf);
        builder.Services.AddSingleton(desk.Shelf.Vocabulary);
        builder.Services.AddSingleton(desk.Store);
        builder.Services.AddSingleton<ILedgerProgress>(desk.Progress);
        builder.Services.AddSingleton<OwnLedger>();
        builder.Services.AddSingleton(new AddressBook(desk.Leases, desk.Clock));
        builder.Services.AddSingleton(_ => new OwnerChannels(others ?? (_ => throw new InvalidOperationException("Nobody else is called.")), signed: null));
        builder.Services.AddSingleton(provider => ActivatorUtilities.CreateInstance<LedgerOwners>(provider, desk.Name));
        builder.Services.AddSingleton(provider => ActivatorUtilities.CreateInstance<OwnerFollower>(provider, desk.Name));
        builder.Services.AddSingleton<IHostedService>(provider => provider.GetRequiredService<OwnerFollower>());
        builder.Services.AddSingleton(desk.Fields);
        builder.Services.AddSingleton(provider => new HotReader(hot, provider.GetRequiredService<OwnerFollower>(), desk.Shelf.Vocabulary, desk.Clock));
        builder.Services.AddSingleton<OwnerNews>();
        builder.Services.AddSingleton<Reader>();
        builder.Services.AddSingleton<MetricsApi>();
        builder.Services.AddSingleton<SignalApi>();
        builder.Services.AddSingleton<LedgerApi>();
        var app = builder.Build();
        app.MapGrpcService<MetricsApi>();
        app.MapGrpcService<SignalApi>();
        app.MapGrpcService<LedgerApi>();
        await app.StartAsync(TestContext.Current.CancellationToken);
        return new MetricsServer(desk, app);
    }

    public async ValueTask DisposeAsync()
    {
        _channel.Dispose();
        await _app.DisposeAsync();
        Desk.Dispose();
    }
}
