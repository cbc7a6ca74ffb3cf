using System.Collections.Concurrent;
using System.Globalization;
using Churn.Contracts;
using Churn.ServiceDefaults.Bus;
using Churn.ServiceDefaults.Streams;
using Churn.ServiceDefaults.Tests.Streams;
using Churn.TestServers;
using Google.Protobuf;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace Churn.ServiceDefaults.Tests.Bus;

public sealed class RabbitMqStreamBusTests
{
    private const string NewsName = "application/vnd.churn.stream-news.v1";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task PublishAsync_News_ReachesAllWhoListenToItsStreamAndShardInAnyProcess()
    {
        await using var rabbit = await RabbitMqServer.StartAsync(Ct);
        await using var here = await Process.StartAsync(rabbit.Address);
        await using var there = await Process.StartAsync(rabbit.Address);
        var (first, second) = (new ConcurrentQueue<string>(), new ConcurrentQueue<string>());
        await using var one = await here.Bus.ListenAsync("things", [1, 2], news => first.Enqueue(Text(news)), Ct);
        await using (await there.Bus.ListenAsync("things", [2, 3], news => second.Enqueue(Text(news)), Ct))
        {
            foreach (var (stream, shard) in new[] { ("things", 1), ("others", 1), ("things", 3), ("things", 4), ("things", 2) })
            {
                await there.Bus.PublishAsync(News(stream, shard, 7), Ct);
            }

            await Eventually.IsAsync(() => first.Contains("things 2 7") && second.Contains("things 2 7"));
            Assert.Equal(["things 1 7", "things 2 7"], first.Order());
            Assert.Equal(["things 2 7", "things 3 7"], second.Order());
            Assert.Equal(2, (await QueuesAsync(rabbit)).Count);
        }

        await Eventually.IsAsync(async () => (await QueuesAsync(rabbit)).Count == 1);
    }

    // Other versions, and other clients, read it.
    [Fact]
    public async Task PublishAsync_News_NeverChangesOnTheWire()
    {
        await using var rabbit = await RabbitMqServer.StartAsync(Ct);
        await using var process = await Process.StartAsync(rabbit.Address);
        await using var foreign = await Foreign.ConnectAsync(rabbit);
        await foreign.Channel.ExchangeDeclareAsync("churn.facts", ExchangeType.Direct, durable: true, autoDelete: false, cancellationToken: Ct);
        var queue = (await foreign.Channel.QueueDeclareAsync(cancellationToken: Ct)).QueueName;
        await foreign.Channel.QueueBindAsync(queue, "churn.facts", "7", cancellationToken: Ct);
        var came = new TaskCompletionSource<string>();
        var consumer = new AsyncEventingBasicConsumer(foreign.Channel);
        consumer.ReceivedAsync += (_, message) =>
        {
            came.TrySetResult($"{message.Exchange} {message.RoutingKey} {message.BasicProperties.ContentType} {message.BasicProperties.DeliveryMode} {Convert.ToHexString(message.Body.Span)}");
            return Task.CompletedTask;
        };
        await foreign.Channel.BasicConsumeAsync(queue, autoAck: true, consumer, Ct);
        await process.Bus.PublishAsync(News("facts", 7, 300), Ct);
        Assert.Equal(
            "churn.facts 7 application/vnd.churn.stream-news.v1 Transient 121B080710AC021A02080B221000000000000000000000000000000000",
            await came.Task.WaitAsync(Patience, TimeProvider.System, Ct));
    }

    [Fact]
    public async Task ListenAsync_BrokerThatIsKilledAndComesBack_HearsAgain()
    {
        await using var rabbit = await RabbitMqServer.StartAsync(Ct);
        await using var process = await Process.StartAsync(rabbit.Address);
        var heard = new ConcurrentQueue<string>();
        await using var listening = await process.Bus.ListenAsync("things", [1], news => heard.Enqueue(Text(news)), Ct);
        await UntilHeardAsync(process, heard, 1);
        rabbit.Kill();

        // It costs no more than its patience, and is told to the caller.
        var since = TimeProvider.System.GetTimestamp();
        await TriesAsync(process, 2, times: 3);
        Assert.InRange(TimeProvider.System.GetElapsedTime(since), TimeSpan.Zero, TimeSpan.FromSeconds(10));
        await rabbit.RestartAsync(Ct);
        await UntilHeardAsync(process, heard, 3);
        rabbit.LoseDisk();
        await rabbit.RestartAsync(Ct);
        await UntilHeardAsync(process, heard, 4);
    }

