using System.Collections.Concurrent;
using System.Text.Json;
using Churn.Contracts;
using Churn.ServiceDefaults.Bus;
using Churn.ServiceDefaults.Tests.Streams;
using MassTransit;
using MassTransit.Serialization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Churn.ServiceDefaults.Tests.Bus;

public sealed class StreamBusTests : IAsyncLifetime
{
    private IHost _host = null!;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private IStreamBus Bus => _host.Services.GetRequiredService<IStreamBus>();

    public async ValueTask InitializeAsync()
    {
        var builder = Host.CreateEmptyApplicationBuilder(settings: null);
        builder.Logging.ClearProviders();

        // Several services of one process ask for it.
        builder.Services.AddStreamBus();
        builder.Services.AddStreamBus();
        _host = builder.Build();
        await _host.StartAsync(Ct);
    }

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync(CancellationToken.None);
        _host.Dispose();
    }

    [Fact]
    public async Task PublishAsync_News_ReachesAllWhoListenToItsStreamAndShard()
    {
        var (first, second) = (new ConcurrentQueue<string>(), new ConcurrentQueue<string>());
        await using var one = await Bus.ListenAsync("things", [1, 2], news => first.Enqueue(Text(news)), Ct);
        await using var two = await Bus.ListenAsync("things", [2, 3], news => second.Enqueue(Text(news)), Ct);
        foreach (var (stream, shard) in new[] { ("things", 1), ("others", 1), ("things", 3), ("things", 4), ("things", 2) })
        {
            await Bus.PublishAsync(new StreamNews(stream, shard, [(byte)shard, 255]), Ct);
        }

        await Eventually.IsAsync(() => first.Contains("things 2 02FF") && second.Contains("things 2 02FF"));
        Assert.Equal(["things 1 01FF", "things 2 02FF"], first.Order());
        Assert.Equal(["things 2 02FF", "things 3 03FF"], second.Order());
    }

    [Fact]
    public async Task DisposeAsync_Listening_HearsNoMore()
    {
        var (gone, there) = (new ConcurrentQueue<string>(), new ConcurrentQueue<string>());
        await using var stays = await Bus.ListenAsync("things", [1], news => there.Enqueue(Text(news)), Ct);
        var goes = await Bus.ListenAsync("things", [1], news => gone.Enqueue(Text(news)), Ct);
        await goes.DisposeAsync();
        await Bus.PublishAsync(new StreamNews("things", 1, []), Ct);
        await Eventually.IsAsync(() => !there.IsEmpty);
        Assert.Empty(gone);
    }

    // Other versions and other brokers' tools read it.
    [Fact]
    public void StreamNews_OnTheWire_NeverChanges()
    {
        Assert.Equal("urn:message:churn:stream-news:v1", MessageUrn.ForTypeString<StreamNews>());
        Assert.Equal("churn.stream-news.v1", typeof(StreamNews).GetCustomAttributes(inherit: false).OfType<EntityNameAttribute>().Single().EntityName);
        Assert.Equal(
            """
            {
              "stream": "facts",
              "shard": 7,
              "page": "AP8="
            }
            """,
            JsonSerializer.Serialize(new StreamNews("facts", 7, [0, 255]), SystemTextJsonMessageSerializer.Options));
        var back = JsonSerializer.Deserialize<StreamNews>("""{"stream":"facts","shard":7,"page":"AP8=","later":1}""", SystemTextJsonMessageSerializer.Options);
        Assert.Equal(("facts", 7), (back!.Stream, back.Shard));
        Assert.Equal([0, 255], back.Page);
    }

    private static string Text(StreamNews news) => $"{news.Stream} {news.Shard} {Convert.ToHexString(news.Page)}";
}
