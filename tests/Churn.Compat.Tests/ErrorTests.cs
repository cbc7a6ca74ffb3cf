using Churn.Compat.Tests.V1;
using Churn.ServiceDefaults.Grpc;
using Google.Rpc;
using Grpc.Core;
using RichStatus = Google.Rpc.Status;
using Status = Grpc.Core.Status;

namespace Churn.Compat.Tests;

public class ErrorTests(EchoServer server) : GrpcTest(server)
{
    [Fact]
    public async Task RpcException_FromTheServer_CarriesStatusAndTrailers()
    {
        var failure = await FailureAsync(Server.Client().UnaryAsync(
            new EchoRequest { FailWith = (int)StatusCode.FailedPrecondition }, cancellationToken: Ct));
        Assert.Equal(StatusCode.FailedPrecondition, failure.StatusCode);
        Assert.Equal("as asked: \u00fcn\u00efcode %", failure.Status.Detail);
        Assert.Equal("test", failure.Trailers.GetValue("why"));
        Assert.Equal([1, 2, 3], failure.Trailers.GetValueBytes("why-bin"));
        Assert.Null(failure.ToRichStatus());
    }

    [Fact]
    public async Task RpcException_NobodyListens_CarriesItsCause()
    {
        using var channel = Grpc.Net.Client.GrpcChannel.ForAddress("http://127.0.0.1:1");
        var failure = await FailureAsync(new Echo.EchoClient(channel).UnaryAsync(new EchoRequest(), cancellationToken: Ct));
        Assert.Equal(StatusCode.Unavailable, failure.StatusCode);
        Assert.Same(failure.Status.DebugException, failure.InnerException);
        Assert.IsType<System.Net.Sockets.SocketException>(failure.InnerException);
    }

    [Fact]
    public async Task RichStatus_FromTheServer_ArrivesWithItsDetails()
    {
        var failure = await FailureAsync(Server.Client().UnaryAsync(new EchoRequest { FailRichly = true }, cancellationToken: Ct));
        var status = Assert.IsType<RichStatus>(failure.ToRichStatus());
        Assert.Equal((StatusCode.InvalidArgument, "text is too long"), (failure.StatusCode, failure.Status.Detail));
        Assert.Equal(((int)StatusCode.InvalidArgument, "text is too long"), (status.Code, status.Message));
        Assert.Equal("TEXT_TOO_LONG", status.Details[0].Unpack<ErrorInfo>().Reason);
        Assert.Equal("text", status.Details[1].Unpack<BadRequest>().FieldViolations.Single().Field);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(17)]
    [InlineData(-1)]
    public void ToRpcException_CodeThatIsNoFailure_IsRefused(int code) =>
        Assert.Throws<ArgumentException>(() => new RichStatus { Code = code }.ToRpcException());

    [Fact]
    public void ToRichStatus_DamagedDetails_IsNull() =>
        Assert.Null(new RpcException(Status.DefaultCancelled, new Metadata { { "grpc-status-details-bin", [0xff] } }).ToRichStatus());

    [Fact]
    public void Status_AsText_NamesCodeDetailAndCause()
    {
        Assert.Equal("Status(StatusCode=\"Aborted\", Detail=\"d\")", new Status(StatusCode.Aborted, "d").ToString());
        Assert.Equal(
            "Status(StatusCode=\"Aborted\", Detail=\"d\", DebugException=\"System.TimeoutException: t\")",
            new Status(StatusCode.Aborted, "d", new TimeoutException("t")).ToString());
        Assert.Equal("Status(StatusCode=\"OK\", Detail=\"\")", Status.DefaultSuccess.ToString());
    }
}
