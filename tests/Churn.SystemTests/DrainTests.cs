using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Churn.Ingestion.V1;
using Churn.Metrics.V1;
using Churn.Notifications.V1;
using Google.Protobuf.WellKnownTypes;
using Google.Rpc;
using Grpc.Core;
using Grpc.Health.V1;
using Grpc.Net.Client;
using Grpc.Net.Client.Balancer;
using Grpc.Net.Client.Configuration;
using Microsoft.Extensions.DependencyInjection;
using static Grpc.Health.V1.HealthCheckResponse.Types;
using Price = Churn.Ingestion.V1.Price;
using Task = System.Threading.Tasks.Task;

namespace Churn.SystemTests;

/// <summary>How a server ends, and how connections do: nothing is cut off.</summary>
public sealed class DrainTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Terminate_OneOfTwoUnderLoad_FailsNoCallAndLosesNothingAcknowledged()
    {
        using var folders = new TemporaryFolder();
        string[] options = ["--grace", "1s"];
        using var stays = await Server.StartAsync(Path.Combine(folders.Path, "a"), options, []);
        var leaving = await Server.StartAsync(Path.Combine(folders.Path, "b"), options, []);
        using var channel = Balanced(stays, leaving);
        var client = new IngestionService.IngestionServiceClient(channel);
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(Ct);
        var acknowledged = new ConcurrentBag<string>();
        var load = Enumerable.Range(0, 8).Select(writer => Task.Run(
            async () =>
            {
                for (var i = 0; !enough.IsCancellationRequested; i++)
                {
                    var id = string.Create(CultureInfo.InvariantCulture, $"{writer}-{i}");
                    await client.RecordFactsAsync(new RecordFactsRequest { Facts = { Of(id) } }, cancellationToken: Ct);
                    acknowledged.Add(id);
                }
            },
            Ct)).ToArray();
        await ReachAsync(acknowledged, 500, load);
        var began = Stopwatch.GetTimestamp();
        Assert.Equal(0, await leaving.StopAsync());
        Assert.InRange(Stopwatch.GetElapsedTime(began).TotalSeconds, 1, 24);
        await ReachAsync(acknowledged, acknowledged.Count + 500, load);
        await enough.CancelAsync();
        await Task.WhenAll(load);
        leaving.Dispose();
        using var again = await Server.StartAsync(Path.Combine(folders.Path, "b"), options, []);
        var recorded = (await IdsAsync(stays)).Concat(await IdsAsync(again)).ToHashSet(StringComparer.Ordinal);
        Assert.Empty(acknowledged.Except(recorded));
    }

    [Fact]
    public async Task Connections_OfAnAge_AreRecycledWithoutAFailure()
    {
        using var folder = new TemporaryFolder();
        using var server = await Server.StartAsync(folder.Path, ["--connection-age", "1s"], []);
        var connections = 0;
        using var handler = new SocketsHttpHandler
        {
            ConnectCallback = async (context, stop) =>
            {
                Interlocked.Increment(ref connections);
                var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
                await socket.ConnectAsync(context.DnsEndPoint, stop);
                return new NetworkStream(socket, ownsSocket: true);
            },
        };

        // Without retries: what a client sees of it is nothing.
        using var channel = GrpcChannel.ForAddress(server.Address, new GrpcChannelOptions { HttpHandler = handler, MaxRetryAttempts = 1 });
        var client = new IngestionService.IngestionServiceClient(channel);
        var began = Stopwatch.GetTimestamp();
        var callers = Enumerable.Range(0, 4).Select(caller => Task.Run(
            async () =>
            {
                for (var i = 0; Volatile.Read(ref connections) < 4; i++)
                {
                    Assert.True(Stopwatch.GetElapsedTime(began) < TimeSpan.FromSeconds(30), "connections are not recycled");
                    await client.RecordFactsAsync(new RecordFactsRequest { Facts = { Of(string.Create(CultureInfo.InvariantCulture, $"{caller}-{i}")) } }, cancellationToken: Ct);
                }
            },
            Ct));
        await Task.WhenAll(callers);
    }

    [Fact]
    public async Task Terminate_Streams_EndWithUnavailableAndARetry()
    {
        using var folder = new TemporaryFolder();
        using var server = await Server.StartAsync(folder.Path);
        await server.Ingestion.RecordFactsAsync(new RecordFactsRequest { Facts = { Of("1") } }, cancellationToken: Ct);
        using var watch = server.Metrics.WatchMetrics(new WatchMetricsRequest(), cancellationToken: Ct);
        Assert.True(await watch.ResponseStream.MoveNext(Ct));
        using var inbox = server.Notifications.StreamInbox(new StreamInboxRequest { Person = new Person { CustomerId = "c", ContactId = "p" } }, cancellationToken: Ct);
        using var facts = server.Ingestion.StreamFacts(cancellationToken: Ct);
        await facts.RequestStream.WriteAsync(new StreamFactsRequest { Facts = { Of("2") } }, Ct);
        Assert.True(await facts.ResponseStream.MoveNext(Ct));
        Assert.Equal(1, facts.ResponseStream.Current.DurableThrough);

        // Who does not read loses what was sent to it when the connection goes.
        Task[] readers = [AssertStoppingAsync(facts.ResponseStream), AssertStoppingAsync(watch.ResponseStream), AssertStoppingAsync(inbox.ResponseStream)];
        Assert.Equal(0, await server.StopAsync());
        await Task.WhenAll(readers);
    }

    [Fact]
    public async Task Terminate_WithGrace_SaysNotReadyWhileCallsAreTaken()
    {
        using var folder = new TemporaryFolder();
        using var server = await Server.StartAsync(folder.Path, ["--grace", "3s"], []);
        using var channel = GrpcChannel.ForAddress(server.Address);
        using var http = new HttpClient { BaseAddress = new Uri(server.HttpAddress) };
        var health = new Health.HealthClient(channel);
        foreach (var name in new[] { "", "readiness", "liveness", "startup", "churn.metrics.v1.MetricsService" })
        {
            Assert.Equal(ServingStatus.Serving, (await health.CheckAsync(new HealthCheckRequest { Service = name }, cancellationToken: Ct)).Status);
        }

        using var watch = health.Watch(new HealthCheckRequest { Service = "readiness" }, cancellationToken: Ct);
        Assert.True(await watch.ResponseStream.MoveNext(Ct));
        await server.TellAsync();
        Assert.True(await watch.ResponseStream.MoveNext(Ct));
        Assert.Equal(ServingStatus.NotServing, watch.ResponseStream.Current.Status);
        Assert.Equal(ServingStatus.NotServing, (await health.CheckAsync(new HealthCheckRequest { Service = "churn.metrics.v1.MetricsService" }, cancellationToken: Ct)).Status);
        Assert.Equal(ServingStatus.Serving, (await health.CheckAsync(new HealthCheckRequest { Service = "liveness" }, cancellationToken: Ct)).Status);
        using var ready = await http.GetAsync(new Uri("/readyz", UriKind.Relative), Ct);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, ready.StatusCode);
        Assert.Equal("serving: The server ends: send calls to another.\n", await ready.Content.ReadAsStringAsync(Ct));
        Assert.Equal("ok\n", await http.GetStringAsync(new Uri("/healthz", UriKind.Relative), Ct));
        await server.Ingestion.RecordFactsAsync(new RecordFactsRequest { Facts = { Of("1") } }, cancellationToken: Ct);
        Assert.Equal(0, await server.EndedAsync());
    }

    [Fact]
    public async Task Terminate_Twice_EndsAtOnce()
    {
        using var folder = new TemporaryFolder();
        using var server = await Server.StartAsync(folder.Path, ["--grace", "15s"], []);
        await server.TellAsync();
        using var channel = GrpcChannel.ForAddress(server.Address);
        var health = new Health.HealthClient(channel);
        while ((await health.CheckAsync(new HealthCheckRequest(), cancellationToken: Ct)).Status == ServingStatus.Serving)
        {
            await Task.Yield();
        }

        var began = Stopwatch.GetTimestamp();
        Assert.Equal(143, await server.StopAsync());
        Assert.InRange(Stopwatch.GetElapsedTime(began).TotalSeconds, 0, 5);
    }

    private static GrpcChannel Balanced(params Server[] servers)
    {
        var addresses = servers.Select(server => new Uri(server.Address)).Select(url => new BalancerAddress(url.Host, url.Port)).ToArray();
        var services = new ServiceCollection().AddSingleton<ResolverFactory>(new StaticResolverFactory(_ => addresses)).BuildServiceProvider();
        return GrpcChannel.ForAddress("static:///churn", new GrpcChannelOptions
        {
            Credentials = ChannelCredentials.Insecure,
            ServiceProvider = services,
            ServiceConfig = new ServiceConfig
            {
                LoadBalancingConfigs = { new RoundRobinConfig() },
                MethodConfigs =
                {
                    new MethodConfig
                    {
                        Names = { MethodName.Default },
                        RetryPolicy = new RetryPolicy
                        {
                            MaxAttempts = 5,
                            InitialBackoff = TimeSpan.FromMilliseconds(20),
                            MaxBackoff = TimeSpan.FromSeconds(1),
                            BackoffMultiplier = 2,
                            RetryableStatusCodes = { StatusCode.Unavailable },
                        },
                    },
                },
            },
        });
    }

    private static async Task ReachAsync(ConcurrentBag<string> done, int count, Task[] load)
    {
        while (done.Count < count)
        {
            if (Array.Find(load, task => task.IsFaulted) is { } failed)
            {
                await failed;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, Ct);
        }
    }

    private static async Task AssertStoppingAsync<T>(IAsyncStreamReader<T> answers)
    {
        var failure = await Assert.ThrowsAsync<RpcException>(async () =>
        {
            while (await answers.MoveNext(Ct))
            {
            }
        });
        Assert.True(failure.StatusCode == StatusCode.Unavailable, failure.ToString());
        var status = Google.Rpc.Status.Parser.ParseFrom(failure.Trailers.GetValueBytes("grpc-status-details-bin"));
        Assert.Contains(status.Details, detail => detail.TryUnpack<ErrorInfo>(out var info) && info is { Reason: "STOPPING", Domain: "churn" });
        Assert.Contains(status.Details, detail => detail.TryUnpack<RetryInfo>(out var retry) && retry.RetryDelay.ToTimeSpan() > TimeSpan.Zero);
    }

    private static async Task<List<string>> IdsAsync(Server server)
    {
        var ids = new List<string>();
        var request = new ListFactsRequest { PageSize = 1_000 };
        do
        {
            var page = await server.Ingestion.ListFactsAsync(request, cancellationToken: Ct);
            ids.AddRange(page.Facts.Select(fact => fact.EventId));
            request.PageToken = page.NextPageToken;
        }
        while (request.PageToken.Length > 0);
        return ids;
    }

    private static Fact Of(string id) => new()
    {
        Source = "drain", EventId = id, CustomerId = $"c{id}", OccurTime = Timestamp.FromDateTimeOffset(new(2024, 1, 1, 0, 0, 0, TimeSpan.Zero)),
        SubscriptionStarted = new SubscriptionStarted { SubscriptionId = "s", Plan = "pro", Price = new Price { Currency = "USD", MrrMicros = 1_000_000 } },
    };
}
