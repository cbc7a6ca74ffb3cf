using Churn.Compat.Tests.V1;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Grpc.Net.Client;

namespace Churn.Compat.Tests;

public class UnaryTests(EchoServer server) : GrpcTest(server)
{
    [Fact]
    public async Task Unary_EveryKindOfField_ComesBackEqual()
    {
        var request = new EchoRequest
        {
            Text = "h\u00e9llo",
            Note = "n",
            Labels = { ["a"] = "b" },
            Json = Struct.Parser.ParseJson("""{"x":[1,null,"s"]}"""),
            At = Timestamp.FromDateTime(DateTime.UnixEpoch.AddDays(20_000)),
            Took = Duration.FromTimeSpan(TimeSpan.FromSeconds(3)),
            Maybe = 5,
        };
        using var call = Server.Client().UnaryAsync(request, cancellationToken: Ct);
        var reply = await call;
        Assert.Equal(request, reply.Request);
        Assert.Equal(StatusCode.OK, call.GetStatus().StatusCode);
        Assert.Contains("\"took\": \"3s\"", JsonFormatter.Default.Format(reply));
    }

    [Fact]
    public void Unary_Blocking_Answers() =>
        Assert.Equal("b", Server.Client().Unary(new EchoRequest { Text = "b" }, cancellationToken: Ct).Text);

    [Fact]
    public async Task Unary_EmptyMessages_Answers() => Assert.Equal(new Empty(), await Server.Client().NothingAsync(new Empty(), cancellationToken: Ct));

    [Fact]
    public async Task Unary_MethodNameAndPeer_AreKnownToTheServer()
    {
        var reply = await Server.Client().UnaryAsync(new EchoRequest(), cancellationToken: Ct);
        Assert.Equal("/churn.compat.tests.v1.Echo/Unary", reply.Seen["method"]);
        Assert.StartsWith("ipv4:127.0.0.1:", reply.Seen["peer"], StringComparison.Ordinal);
        Assert.Equal(new Uri(Server.Address).Authority, reply.Seen["host"]);
    }

    [Fact]
    public async Task Unary_WithHost_StillAnswers() =>
        Assert.Equal("h", (await Server.Client().WithHost("elsewhere").UnaryAsync(new EchoRequest { Text = "h" }, cancellationToken: Ct)).Text);

    [Fact]
    public async Task Unary_MethodTheServerLacks_IsUnimplemented()
    {
        var method = new Method<EchoRequest, EchoReply>(
            MethodType.Unary,
            "churn.compat.tests.v1.Echo",
            "Nope",
            Marshallers.Create(request => request.ToByteArray(), EchoRequest.Parser.ParseFrom),
            Marshallers.Create(reply => reply.ToByteArray(), EchoReply.Parser.ParseFrom));
        var failure = await FailureAsync(Server.Channel().CreateCallInvoker()
            .AsyncUnaryCall(method, null, new CallOptions(cancellationToken: Ct), new EchoRequest()));
        Assert.Equal(StatusCode.Unimplemented, failure.StatusCode);
    }

    [Fact]
    public async Task Unary_ClientWithoutChannel_ThrowsNotImplemented() =>
        await Assert.ThrowsAsync<NotImplementedException>(async () => await new ClientDouble().UnaryAsync(new EchoRequest(), cancellationToken: Ct));

    [Fact]
    public async Task Unary_OverTheTestServer_Answers()
    {
        await using var inMemory = await EchoServer.StartAsync(kestrel: false);
        using var channel = GrpcChannel.ForAddress("http://localhost", new GrpcChannelOptions { HttpHandler = inMemory.InMemoryHandler() });
        Assert.Equal("t", (await new Echo.EchoClient(channel).UnaryAsync(new EchoRequest { Text = "t" }, cancellationToken: Ct)).Text);
    }

    private sealed class ClientDouble : Echo.EchoClient;
}
