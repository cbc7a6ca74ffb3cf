using Churn.Ingestion.Domain;
using Churn.ServiceDefaults.Errors;
using Grpc.Core;

namespace Churn.Ingestion;

/// <summary>Makes the errors that calls of ingestion fail with; ingestion.proto documents each reason.</summary>
internal static class IngestionFaults
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(1);

    public static RpcException Invalid(Violation violation) => Faults.Invalid(violation.Reason, violation.Field, violation.Message);

    public static RpcException NoFacts() => Invalid(Fields.Missing("facts", $"send 1 to {Limits.BatchFacts} facts"));

    public static RpcException TooManyFacts(int count) =>
        Faults.Invalid("BATCH_TOO_LARGE", "facts", $"The batch has {count} facts: send at most {Limits.BatchFacts} at once.");

    public static RpcException TooManyBytes() =>
        Faults.Invalid("BATCH_TOO_LARGE", "facts", $"The batch has more than {Limits.BatchBytes} bytes: send fewer facts at once.");

    public static RpcException FactNotFound(string source, string eventId) =>
        Faults.NotFound("FACT_NOT_FOUND", $"No fact is recorded with source \"{source}\" and event_id \"{eventId}\": see that both are right, and that it was RECORDED.", ("source", source), ("event_id", eventId));

    public static RpcException RetractionOfRetraction(string eventId) => Faults.Precondition(
        Reasons.RetractionOfRetraction, $"\"{eventId}\" is a retraction and stays: record the right fact anew under a new event_id.", ("event_id", eventId));

    public static RpcException RetractionIdTaken(string retractionId) => Faults.Precondition(
        Reasons.IdentityConflict, $"\"{retractionId}\" is recorded and is no retraction of this fact: record a retraction of it under an event_id of your own.", ("event_id", retractionId));

    public static RpcException PageTokenInvalid() =>
        Faults.Invalid("PAGE_TOKEN_INVALID", "page_token", "This page token is none that the server gave for this customer_id and source: begin again without one.");

    public static RpcException ResponsesNotRead() =>
        Faults.Exhausted("RESPONSES_NOT_READ", "No answer was taken for a minute: read the answers while sending, and send again from the last durable_through on.", Soon);

    public static RpcException Stopping() => Faults.Unavailable(Faults.Stopping, "The server stops: send again from the last durable_through on.", Soon);
}
