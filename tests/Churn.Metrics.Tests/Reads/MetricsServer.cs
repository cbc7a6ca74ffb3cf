using Churn.Metrics.Reads;
using Churn.Metrics.Tests.Consumers;
using Churn.ServiceDefaults.Grpc;
using Churn.ServiceDefaults.Streams;
using Grpc.Net.Client;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;

namespace Churn.Metrics.Tests.Reads;

/// <summary>Serves the metrics over gRPC from a desk's books.</summary>
internal sealed class MetricsServer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly GrpcChannel _channel;

    private MetricsServer(Desk desk, FakeProgress progress, WebApplication app)
    {
        (Desk, Progress, _app) = (desk, progress, app);
        _channel = GrpcChannel.ForAddress("http://localhost", new GrpcChannelOptions { HttpHandler = app.GetTestServer().CreateHandler(), MaxReceiveMessageSize = null });
        Client = new V1.MetricsService.MetricsServiceClient(_channel);
        Signals = new V1.SignalService.SignalServiceClient(_channel);
    }

    public Desk Desk { get; }

    public FakeProgress Progress { get; }

    public V1.MetricsService.MetricsServiceClient Client { get; }

    public V1.SignalService.SignalServiceClient Signals { get; }

    public static async Task<MetricsServer> StartAsync(Desk? opened = null)
    {
        var desk = opened ?? await new Desk().OpenAsync();
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseTestServer();
        builder.Services.AddGrpcDefaults();
        var progress = new FakeProgress();
        builder.Services.AddSingleton<TimeProvider>(desk.Clock);
        builder.Services.AddSingleton(desk.Shelf);
        builder.Services.AddSingleton(desk.Store);
        builder.Services.AddSingleton<ILedgerProgress>(progress);
        builder.Services.AddSingleton<Reader>();
        builder.Services.AddSingleton<MetricsApi>();
        builder.Services.AddSingleton<SignalApi>();
        var app = builder.Build();
        app.MapGrpcService<MetricsApi>();
        app.MapGrpcService<SignalApi>();
        await app.StartAsync(TestContext.Current.CancellationToken);
        return new MetricsServer(desk, progress, app);
    }

    public async ValueTask DisposeAsync()
    {
        _channel.Dispose();
        await _app.DisposeAsync();
        Desk.Dispose();
    }
}

/// <summary>Stands in for the consumer: everything is applied, unless a test says otherwise.</summary>
internal sealed class FakeProgress : ILedgerProgress
{
    private TaskCompletionSource _next = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public bool IsReady { get; set; } = true;

    public long Lag { get; set; }

    public long Watermark { get; set; } = 1_700_000_000_000_000;

    public long Quarantined { get; set; }

    public Task Applied { get; set; } = Task.CompletedTask;

    public Task NextChange => _next.Task;

    public void Change() => Interlocked.Exchange(ref _next, new(TaskCreationOptions.RunContinuationsAsynchronously)).SetResult();

    public Task WaitAppliedAsync(string token, CancellationToken cancellationToken)
    {
        _ = ConsistencyToken.Parse(token);
        return Applied.WaitAsync(cancellationToken);
    }
}