    [Fact]
    public async Task ListenAsync_BrokerThatStartsLate_HearsWhenItIsThere()
    {
        await using var rabbit = await RabbitMqServer.StartAsync(Ct);
        rabbit.Kill();
        await using var process = await Process.StartAsync(rabbit.Address);
        var heard = new ConcurrentQueue<string>();
        await using var listening = await process.Bus.ListenAsync("things", [1], news => heard.Enqueue(Text(news)), Ct);
        await Assert.ThrowsAnyAsync<Exception>(() => process.Bus.PublishAsync(News("things", 1, 1), Ct));
        await rabbit.RestartAsync(Ct);
        await UntilHeardAsync(process, heard, 2);
    }

    [Fact]
    public async Task PublishAsync_BrokerThatIsFrozen_HoldsNobodyUp()
    {
        await using var rabbit = await RabbitMqServer.StartAsync(Ct);
        await using (var process = await Process.StartAsync(rabbit.Address))
        {
            var heard = new ConcurrentQueue<string>();
            var listening = await process.Bus.ListenAsync("things", [1], news => heard.Enqueue(Text(news)), Ct);
            await UntilHeardAsync(process, heard, 1);
            rabbit.Freeze();
            var since = TimeProvider.System.GetTimestamp();
            await TriesAsync(process, 2, times: 3);
            await listening.DisposeAsync();
            await using var another = await process.Bus.ListenAsync("things", [1, 2], news => heard.Enqueue(Text(news)), Ct);
            Assert.InRange(TimeProvider.System.GetElapsedTime(since), TimeSpan.Zero, TimeSpan.FromSeconds(15));
            rabbit.Thaw();
            await UntilHeardAsync(process, heard, 3);
            rabbit.Freeze();
        }

        // The process has ended beside a broker that answers nobody.
        rabbit.Thaw();
    }

    [Fact]
    public async Task ListenAsync_MessagesThatAreNoNews_AreDroppedWithACountAndOneWarning()
    {
        await using var rabbit = await RabbitMqServer.StartAsync(Ct);
        await using var process = await Process.StartAsync(rabbit.Address);
        var heard = new ConcurrentQueue<string>();
        await using var listening = await process.Bus.ListenAsync("things", [1], news => heard.Enqueue(Text(news)), Ct);
        await using var foreign = await Foreign.ConnectAsync(rabbit);
        var whole = News("things", 1, 9).Page;
        (string? Type, byte[] Body)[] garbage =
        [
            (NewsName, []), (NewsName, [255, 255, 255]), (NewsName, whole[..^3]), (NewsName, News("things", 2, 9).Page),
            ("application/vnd.churn.stream-news.v2", whole), ("application/vnd.masstransit+json", "{}"u8.ToArray()), ("no type at all; ;", whole), (null, whole), ("text/plain", new byte[1 << 20]),
        ];
        foreach (var (type, body) in garbage)
        {
            await foreign.Channel.BasicPublishAsync("churn.things", "1", mandatory: true, new BasicProperties { ContentType = type }, body, Ct);
        }

        await UntilHeardAsync(process, heard, 10);
        Assert.DoesNotContain("things 1 9", heard);
        Assert.Equal(garbage.Length, ((RabbitMqStreamBus)process.Bus).Dropped);
        Assert.Single(process.Warnings, warning => warning.Contains("is no news that this version reads", StringComparison.Ordinal));

        // No queue of errors, and none that waits.
        Assert.Single(await QueuesAsync(rabbit));
    }

