using Churn.ServiceDefaults.Errors;
using Grpc.Core;

namespace Churn.Playbooks.Reads;

/// <summary>Makes the errors that calls fail with; playbooks.proto documents each reason.</summary>
internal static class PlaybooksFaults
{
    public const string FieldInvalidReason = "FIELD_INVALID";

    public static RpcException FieldInvalid(string field, string message) => Faults.Invalid(FieldInvalidReason, field, message);

    public static RpcException PageTokenInvalid() =>
        Faults.Invalid("PAGE_TOKEN_INVALID", "page_token", "This page token belongs to another request; begin again without one.");

    public static RpcException NoPlaybook(string name, int version = 0) => Faults.NotFound(
        "PLAYBOOK_NOT_FOUND",
        version == 0 ? $"There is no playbook '{name}'; ListPlaybooks gives those there are." : $"Playbook '{name}' has no version {version}.",
        ("name", name));

    public static RpcException NoRun(string id) => Faults.NotFound("RUN_NOT_FOUND", $"There is no run '{id}'; ListRuns gives those there are.", ("id", id));

    public static RpcException NoTask(string id) => Faults.NotFound("TASK_NOT_FOUND", $"There is no task '{id}'; ListTasks gives those there are.", ("id", id));

    public static RpcException TaskClosed(string id) =>
        Faults.Precondition("TASK_CLOSED", $"Task '{id}' is no longer open, so it cannot be put off.", ("id", id));
}
