using Churn.Notifications.Taking;
using Churn.ServiceDefaults.Documents;
using Churn.ServiceDefaults.Errors;
using Churn.ServiceDefaults.Grpc;
using Grpc.Core;

namespace Churn.Notifications;

/// <summary>Makes the errors that calls of notifications fail with; notifications.proto documents each reason.</summary>
internal static class NotificationsFaults
{
    public static RpcException Of(Refusal refusal) => refusal.Reason == "TEMPLATE_NOT_FOUND"
        ? Faults.NotFound(refusal.Reason, refusal.Message)
        : Faults.Invalid(refusal.Reason, refusal.Field, refusal.Message);

    public static RpcException KeyConflict(string key, string id) => Faults.Of(
        StatusCode.AlreadyExists, "KEY_CONFLICT", $"Message {id} has the key '{key}' and other content: send the same as before, or another message under a key of its own.", ("message_id", id))
        .ToRpcException();

    public static RpcException MessageNotFound(string name) => Faults.NotFound("MESSAGE_NOT_FOUND", $"There is no message '{name}'; see ListMessages for those that there are.");

    public static RpcException TemplateNotFound(string name, int version) => Faults.NotFound(
        "TEMPLATE_NOT_FOUND", version == 0 ? $"There is no template '{name}'; see ListTemplates for those that there are." : $"There is no version {version} of template '{name}'.");

    public static RpcException NotSent(string id) => Faults.Precondition(
        "MESSAGE_NOT_SENT", $"Message {id} was not handed to a provider, so that none can report of it.");

    public static RpcException PageTokenInvalid() =>
        Faults.Invalid("PAGE_TOKEN_INVALID", "page_token", "This page token belongs to another request; begin again without one.");

    public static RpcException DocumentInvalid(DocumentProblems problems) => Faults.Invalid(
        "DOCUMENT_INVALID", [.. problems.Errors.Select(problem => Faults.Violation("DOCUMENT_INVALID", "document", problem.ToString()))]);

    public static RpcException Stopping() => Faults.Unavailable(Faults.Stopping, "The server stops; call again with the last message_id.", TimeSpan.FromSeconds(1));
}
