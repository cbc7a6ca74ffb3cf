using Churn.Compat.Tests.V1;
using Grpc.Core;

namespace Churn.Compat.Tests;

public class CancellationTests(EchoServer server) : GrpcTest(server)
{
    [Fact]
    public async Task Cancel_Token_ReachesTheServer()
    {
        const string Text = nameof(Cancel_Token_ReachesTheServer);
        using var source = CancellationTokenSource.CreateLinkedTokenSource(Ct);
        using var call = Server.Client().Expand(new EchoRequest { Text = Text, Repeat = 1, Hold = true }, cancellationToken: source.Token);
        Assert.True(await call.ResponseStream.MoveNext(Ct));
        await source.CancelAsync();
        Assert.Equal(StatusCode.Cancelled, (await FailureAsync(call)).StatusCode);
        await Server.State.Ended(Text).Task.WaitAsync(Ct);
    }

    [Fact]
    public async Task Cancel_ByDisposingTheCall_ReachesTheServer()
    {
        const string Text = nameof(Cancel_ByDisposingTheCall_ReachesTheServer);
        using (var call = Server.Client().Expand(new EchoRequest { Text = Text, Repeat = 1, Hold = true }, cancellationToken: Ct))
        {
            Assert.True(await call.ResponseStream.MoveNext(Ct));
        }

        await Server.State.Ended(Text).Task.WaitAsync(Ct);
    }

    [Fact]
    public async Task Cancel_BeforeTheCall_FailsAtOnce()
    {
        var failure = await FailureAsync(Server.Client().UnaryAsync(new EchoRequest { Hold = true }, cancellationToken: new CancellationToken(canceled: true)));
        Assert.Equal(StatusCode.Cancelled, failure.StatusCode);
    }

    [Fact]
    public async Task Cancel_ChannelThatThrowsOperationCanceled_Does()
    {
        using var source = CancellationTokenSource.CreateLinkedTokenSource(Ct);
        const string Text = nameof(Cancel_ChannelThatThrowsOperationCanceled_Does);
        var client = Server.Client(options => options.ThrowOperationCanceledOnCancellation = true);
        using var call = client.Expand(new EchoRequest { Text = Text, Repeat = 1, Hold = true }, cancellationToken: source.Token);
        Assert.True(await call.ResponseStream.MoveNext(Ct));
        await source.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await call.ResponseStream.MoveNext(Ct));
        await Server.State.Ended(Text).Task.WaitAsync(Ct);
    }
}