    [Fact]
    public async Task ListenAsync_QueueThatOverflows_KeepsTheLatest()
    {
        await using var rabbit = await RabbitMqServer.StartAsync(Ct);
        await using var process = await Process.StartAsync(rabbit.Address);
        using var goOn = new ManualResetEventSlim();
        var heard = new ConcurrentQueue<string>();
        await using var listening = await process.Bus.ListenAsync("things", [1], news =>
        {
            goOn.Wait(Ct);
            heard.Enqueue(Text(news));
        }, Ct);
        for (var offset = 1; offset <= 15_000; offset++)
        {
            await process.Bus.PublishAsync(News("things", 1, offset), Ct);
        }

        await Eventually.IsAsync(async () => (await QueuesAsync(rabbit)).Single() == "10000");
        goOn.Set();
        await Eventually.IsAsync(() => heard.Contains("things 1 15000"));
        Assert.InRange(heard.Count, 10_000, 10_200);
    }

    private static StreamNews News(string stream, int shard, long offset) =>
        new(stream, shard, new StreamPage([], new ShardHead(shard, offset, 11_000_000, UInt128.Zero)).ToWire().ToByteArray());

    private static string Text(StreamNews news) =>
        string.Create(CultureInfo.InvariantCulture, $"{news.Stream} {news.Shard} {Churn.Streams.V1.ReadStreamResponse.Parser.ParseFrom(news.Page).Head.Offset}");

    private static async Task TriesAsync(Process process, long offset, int times)
    {
        for (var time = 0; time < times; time++)
        {
            await process.Bus.PublishAsync(News("things", 1, offset), Ct).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    // As a publisher does: again every while.
    private static async Task UntilHeardAsync(Process process, ConcurrentQueue<string> heard, long offset)
    {
        var expected = string.Create(CultureInfo.InvariantCulture, $"things 1 {offset}");
        await Eventually.IsAsync(async () =>
        {
            await TriesAsync(process, offset, times: 1);
            return heard.Contains(expected);
        });
    }

    private static async Task<List<string>> QueuesAsync(RabbitMqServer rabbit) =>
        [.. (await rabbit.ExecuteAsync(Ct, "list_queues", "messages_ready")).Split('\n', StringSplitOptions.RemoveEmptyEntries).Skip(1)];

    private sealed class Process : IAsyncDisposable
    {
        private readonly IHost _host;

        private Process(IHost host) => _host = host;

        public IStreamBus Bus => _host.Services.GetRequiredService<IStreamBus>();

        public ConcurrentQueue<string> Warnings { get; private init; } = null!;

        public static async Task<Process> StartAsync(string address)
        {
            var warnings = new Warnings();
            var builder = Host.CreateEmptyApplicationBuilder(settings: null);
            builder.Logging.AddProvider(warnings);
            builder.Services.AddStreamBus(RabbitMqOptions.Parse(address));
            builder.Services.AddStreamBus();
            var host = builder.Build();
            await host.StartAsync(Ct).WaitAsync(TimeSpan.FromSeconds(10), TimeProvider.System, Ct);
            return new Process(host) { Warnings = warnings.Lines };
        }

        public async ValueTask DisposeAsync()
        {
            await _host.StopAsync(CancellationToken.None).WaitAsync(TimeSpan.FromSeconds(20), TimeProvider.System, CancellationToken.None);
            _host.Dispose();
        }
    }

    private sealed class Warnings : ILoggerProvider, ILogger
    {
        public ConcurrentQueue<string> Lines { get; } = new();

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Lines.Enqueue(formatter(state, exception));

        public void Dispose()
        {
        }
    }

    private sealed class Foreign(IConnection connection, IChannel channel) : IAsyncDisposable
    {
        public IChannel Channel => channel;

        public static async Task<Foreign> ConnectAsync(RabbitMqServer rabbit)
        {
            var connection = await new ConnectionFactory { Uri = new Uri(rabbit.Address) }.CreateConnectionAsync(Ct);
            return new Foreign(connection, await connection.CreateChannelAsync(cancellationToken: Ct));
        }

        public async ValueTask DisposeAsync()
        {
            await channel.DisposeAsync();
            await connection.DisposeAsync();
        }
    }
}
