using Churn.Cli.Report;
using Churn.ServiceDefaults.Access;
using Churn.ServiceDefaults.Grpc;
using Grpc.Core;
using Grpc.Core.Interceptors;
using Grpc.Net.Client;

namespace Churn.Suite.Calls;

/// <summary>Holds what a command needs for asking a server and for showing its answers.</summary>
internal sealed class Call : IDisposable
{
    /// <summary>Is the longest that an answer may take; one that waits for a consistency token takes at most half of it.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(2);

    private readonly GrpcChannel _channel;
    private readonly TimeProvider _time;

    public Call(string command, ServerAccess server, ReportFormat format, ReportStreams streams, TimeProvider time, CancellationToken stop)
    {
        (Command, Address, Format, Streams, _time, Stop) = (command, server.Address, format, streams, time, stop);
        _channel = GrpcChannel.ForAddress(server.Address, new GrpcChannelOptions
        {
            // An overview of many segments is one large message.
            MaxReceiveMessageSize = null,
            HttpHandler = new SocketsHttpHandler
            {
                EnableMultipleHttp2Connections = true,
                ConnectTimeout = TimeSpan.FromSeconds(10),

                // A proxy knows another machine under the name of this one.
                UseProxy = !server.Address.IsLoopback,
                SslOptions = server.Tls?.Options() ?? new(),
            },
            DisposeHttpClient = true,
        });
        CallInvoker calls = _channel.CreateCallInvoker();
        calls = server.Key is { } key ? calls.Intercept(metadata => With(metadata, key)) : calls;
        Client = new Churn.Metrics.V1.MetricsService.MetricsServiceClient(calls);
        Facts = new Churn.Ingestion.V1.IngestionService.IngestionServiceClient(calls);
        Playbooks = new Churn.Playbooks.V1.PlaybooksService.PlaybooksServiceClient(calls);
        Admin = new Churn.Admin.V1.AdminService.AdminServiceClient(calls);
        Messages = new Churn.Notifications.V1.NotificationsService.NotificationsServiceClient(calls);
    }

    /// <summary>Gives the command as the user typed it, without its options: "churn metrics".</summary>
    public string Command { get; }

    /// <summary>Gives the server's address.</summary>
    public Uri Address { get; }

    /// <summary>Gives the server's address as it is shown.</summary>
    public string AddressText => Address.GetLeftPart(UriPartial.Authority);

    public Churn.Metrics.V1.MetricsService.MetricsServiceClient Client { get; }

    public Churn.Ingestion.V1.IngestionService.IngestionServiceClient Facts { get; }

    public Churn.Playbooks.V1.PlaybooksService.PlaybooksServiceClient Playbooks { get; }

    public Churn.Notifications.V1.NotificationsService.NotificationsServiceClient Messages { get; }

    public Churn.Admin.V1.AdminService.AdminServiceClient Admin { get; private set; }

    /// <summary>Gives the options of a read of figures that the user chose.</summary>
    public Churn.Metrics.V1.ReadOptions Read { get; init; } = new();

    public ReportFormat Format { get; }

    public ReportStreams Streams { get; }

    /// <summary>Gives the clock's time, to the second.</summary>
    public DateTimeOffset Now => DateTimeOffset.FromUnixTimeSeconds(_time.GetUtcNow().ToUnixTimeSeconds());

    /// <summary>Is cancelled when the user wants no more.</summary>
    public CancellationToken Stop { get; }

    /// <summary>Works on a store itself, and asks no server; null goes on asking.</summary>
    public void WorkOn(LocalStore? store) => Admin = store is null ? Admin : new Churn.Admin.V1.AdminService.AdminServiceClient(store.Calls);

    /// <summary>Writes one line to standard error.</summary>
    public void Tell(string message) => Streams.Error.WriteLine($"{Command}: {message}");

    /// <summary>Waits for one answer, also while the server is still reading its ledger.</summary>
    public async Task<T> AskAsync<T>(Func<CallOptions, AsyncUnaryCall<T>> ask)
    {
        var end = _time.GetUtcNow() + Patience;
        for (var isFirst = true; ; isFirst = false)
        {
            try
            {
                using var asked = ask(new CallOptions(deadline: end.UtcDateTime, cancellationToken: Stop));
                return await asked;
            }
            catch (RpcException e) when (PauseOf(e) is { } pause && _time.GetUtcNow() + pause < end)
            {
                if (isFirst)
                {
                    Tell($"{Failures.Sentence(e)}; waiting ...");
                }

                await PauseAsync(pause);
            }
        }
    }

    /// <summary>Waits.</summary>
    public Task PauseAsync(TimeSpan pause) => Task.Delay(pause, _time, Stop);

    public void Dispose() => _channel.Dispose();

    private static Metadata With(Metadata metadata, string key)
    {
        metadata.Add(AccessHeaders.Authorization, AccessHeaders.Bearer + key);
        return metadata;
    }

    // How long the server asks to wait, where waiting helps.
    private static TimeSpan? PauseOf(RpcException e)
    {
        if (e.StatusCode != StatusCode.Unavailable
            || e.ToRichStatus()?.Details.FirstOrDefault(d => d.Is(Google.Rpc.RetryInfo.Descriptor)) is not { } detail)
        {
            return null;
        }

        var pause = detail.Unpack<Google.Rpc.RetryInfo>().RetryDelay?.ToTimeSpan() ?? LongestPause;
        return pause < LongestPause ? pause : LongestPause;
    }
}

/// <summary>Says that a server's answer cannot be used.</summary>
internal sealed class AnswerException(string message) : Exception(message);
