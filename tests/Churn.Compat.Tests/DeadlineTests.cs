using System.Globalization;
using Churn.Compat.Tests.V1;
using Grpc.Core;

namespace Churn.Compat.Tests;

public class DeadlineTests(EchoServer server) : GrpcTest(server)
{
    [Fact]
    public async Task Deadline_Passes_EndsTheCallOnBothSides()
    {
        const string Text = nameof(Deadline_Passes_EndsTheCallOnBothSides);
        var failure = await FailureAsync(Server.Client().UnaryAsync(
            new EchoRequest { Text = Text, Hold = true }, deadline: EchoServer.In(TimeSpan.FromSeconds(0.4)), cancellationToken: Ct));
        Assert.Equal(StatusCode.DeadlineExceeded, failure.StatusCode);
        await Server.State.Ended(Text).Task.WaitAsync(Ct);
    }

    [Fact]
    public async Task Deadline_PassedBefore_FailsAtOnce()
    {
        var failure = await FailureAsync(Server.Client().UnaryAsync(
            new EchoRequest { Hold = true }, deadline: EchoServer.In(TimeSpan.FromSeconds(-1)), cancellationToken: Ct));
        Assert.Equal(StatusCode.DeadlineExceeded, failure.StatusCode);
    }

    [Fact]
    public async Task Deadline_Given_IsKnownToTheServer()
    {
        var deadline = EchoServer.In(TimeSpan.FromMinutes(1));
        var reply = await Server.Client().UnaryAsync(
            new EchoRequest(), new CallOptions().WithDeadline(deadline).WithCancellationToken(Ct));
        var seen = DateTime.Parse(reply.Seen["deadline"], CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind);
        Assert.InRange(seen - deadline, TimeSpan.FromSeconds(-1), TimeSpan.FromSeconds(30));
    }

    [Fact]
    public async Task Deadline_None_IsTheEndOfTime()
    {
        var reply = await Server.Client().UnaryAsync(new EchoRequest(), cancellationToken: Ct);
        Assert.Equal(DateTime.MaxValue, DateTime.Parse(reply.Seen["deadline"], CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind));
    }

    [Fact]
    public async Task Deadline_PassesWhileStreaming_EndsTheStream()
    {
        const string Text = nameof(Deadline_PassesWhileStreaming_EndsTheStream);
        using var call = Server.Client().Expand(
            new EchoRequest { Text = Text, Repeat = 1, Hold = true }, deadline: EchoServer.In(TimeSpan.FromSeconds(0.4)), cancellationToken: Ct);
        Assert.Equal(StatusCode.DeadlineExceeded, (await FailureAsync(call)).StatusCode);
        await Server.State.Ended(Text).Task.WaitAsync(Ct);
    }
}
