using Churn.Compat.Tests.V1;
using Grpc.Core;
using Grpc.Net.Client.Configuration;

namespace Churn.Compat.Tests;

public class RetryAndLimitTests(EchoServer server) : GrpcTest(server)
{
    private static readonly ServiceConfig ThreeAttempts = new()
    {
        MethodConfigs =
        {
            new MethodConfig
            {
                Names = { MethodName.Default },
                RetryPolicy = new RetryPolicy
                {
                    MaxAttempts = 3,
                    InitialBackoff = TimeSpan.FromMilliseconds(1),
                    MaxBackoff = TimeSpan.FromMilliseconds(1),
                    BackoffMultiplier = 1,
                    RetryableStatusCodes = { StatusCode.Aborted },
                },
            },
        },
    };

    [Fact]
    public async Task Retry_FewerFailuresThanAttempts_Answers()
    {
        const string Text = nameof(Retry_FewerFailuresThanAttempts_Answers);
        var client = Server.Client(options => options.ServiceConfig = ThreeAttempts);
        var reply = await client.UnaryAsync(
            new EchoRequest { Text = Text, FailWith = (int)StatusCode.Aborted, FailTimes = 2 }, cancellationToken: Ct);
        Assert.Equal("2", reply.Seen["grpc-previous-rpc-attempts"]);
    }

    [Fact]
    public async Task Retry_MoreFailuresThanAttempts_FailsWithTheLast()
    {
        const string Text = nameof(Retry_MoreFailuresThanAttempts_FailsWithTheLast);
        var client = Server.Client(options => options.ServiceConfig = ThreeAttempts);
        var failure = await FailureAsync(client.UnaryAsync(
            new EchoRequest { Text = Text, FailWith = (int)StatusCode.Aborted, FailTimes = 3 }, cancellationToken: Ct));
        Assert.Equal(StatusCode.Aborted, failure.StatusCode);
        Assert.Equal(4, Server.State.Failed(Text));
    }

    [Fact]
    public async Task Receive_ReplyOverTheClientsLimit_IsResourceExhausted()
    {
        var client = Server.Client(options => options.MaxReceiveMessageSize = 1000);
        var failure = await FailureAsync(client.UnaryAsync(new EchoRequest { Text = new string('x', 5000) }, cancellationToken: Ct));
        Assert.Equal(StatusCode.ResourceExhausted, failure.StatusCode);
    }

    [Fact]
    public async Task Receive_RequestOverTheServersLimit_IsResourceExhausted()
    {
        var failure = await FailureAsync(Server.Client().UnaryAsync(
            new EchoRequest { Text = new string('x', EchoServer.MaxReceiveMessageSize) }, cancellationToken: Ct));
        Assert.Equal(StatusCode.ResourceExhausted, failure.StatusCode);
    }
}
