using Grpc.Core;
using Grpc.Health.V1;
using static Grpc.Health.V1.HealthCheckResponse.Types;

namespace Churn.Compat.Tests;

public sealed class HealthTests : IAsyncLifetime
{
    private EchoServer _server = null!;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private Health.HealthClient Client => new(_server.Channel());

    public async ValueTask InitializeAsync() => _server = await EchoServer.StartAsync();

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Theory]
    [InlineData("", true, true, ServingStatus.Serving)]
    [InlineData("", false, true, ServingStatus.NotServing)]
    [InlineData("", true, false, ServingStatus.Serving)]
    [InlineData("readiness", false, true, ServingStatus.NotServing)]
    [InlineData("liveness", false, true, ServingStatus.Serving)]
    [InlineData("startup", true, true, ServingStatus.NotServing)]
    [InlineData("liveness", true, false, ServingStatus.NotServing)]
    [InlineData("churn.compat.tests.v1.Echo", true, true, ServingStatus.Serving)]
    [InlineData("churn.compat.tests.v1.Echo", false, true, ServingStatus.NotServing)]
    [InlineData("grpc.health.v1.Health", true, true, ServingStatus.Serving)]
    public async Task Check_Service_AsksOnlyTheChecksOfItsTag(string service, bool ready, bool live, ServingStatus expected)
    {
        (_server.State.Ready, _server.State.Live) = (ready, live);
        var response = await Client.CheckAsync(new HealthCheckRequest { Service = service }, cancellationToken: Ct);
        Assert.Equal(expected, response.Status);
    }

    [Theory]
    [InlineData("nobody")]
    [InlineData("Readiness")]
    [InlineData("live")]
    public async Task Check_UnknownService_IsNotFound(string service)
    {
        using var call = Client.CheckAsync(new HealthCheckRequest { Service = service }, cancellationToken: Ct);
        var failure = await Assert.ThrowsAsync<RpcException>(async () => await call);
        Assert.Equal(StatusCode.NotFound, failure.StatusCode);
    }

    [Fact]
    public async Task Watch_UnknownService_SaysSoAndStaysOpen()
    {
        using var watch = Client.Watch(new HealthCheckRequest { Service = "nobody" }, cancellationToken: Ct);
        Assert.Equal(ServingStatus.ServiceUnknown, await NextAsync(watch));
        await _server.PublishHealthAsync();
        var next = watch.ResponseStream.MoveNext(Ct);
        Assert.False(next.IsCompleted);
        await _server.StopAsync();
        Assert.False(await next);
    }

    [Fact]
    public async Task Watch_ReadinessChanges_SendsEachChangeOnce()
    {
        using var watch = Client.Watch(new HealthCheckRequest(), cancellationToken: Ct);
        Assert.Equal(ServingStatus.Serving, await NextAsync(watch));
        await _server.PublishHealthAsync();
        await PublishAsync(ready: false);
        Assert.Equal(ServingStatus.NotServing, await NextAsync(watch));
        await _server.PublishHealthAsync();
        await PublishAsync(ready: true);
        Assert.Equal(ServingStatus.Serving, await NextAsync(watch));
    }

    [Fact]
    public async Task Watch_LivenessWhileAStoreIsDown_SendsNothingNew()
    {
        using var watch = Client.Watch(new HealthCheckRequest { Service = "liveness" }, cancellationToken: Ct);
        Assert.Equal(ServingStatus.Serving, await NextAsync(watch));
        await PublishAsync(ready: false);
        _server.State.Live = false;
        await _server.PublishHealthAsync();
        Assert.Equal(ServingStatus.NotServing, await NextAsync(watch));
    }

    [Theory]
    [InlineData("", true)]
    [InlineData("readiness", true)]
    [InlineData("liveness", false)]
    public async Task Watch_ServerStops_EndsAfterNotServingWhereItMattersForCalls(string service, bool turnsNotServing)
    {
        using var watch = Client.Watch(new HealthCheckRequest { Service = service }, cancellationToken: Ct);
        Assert.Equal(ServingStatus.Serving, await NextAsync(watch));
        var stopping = _server.StopAsync();
        if (turnsNotServing)
        {
            Assert.Equal(ServingStatus.NotServing, await NextAsync(watch));
        }

        Assert.False(await watch.ResponseStream.MoveNext(Ct));
        Assert.Equal(StatusCode.OK, watch.GetStatus().StatusCode);
        await stopping;
    }

    private static async Task<ServingStatus> NextAsync(AsyncServerStreamingCall<HealthCheckResponse> watch)
    {
        Assert.True(await watch.ResponseStream.MoveNext(Ct));
        return watch.ResponseStream.Current.Status;
    }

    private Task PublishAsync(bool ready)
    {
        _server.State.Ready = ready;
        return _server.PublishHealthAsync();
    }
}
