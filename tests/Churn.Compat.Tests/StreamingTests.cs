using Churn.Compat.Tests.V1;
using FsCheck.Fluent;
using Grpc.Core;

namespace Churn.Compat.Tests;

public class StreamingTests(EchoServer server) : GrpcTest(server)
{
    [Fact]
    public async Task ClientStreaming_SeveralRequests_AreJoinedInOrder()
    {
        using var call = Server.Client().Collect(cancellationToken: Ct);
        for (var i = 0; i < 5; i++)
        {
            await call.RequestStream.WriteAsync(new EchoRequest { Text = $"{i}" }, Ct);
        }

        await call.RequestStream.CompleteAsync();
        var reply = await call;
        Assert.Equal((5, "01234"), (reply.Index, reply.Text));
        Assert.Equal("client", call.GetTrailers().GetValue("x-intercepted"));
    }

    [Fact]
    public async Task ClientStreaming_NoRequest_Answers()
    {
        using var call = Server.Client().Collect(cancellationToken: Ct);
        await call.RequestStream.CompleteAsync();
        Assert.Equal(0, (await call).Index);
    }

    [Fact]
    public async Task ServerStreaming_FailureAfterReplies_DeliversThemFirst()
    {
        using var call = Server.Client().Expand(new EchoRequest { Repeat = 4, FailWith = (int)StatusCode.DataLoss }, cancellationToken: Ct);
        var seen = new List<int>();
        var failure = await Assert.ThrowsAsync<RpcException>(async () =>
        {
            await foreach (var reply in call.ResponseStream.ReadAllAsync(Ct))
            {
                seen.Add(reply.Index);
            }
        });
        Assert.Equal([0, 1, 2, 3], seen);
        Assert.Equal((StatusCode.DataLoss, "after the stream"), (failure.StatusCode, failure.Status.Detail));
        Assert.Equal("server", failure.Trailers.GetValue("x-intercepted"));
    }

    [Fact]
    public async Task ServerStreaming_NoReply_EndsWithOk()
    {
        using var call = Server.Client().Expand(new EchoRequest(), cancellationToken: Ct);
        Assert.Empty(await ToListAsync(call.ResponseStream));
        Assert.Equal(StatusCode.OK, call.GetStatus().StatusCode);
    }

    [Fact]
    public async Task DuplexStreaming_TurnByTurn_EachRequestIsAnsweredBeforeTheNext()
    {
        using var call = Server.Client().Chat(cancellationToken: Ct);
        for (var i = 0; i < 100; i++)
        {
            await call.RequestStream.WriteAsync(new EchoRequest { Text = $"m{i}" }, Ct);
            Assert.True(await call.ResponseStream.MoveNext(Ct));
            Assert.Equal(($"m{i}", i), (call.ResponseStream.Current.Text, call.ResponseStream.Current.Index));
        }

        await call.RequestStream.CompleteAsync();
        Assert.False(await call.ResponseStream.MoveNext(Ct));
        Assert.Equal(StatusCode.OK, call.GetStatus().StatusCode);
        Assert.Equal("duplex", call.GetTrailers().GetValue("x-intercepted"));
    }

    [Fact]
    public async Task Law_DuplexStreaming_ReturnsWhatWasSentInOrder()
    {
        var client = Server.Client();
        foreach (var numbers in ArbMap.Default.GeneratorFor<int[]>().Sample(20, 20))
        {
            var sent = numbers.Select(number => $"{number}").ToList();
            using var call = client.Chat(cancellationToken: Ct);
            foreach (var text in sent)
            {
                await call.RequestStream.WriteAsync(new EchoRequest { Text = text }, Ct);
            }

            await call.RequestStream.CompleteAsync();
            Assert.Equal(sent, (await ToListAsync(call.ResponseStream)).Select(reply => reply.Text));
        }
    }

    [Fact]
    public async Task WriteAsync_WriterWithoutCancellation_RefusesACancellableToken()
    {
        IAsyncStreamWriter<string> writer = new Written();
        using var source = new CancellationTokenSource();
        await writer.WriteAsync("a", CancellationToken.None);
        await Assert.ThrowsAsync<NotSupportedException>(() => writer.WriteAsync("b", source.Token));
        Assert.Equal(["a"], ((Written)writer).Messages);
    }

    private sealed class Written : IAsyncStreamWriter<string>
    {
        public List<string> Messages { get; } = [];

        public WriteOptions? WriteOptions { get; set; }

        public Task WriteAsync(string message)
        {
            Messages.Add(message);
            return Task.CompletedTask;
        }
    }
}
