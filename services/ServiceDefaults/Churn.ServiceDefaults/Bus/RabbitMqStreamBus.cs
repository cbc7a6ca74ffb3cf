using System.Globalization;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Churn.Contracts;
using Churn.Streams.V1;
using Google.Protobuf;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using RabbitMQ.Client;

namespace Churn.ServiceDefaults.Bus;

/// <summary>
/// Carries news over RabbitMQ: a direct exchange a stream, whose routing key is the shard; a listener's queue is its own, holds no more than
/// the latest, and goes with it.
/// </summary>
/// <remarks>A broker that is absent, dead, frozen or empty costs a publisher no more than <see cref="Patience"/>, and a listener its news alone.</remarks>
internal sealed partial class RabbitMqStreamBus(IBus bus, TimeProvider clock, ILogger<RabbitMqStreamBus> logger) : IStreamBus
{
    /// <summary>Gives how long a publisher waits for the broker, and a listener for its queue.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    private const int MostMessages = 10_000;
    private const int MostBytes = 64 << 20;

    private int _warned;
    private long _dropped;

    /// <summary>Gives how many messages came that were no news, or that nobody here can read.</summary>
    public long Dropped => Interlocked.Read(ref _dropped);

    /// <summary>Registers it in the place of the transport in memory.</summary>
    public static void Configure(IBusRegistrationConfigurator bus, RabbitMqOptions options)
    {
        bus.ConfigureHealthCheckOptions(health =>
        {
            // Consumers ask the log while there is no broker: calls are as right as ever.
            health.MinimalFailureStatus = Microsoft.Extensions.Diagnostics.HealthChecks.HealthStatus.Degraded;
            health.Tags.Clear();
        });
        bus.Configure<MassTransitHostOptions>(host => (host.WaitUntilStarted, host.StopTimeout) = (false, Patience));
        bus.UsingRabbitMq((_, transport) =>
        {
            transport.Host(options.Nodes[0].Host, (ushort)options.Nodes[0].Port, options.VirtualHost, host => Configure(host, options));
            transport.ClearSerialization();
            transport.AddSerializer(new NewsFormat());
            transport.AddDeserializer(new NewsFormat(), isDefault: true);
        });
    }

