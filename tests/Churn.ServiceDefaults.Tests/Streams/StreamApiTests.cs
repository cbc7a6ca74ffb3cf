using Churn.ServiceDefaults.Errors;
using Churn.ServiceDefaults.Grpc;
using Churn.ServiceDefaults.Streams;
using Churn.Streams.V1;
using Google.Rpc;
using Grpc.Core;
using Grpc.Net.Client;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Churn.ServiceDefaults.Tests.Streams;

public sealed class StreamApiTests : IAsyncLifetime
{
    private readonly LogFile _log = new();
    private WebApplication _server = null!;
    private GrpcChannel _channel = null!;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private StreamService.StreamServiceClient Client => new(_channel);

    public async ValueTask InitializeAsync()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(System.Net.IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http2));
        builder.Services.AddRouting();
        builder.Logging.ClearProviders();
        builder.Services.AddGrpcDefaults();
        builder.Services.AddKeyedSingleton("things", _log.Log);
        _server = builder.Build();
        _server.UseRouting();
        _server.MapStreams();
        await _server.StartAsync(Ct);
        _channel = GrpcChannel.ForAddress(_server.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single());
    }

    public async ValueTask DisposeAsync()
    {
        _channel.Dispose();
        await _server.StopAsync(CancellationToken.None);
        await _server.DisposeAsync();
        _log.Dispose();
    }

    [Fact]
    public async Task HeadsAsync_OverGrpc_AreThoseOfTheLog()
    {
        _log.Append((3, "t", "a"), (5, "t", "b"));
        using var remote = new RemoteStreamSource(Client, "things");
        Assert.Equal(_log.Log.Heads(), await remote.HeadsAsync(Ct));
    }

    [Fact]
    public async Task ReadAsync_OverGrpc_GivesWhatTheLogGives()
    {
        for (var i = 0; i < 60; i++)
        {
            _log.Append((3, "t\u00fc", new string((char)('a' + (i % 26)), 50_000)), (4, "u", $"{i}"));
        }

        using var remote = new RemoteStreamSource(Client, "things");
        var pages = 0;
        foreach (var shard in new[] { 3, 4, 5 })
        {
            var expected = (await _log.Log.ReadAsync(shard, 0, int.MaxValue, Ct)).Chunks;
            var read = new List<StreamChunk>();
            while (await remote.ReadAsync(shard, read.Count == 0 ? 0 : read[^1].LastOffset, 1, Ct) is { Chunks.Count: > 0 } page)
            {
                Assert.Equal(_log.Log.Head(shard), page.Head);
                read.AddRange(page.Chunks);
                pages++;
            }

            Assert.Equal(expected.Select(Shown), read.Select(Shown));
        }

        Assert.InRange(pages, 4, 6);

        static string Shown(StreamChunk chunk) => $"{chunk.LastOffset} {chunk.Count} {chunk.RecordTime} {chunk.Tenant} {chunk.Hash} {Convert.ToHexString(chunk.Records.Span)}";
    }

    [Fact]
    public async Task ReadAsync_FromAnywhere_OpensAnotherCall()
    {
        for (var i = 0; i < 40; i++)
        {
            _log.Append((3, "t", new string('a', 60_000)));
        }

        using var remote = new RemoteStreamSource(Client, "things");
        var first = await remote.ReadAsync(3, 0, 1, Ct);
        Assert.Equal(first.Chunks.Count, (await remote.ReadAsync(3, 0, 1, Ct)).Chunks.Count);
        Assert.Equal(5, (await remote.ReadAsync(3, 4, 1, Ct)).Chunks[0].FirstOffset);
        Assert.Empty((await remote.ReadAsync(3, 40, 1, Ct)).Chunks);
        _log.Append((3, "t", "b"));
        Assert.Equal(41, (await remote.ReadAsync(3, 40, 1, Ct)).Chunks.Single().LastOffset);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    public async Task ReadAsync_AfterWhatIsNoEnd_SaysThatTheLogWasRolledBack(long after)
    {
        _log.Append((3, "t", "a"), (3, "t", "b"));
        using var remote = new RemoteStreamSource(Client, "things");
        Assert.Equal(3, (await Assert.ThrowsAsync<StreamRolledBackException>(async () => await remote.ReadAsync(3, after, 1, Ct))).Shard);
    }

    [Fact]
    public async Task Consumer_OverGrpc_AppliesAll()
    {
        using var remote = new RemoteStreamSource(Client, "things");
        await using var file = new ReaderFile();
        for (var i = 0; i < 50; i++)
        {
            _log.Append([.. Enumerable.Range(0, 32).Select(shard => (shard, "t", $"{i}"))]);
        }

        var reader = file.Start(remote, new UnreliableBus(1));
        await reader.ReachAsync(_log.Log);
        _log.Append((7, "t", "last"));
        await reader.ReachAsync(_log.Log);
        Assert.Equal([.. Enumerable.Range(0, 50).Select(i => $"{i}"), "last"], reader.Handler.Effects(7));
    }

    [Theory]
    [InlineData("others", 3, 0, StatusCode.NotFound, "STREAM_UNKNOWN")]
    [InlineData("", 3, 0, StatusCode.NotFound, "STREAM_UNKNOWN")]
    [InlineData("things", 32, 0, StatusCode.NotFound, "SHARD_UNKNOWN")]
    [InlineData("things", -1, 0, StatusCode.NotFound, "SHARD_UNKNOWN")]
    [InlineData("things", 3, 1, StatusCode.OutOfRange, "STREAM_AHEAD")]
    [InlineData("things", 3, -1, StatusCode.InvalidArgument, "OFFSET_INVALID")]
    public async Task ReadStream_BadRequest_SaysWhy(string stream, int shard, long after, StatusCode code, string reason)
    {
        using var call = Client.ReadStream(new ReadStreamRequest { Stream = stream, Shard = shard, After = after }, cancellationToken: Ct);
        var failure = await Assert.ThrowsAsync<RpcException>(() => call.ResponseStream.MoveNext(Ct));
        Assert.Equal(code, failure.StatusCode);
        var info = failure.ToRichStatus()!.Details[0].Unpack<ErrorInfo>();
        Assert.Equal((reason, Faults.Domain), (info.Reason, info.Domain));
    }
}
