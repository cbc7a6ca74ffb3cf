using Churn.Client.Facts;
using Churn.Client.Session;
using Churn.Ingestion.V1;
using Churn.Metrics.V1;
using Grpc.Core;
using Grpc.Core.Interceptors;
using Grpc.Net.Client;
using Grpc.Net.Client.Configuration;

namespace Churn.Client;

/// <summary>Calls a Churn server: one channel, retries while it is away, deadlines, and reads that hold what was written.</summary>
/// <remarks>
/// One client serves a whole process, any number of calls at once. <see cref="Ingestion"/> and <see cref="Metrics"/> have every call
/// of the protos; <see cref="StreamFacts"/> is how many facts get in fast.
/// </remarks>
public sealed class ChurnClient : IDisposable
{
    /// <summary>Gives the largest answer that is taken, in bytes: a page of 10,000 facts with long notes.</summary>
    private const int LargestAnswer = 64 * 1024 * 1024;

    private static readonly TimeSpan LongestBackoff = TimeSpan.FromSeconds(2);

    private readonly ChurnClientOptions _options;
    private readonly GrpcChannel _channel;
    private readonly CallInvoker _calls;
    private readonly WrittenSoFar _written = new();

    /// <summary>Makes a client; it connects with its first call.</summary>
    /// <param name="address">Where the server is, for example "http://127.0.0.1:8080".</param>
    /// <param name="options">How to call it; the defaults where left out.</param>
    /// <exception cref="ArgumentException">The address is none, or an option is out of its range.</exception>
    public ChurnClient(string address, ChurnClientOptions? options = null)
    {
        _options = options ?? new ChurnClientOptions();
        if (!Uri.TryCreate(address, UriKind.Absolute, out var uri) || uri.Scheme is not ("http" or "https") || uri.Host.Length == 0)
        {
            throw new ArgumentException($"'{address}' is not an address such as http://127.0.0.1:8080.", nameof(address));
        }

        if (_options.MostAttempts is < 1 or > 5)
        {
            throw new ArgumentException("MostAttempts is 1 to 5.", nameof(options));
        }

        Address = uri;
        _channel = GrpcChannel.ForAddress(uri, new GrpcChannelOptions
        {
            HttpHandler = _options.Handler ?? NewHandler(uri, _options),
            DisposeHttpClient = _options.Handler is null,
            MaxReceiveMessageSize = LargestAnswer,
            ServiceConfig = Config(_options),
        });
        _calls = _options.Key is { } key ? _channel.Intercept(metadata => With(metadata, key)) : _channel.CreateCallInvoker();
        var calls = _calls.Intercept(new SessionInterceptor(_written, _options));
        Ingestion = new IngestionService.IngestionServiceClient(calls);
        Metrics = new MetricsService.MetricsServiceClient(calls);
    }

    /// <summary>Gives where the server is.</summary>
    public Uri Address { get; }

    /// <summary>Gives the calls that record and list facts.</summary>
    public IngestionService.IngestionServiceClient Ingestion { get; }

    /// <summary>Gives the calls that read figures; what this client has written is in them.</summary>
    public MetricsService.MetricsServiceClient Metrics { get; }

    /// <summary>Gives the token of all that this client has written; empty while it has written nothing.</summary>
    /// <remarks>Another process reads these writes too once it gives the token to its reads, or to <see cref="Remember"/>.</remarks>
    public string ConsistencyToken => _written.Token;

    /// <summary>Remembers a token that another client got, so that reads hold its writes too.</summary>
    public void Remember(string consistencyToken) => _written.Add(consistencyToken);

    /// <summary>Opens a stream that takes facts as fast as both sides can, and survives a break of the connection.</summary>
    /// <param name="options">How it batches, waits and tells; the defaults where left out.</param>
    public FactWriter StreamFacts(FactWriterOptions? options = null) =>
        new(_calls, options ?? new FactWriterOptions(), _options.TimeProvider, _written.Add);

    /// <summary>Lists facts page by page; the request's own page token is where it begins.</summary>
    /// <param name="request">Which facts; its page size holds.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async IAsyncEnumerable<IReadOnlyList<Fact>> ListFactsAsync(
        ListFactsRequest request, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        var next = request.Clone();
        do
        {
            var page = await Ingestion.ListFactsAsync(next, cancellationToken: cancellationToken);
            yield return page.Facts;
            next.PageToken = page.NextPageToken;
        }
        while (next.PageToken.Length > 0);
    }

    /// <summary>Closes the connection; calls that run fail.</summary>
    public void Dispose() => _channel.Dispose();

    // The caller's own metadata stay as they are: they may be sent again.
    private static Metadata With(Metadata metadata, string key)
    {
        var all = new Metadata { { "authorization", "Bearer " + key } };
        foreach (var entry in metadata)
        {
            all.Add(entry);
        }

        return all;
    }

    private static SocketsHttpHandler NewHandler(Uri address, ChurnClientOptions options) => new()
    {
        SslOptions = options.Ssl ?? new(),
        // A proxy knows another machine under the name of this one.
        UseProxy = !address.IsLoopback,
        EnableMultipleHttp2Connections = true,
        ConnectTimeout = TimeSpan.FromSeconds(5),
        PooledConnectionIdleTimeout = Timeout.InfiniteTimeSpan,
        // A peer that is gone without a word is noticed by the ping it does not answer.
        KeepAlivePingDelay = TimeSpan.FromSeconds(20),
        KeepAlivePingTimeout = TimeSpan.FromSeconds(10),
        KeepAlivePingPolicy = HttpKeepAlivePingPolicy.WithActiveRequests,
    };

    private static ServiceConfig Config(ChurnClientOptions options)
    {
        var config = new ServiceConfig();
        if (options.MostAttempts > 1)
        {
            config.MethodConfigs.Add(new MethodConfig
            {
                Names = { MethodName.Default },
                RetryPolicy = new RetryPolicy
                {
                    MaxAttempts = options.MostAttempts,
                    InitialBackoff = options.FirstBackoff,
                    MaxBackoff = LongestBackoff,
                    BackoffMultiplier = 2,
                    RetryableStatusCodes = { StatusCode.Unavailable },
                },
            });
        }

        // A stream of facts sends again by itself, from where the server has decided; a retry would keep all of it in memory.
        config.MethodConfigs.Add(new MethodConfig
        {
            Names = { new MethodName { Service = FactWriter.Method.ServiceName, Method = FactWriter.Method.Name } },
        });
        return config;
    }
}
