using Churn.ServiceDefaults.Grpc;
using Google.Rpc;
using Grpc.Core;

namespace Churn.Ingestion.Tests;

/// <summary>What a failed call says: code, reason, the path of the field at fault, and after how long to try again.</summary>
public sealed record Failure(StatusCode Code, string Reason, string? Field = null, bool Retry = false)
{
    public static async Task<Failure> OfAsync(Func<Task> call)
    {
        var exception = await Assert.ThrowsAsync<RpcException>(call);
        return Of(exception);
    }

    public static Failure Of(RpcException exception)
    {
        var status = exception.ToRichStatus();
        Assert.True(status is not null, $"No details: {exception.Status}");
        Assert.EndsWith(".", exception.Status.Detail, StringComparison.Ordinal);
        var info = status.Details.Single(detail => detail.Is(ErrorInfo.Descriptor)).Unpack<ErrorInfo>();
        Assert.Equal("churn", info.Domain);
        var field = status.Details.Where(detail => detail.Is(BadRequest.Descriptor)).Select(detail => detail.Unpack<BadRequest>().FieldViolations.Single().Field).SingleOrDefault();
        return new Failure(exception.StatusCode, info.Reason, field, status.Details.Any(detail => detail.Is(RetryInfo.Descriptor)));
    }
}
