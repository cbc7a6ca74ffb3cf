using Churn.ServiceDefaults.Errors;
using Churn.ServiceDefaults.Grpc;
using Grpc.Core;

namespace Churn.Metrics.Reads;

/// <summary>Makes the errors that reads of the ledger fail with; metrics.proto documents each reason.</summary>
internal static class ReadFaults
{
    public static RpcException FieldInvalid(string field, string message) => Faults.Invalid("FIELD_INVALID", field, message);

    public static RpcException TokenInvalid() =>
        Faults.Invalid("TOKEN_INVALID", "read.consistency_token", "This is no consistency token of this installation; give back what a write returned, unchanged.");

    public static RpcException PageTokenInvalid() =>
        Faults.Invalid("PAGE_TOKEN_INVALID", "page_token", "This page token belongs to another request; begin again without one.");

    public static RpcException SegmentUnknown(string field, string attribute, IEnumerable<string> known) =>
        Faults.Invalid("SEGMENT_UNKNOWN", field, $"Nobody has the attribute '{attribute}'; there are {string.Join(", ", known)}.");

    public static RpcException CurrencyNeeded(IEnumerable<string> currencies) =>
        Faults.Precondition("CURRENCY_NEEDED", $"The customers pay in {string.Join(" and ", currencies)}; name one in read.currency.");

    public static RpcException SumTooLarge() =>
        Faults.OutOfRange("SUM_TOO_LARGE", "A sum exceeds 9223372036854775807 micros, the largest that can be answered; ask for a smaller segment.");

    public static RpcException NotApplied() => Faults.Of(
        StatusCode.DeadlineExceeded, "WRITE_NOT_APPLIED", "The write that the consistency token stands for is not applied yet; call again.").ToRpcException();

    public static RpcException Moving() => Faults.Unavailable("SHARDS_MOVING", "A part of the ledger is between two owners; call again.", TimeSpan.FromSeconds(1));

    public static RpcException NotOwner() =>
        Faults.Unavailable("NOT_OWNER", "This process does not hold all of these shards, or has not loaded them yet; look up their owners and call again.", TimeSpan.FromMilliseconds(50));

    public static RpcException Stopping() => Faults.Unavailable(Faults.Stopping, "The server stops; call again.", TimeSpan.FromSeconds(1));

    public static RpcException Loading() => Faults.Unavailable("LEDGER_LOADING", "The ledger is being read from disk, or catches up with the log; call again.", TimeSpan.FromSeconds(1));
}
