using System.Globalization;
using Churn.Ingestion.V1;
using Churn.Metrics.V1;
using Churn.Notifications.V1;
using Churn.Playbooks.V1;
using Churn.TestServers;
using Grpc.Net.Client;

namespace Churn.SystemTests.Apart;

/// <summary>Runs one service as a process of its own, which keeps its ports over restarts.</summary>
internal sealed class Replica : IAsyncDisposable
{
    private static readonly HttpClient Probes = new();

    private readonly GrpcChannel _channel;
    private readonly int _http;

    private Replica(string name, ProgramServer server, int grpc, int http)
    {
        (Name, Server, _http) = (name, server, http);
        Address = AddressOf(grpc);
        _channel = GrpcChannel.ForAddress(Address, new GrpcChannelOptions { MaxReceiveMessageSize = null });
        Ingestion = new IngestionService.IngestionServiceClient(_channel);
        Metrics = new MetricsService.MetricsServiceClient(_channel);
        Playbooks = new PlaybooksService.PlaybooksServiceClient(_channel);
        Notifications = new NotificationsService.NotificationsServiceClient(_channel);
    }

    public string Name { get; }

    /// <summary>Gives where it is called.</summary>
    public string Address { get; }

    /// <summary>Gives another one of two.</summary>
    public Replica Other(IReadOnlyList<Replica> all) => all.First(replica => replica != this);

    public ProgramServer Server { get; }

    public IngestionService.IngestionServiceClient Ingestion { get; }

    public MetricsService.MetricsServiceClient Metrics { get; }

    public PlaybooksService.PlaybooksServiceClient Playbooks { get; }

    public NotificationsService.NotificationsServiceClient Notifications { get; }

    public static string AddressOf(int grpc) => string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{grpc}");

    /// <summary>Starts a service on a port.</summary>
    public static async Task<Replica> StartAsync(string name, string service, int grpc, IEnumerable<string> options, CancellationToken cancellationToken)
    {
        var http = FreePorts.Next();
        var server = await ProgramServer.StartAsync(
            name,
            [
                "env", "CHURN_OPEN=true", "dotnet", "exec", Path.Combine(AppContext.BaseDirectory, "Churn.Suite.dll"), "serve", "--services", service,
                "--listen", string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{grpc}"), "--http", string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{http}"),
                .. options,
            ],
            "gRPC on ",
            cancellationToken);
        return new Replica(name, server, grpc, http);
    }

    /// <summary>Says whether it wants calls.</summary>
    public async Task<bool> IsReadyAsync(CancellationToken cancellationToken)
    {
        try
        {
            using var response = await Probes.GetAsync(new Uri($"{AddressOf(_http)}/readyz"), cancellationToken);
            return response.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    public async ValueTask DisposeAsync()
    {
        _channel.Dispose();
        await Server.DisposeAsync();
    }
}
