using Churn.ServiceDefaults.Grpc;
using Google.Protobuf.WellKnownTypes;
using Google.Rpc;
using Grpc.Core;
using RichStatus = Google.Rpc.Status;

namespace Churn.ServiceDefaults.Errors;

/// <summary>Makes the errors that calls fail with: a code, a sentence, a stable reason, and where it helps the field or the wait.</summary>
public static class Faults
{
    /// <summary>Names the domain of every reason.</summary>
    public const string Domain = "churn";

    /// <summary>Makes INVALID_ARGUMENT for one field.</summary>
    /// <param name="reason">The reason, in capitals.</param>
    /// <param name="field">The field's path in the request.</param>
    /// <param name="message">What is wrong and what to do.</param>
    public static RpcException Invalid(string reason, string field, string message)
    {
        var violations = new BadRequest();
        violations.FieldViolations.Add(new BadRequest.Types.FieldViolation { Field = field, Description = message });
        var status = Of(StatusCode.InvalidArgument, reason, message, ("field", field));
        status.Details.Add(Any.Pack(violations));
        return status.ToRpcException();
    }

    /// <summary>Makes FAILED_PRECONDITION: the same call fails until something else has changed.</summary>
    public static RpcException Precondition(string reason, string message, params ReadOnlySpan<(string Key, string Value)> metadata) =>
        Of(StatusCode.FailedPrecondition, reason, message, metadata).ToRpcException();

    /// <summary>Makes NOT_FOUND.</summary>
    public static RpcException NotFound(string reason, string message, params ReadOnlySpan<(string Key, string Value)> metadata) =>
        Of(StatusCode.NotFound, reason, message, metadata).ToRpcException();

    /// <summary>Makes OUT_OF_RANGE.</summary>
    public static RpcException OutOfRange(string reason, string message, params ReadOnlySpan<(string Key, string Value)> metadata) =>
        Of(StatusCode.OutOfRange, reason, message, metadata).ToRpcException();

    /// <summary>Makes UNAVAILABLE: the same call may be made again after a while.</summary>
    public static RpcException Unavailable(string reason, string message, TimeSpan retryAfter) =>
        Retryable(StatusCode.Unavailable, reason, message, retryAfter);

    /// <summary>Makes RESOURCE_EXHAUSTED: the same call may be made again once there is more of what lacks.</summary>
    public static RpcException Exhausted(string reason, string message, TimeSpan retryAfter) =>
        Retryable(StatusCode.ResourceExhausted, reason, message, retryAfter);

    /// <summary>Makes a status with its reason; its details can be added to.</summary>
    public static RichStatus Of(StatusCode code, string reason, string message, params ReadOnlySpan<(string Key, string Value)> metadata)
    {
        var info = new ErrorInfo { Reason = reason, Domain = Domain };
        foreach (var (key, value) in metadata)
        {
            info.Metadata.Add(key, value);
        }

        return new RichStatus { Code = (int)code, Message = message, Details = { Any.Pack(info) } };
    }

    private static RpcException Retryable(StatusCode code, string reason, string message, TimeSpan retryAfter)
    {
        var status = Of(code, reason, message);
        status.Details.Add(Any.Pack(new RetryInfo { RetryDelay = Duration.FromTimeSpan(retryAfter) }));
        return status.ToRpcException();
    }
}