    public async Task PublishAsync(StreamNews news, CancellationToken cancellationToken)
    {
        using var patience = new CancellationTokenSource(Patience, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
        try
        {
            var exchange = await bus.GetSendEndpoint(new Uri($"exchange:{ExchangeOf(news.Stream)}?type={ExchangeType.Direct}")).WaitAsync(either.Token);
            await exchange.Send(
                new NewsBytes(news.Page, NewsFormat.Name),
                context =>
                {
                    context.SetRoutingKey(KeyOf(news.Shard));
                    context.Durable = false;
                },
                either.Token).WaitAsync(either.Token);
        }
        catch (OperationCanceledException exception) when (!cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException($"RabbitMQ has not taken news of \"{news.Stream}\" for {Patience.TotalSeconds} s.", exception);
        }
    }

    public async Task<IAsyncDisposable> ListenAsync(string stream, IReadOnlyCollection<int> shards, Action<StreamNews> heard, CancellationToken cancellationToken)
    {
        var wanted = shards.ToHashSet();
        var endpoint = bus.ConnectReceiveEndpoint(new TemporaryEndpointDefinition(ExchangeOf(stream), concurrentMessageLimit: 1), configureEndpoint: configuration =>
        {
            configuration.ConfigureConsumeTopology = false;
            configuration.PublishFaults = false;
            configuration.PrefetchCount = 64;

            // Nothing is kept that was not understood: the log has it.
            configuration.DiscardFaultedMessages();
            configuration.DiscardSkippedMessages();
            var queue = (IRabbitMqReceiveEndpointConfigurator)configuration;

            // Exclusive: it is gone with the connection, whatever node it was on; brokers are about to refuse temporary queues that are not.
            // MassTransit lets the broker delete it when nobody has listened for a while.
            (queue.Durable, queue.AutoDelete, queue.Exclusive, queue.QueueExpiration) = (false, true, true, TimeSpan.FromSeconds(10));
            queue.SetQueueArgument("x-max-length", MostMessages);
            queue.SetQueueArgument("x-max-length-bytes", MostBytes);
            queue.SetQueueArgument("x-overflow", "drop-head");
            foreach (var shard in wanted)
            {
                queue.Bind(ExchangeOf(stream), binding => (binding.ExchangeType, binding.Durable, binding.AutoDelete, binding.RoutingKey) = (ExchangeType.Direct, true, false, KeyOf(shard)));
            }

            configuration.Handler<NewsBytes>(context =>
            {
                Take(context.Message, stream, wanted, heard);
                return Task.CompletedTask;
            });
        });

        // Whoever listens asks the log next; only what is said before that would be missed, and is said again every second.
        await Task.WhenAny(endpoint.Ready, Task.Delay(Patience, clock, cancellationToken));
        cancellationToken.ThrowIfCancellationRequested();
        return new Listening(endpoint, clock);
    }

    private static string ExchangeOf(string stream) => $"churn.{stream}";

    private static string KeyOf(int shard) => shard.ToString(CultureInfo.InvariantCulture);

    private static void Configure(IRabbitMqHostConfigurator host, RabbitMqOptions options)
    {
        host.Username(options.User);
        host.Password(options.Password);
        host.ConnectionName("churn");
        host.PublisherConfirmation = false;
        host.Heartbeat(TimeSpan.FromSeconds(5));
        host.RequestedConnectionTimeout(TimeSpan.FromSeconds(5));
        host.ContinuationTimeout(TimeSpan.FromSeconds(5));
        if (options.Nodes.Count > 1)
        {
            host.UseCluster(cluster =>
            {
                foreach (var (name, port) in options.Nodes)
                {
                    cluster.Node(string.Create(CultureInfo.InvariantCulture, $"{name}:{port}"));
                }
            });
        }

        if (options.Tls)
        {
            host.UseSsl(tls =>
            {
                // The system's choice of protocols; whatever is wrong with the certificate counts.
                tls.Protocol = System.Security.Authentication.SslProtocols.None;
                tls.ServerName = options.Nodes[0].Host;
                tls.EnforcePolicyErrors(SslPolicyErrors.RemoteCertificateNotAvailable | SslPolicyErrors.RemoteCertificateNameMismatch | SslPolicyErrors.RemoteCertificateChainErrors);
                if (options.AuthorityFile is { } file)
                {
                    tls.CertificateValidationCallback = (_, certificate, _, errors) => IsSignedBy(file, certificate as X509Certificate2, errors);
                }
            });
        }
    }

    private static bool IsSignedBy(string file, X509Certificate2? certificate, SslPolicyErrors errors)
    {
        if (certificate is null || (errors & ~SslPolicyErrors.RemoteCertificateChainErrors) != SslPolicyErrors.None)
        {
            return false;
        }

        using var chain = new X509Chain();
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.ImportFromPemFile(file);
        return chain.Build(certificate);
    }

    private void Take(NewsBytes news, string stream, HashSet<int> wanted, Action<StreamNews> heard)
    {
        Head? head = null;
        if (news.ContentType == NewsFormat.Name)
        {
            try
            {
                head = ReadStreamResponse.Parser.ParseFrom(news.Bytes).Head;
            }
            catch (InvalidProtocolBufferException)
            {
                // Cut, or somebody else's.
            }
        }

        if (head is not null && wanted.Contains(head.Shard))
        {
            heard(new StreamNews(stream, head.Shard, news.Bytes));
            return;
        }

        Interlocked.Increment(ref _dropped);
        if (Interlocked.Exchange(ref _warned, 1) == 0)
        {
            LogForeign(ExchangeOf(stream), news.Bytes.Length, news.ContentType);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message =
        "A message on the exchange {Exchange} ({Length} bytes of \"{ContentType}\") is no news that this version reads: it is dropped, and so are others without a word. Nothing is lost: the log is asked.")]
    private partial void LogForeign(string exchange, int length, string? contentType);

    private sealed class Listening(HostReceiveEndpointHandle endpoint, TimeProvider clock) : IAsyncDisposable
    {
        // A broker that does not answer must not hold up who gives up its shards: the queue goes with the connection.
        public async ValueTask DisposeAsync()
        {
            using var patience = new CancellationTokenSource(Patience, clock);
            await endpoint.StopAsync(patience.Token).WaitAsync(patience.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
