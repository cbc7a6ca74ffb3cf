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

    /// <summary>Names the reason of a write that finds no room.</summary>
    public const string StorageFull = "STORAGE_FULL";

    /// <summary>Names the reason of a call that finds the storage failing.</summary>
    public const string StorageFailed = "STORAGE_FAILED";

    /// <summary>Names the reason of a call that comes while the service stops.</summary>
    public const string Stopping = "STOPPING";

    /// <summary>Names the reason of a call that needs another service, which does not answer.</summary>
    public const string PeerUnavailable = "PEER_UNAVAILABLE";

    /// <summary>Names the reason of a call that its caller gave up.</summary>
    public const string Cancelled = "CANCELLED";

    /// <summary>Names the reason of a call whose deadline is over.</summary>
    public const string DeadlineExceeded = "DEADLINE_EXCEEDED";

    /// <summary>Names the reason of a call of what is not there.</summary>
    public const string MethodUnknown = "METHOD_UNKNOWN";

    /// <summary>Names the reason of a request that is larger than any may be.</summary>
    public const string MessageTooLarge = "MESSAGE_TOO_LARGE";

    /// <summary>Names the reason of a request that is none of its kind.</summary>
    public const string RequestUnreadable = "REQUEST_UNREADABLE";

    /// <summary>Names the reason of what nobody has foreseen.</summary>
    public const string Internal = "INTERNAL";

    /// <summary>Makes INVALID_ARGUMENT for one field.</summary>
    /// <param name="reason">The reason, in capitals.</param>
    /// <param name="field">The field's path in the request.</param>
    /// <param name="message">What is wrong and what to do.</param>
    public static RpcException Invalid(string reason, string field, string message) => Invalid(reason, [Violation(reason, field, message)]);

    /// <summary>Makes INVALID_ARGUMENT for several fields, at least one; the first is in the message too.</summary>
    /// <param name="reason">The reason of the whole, in capitals.</param>
    /// <param name="violations">What is wrong with each field.</param>
    public static RpcException Invalid(string reason, IReadOnlyList<BadRequest.Types.FieldViolation> violations)
    {
        var more = violations.Count == 1 ? "" : $" (and {violations.Count - 1} more)";
        var status = Of(StatusCode.InvalidArgument, reason, violations[0].Description + more, ("field", violations[0].Field));
        status.Details.Add(Any.Pack(new BadRequest { FieldViolations = { violations } }));
        return status.ToRpcException();
    }

    /// <summary>Makes the account of one field that cannot be taken.</summary>
    /// <param name="reason">The reason, in capitals.</param>
    /// <param name="field">The field's path in the request.</param>
    /// <param name="message">What is wrong and what to do.</param>
    public static BadRequest.Types.FieldViolation Violation(string reason, string field, string message) =>
        new() { Field = field, Reason = reason, Description = message };

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
