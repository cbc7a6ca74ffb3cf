using Google.Protobuf;
using Google.Rpc;
using Grpc.Core;

namespace Churn.Client;

/// <summary>Holds what a failed call says beside its code: a reason to program against, the fields at fault, and when to try again.</summary>
/// <param name="Code">The code of the call.</param>
/// <param name="Message">What was wrong and what to do, in one sentence.</param>
/// <param name="Reason">A stable word such as "BATCH_TOO_LARGE"; empty where the server gave none.</param>
/// <param name="Violations">The fields at fault, each with what is wrong with it.</param>
/// <param name="RetryDelay">After how long the call may succeed; null where the server does not say.</param>
public sealed record ChurnError(
    StatusCode Code, string Message, string Reason, IReadOnlyList<BadRequest.Types.FieldViolation> Violations, TimeSpan? RetryDelay)
{
    private const string Details = "grpc-status-details-bin";

    /// <summary>Reads what a failed call says.</summary>
    public static ChurnError Of(RpcException exception)
    {
        ArgumentNullException.ThrowIfNull(exception);
        var error = new ChurnError(exception.StatusCode, exception.Status.Detail, "", [], null);
        foreach (var detail in Status(exception)?.Details ?? [])
        {
            if (detail.TryUnpack(out ErrorInfo info))
            {
                error = error with { Reason = info.Reason };
            }
            else if (detail.TryUnpack(out BadRequest request))
            {
                error = error with { Violations = request.FieldViolations };
            }
            else if (detail.TryUnpack(out RetryInfo retry))
            {
                error = error with { RetryDelay = retry.RetryDelay?.ToTimeSpan() };
            }
        }

        return error;
    }

    private static Google.Rpc.Status? Status(RpcException exception)
    {
        if (exception.Trailers.GetValueBytes(Details) is not { } bytes)
        {
            return null;
        }

        try
        {
            return Google.Rpc.Status.Parser.ParseFrom(bytes);
        }
        catch (InvalidProtocolBufferException)
        {
            // Damaged details must not hide the error they belong to.
            return null;
        }
    }
}
