using Churn.Cli.Report.Input;
using Churn.Cli.Report.Output;
using Churn.ServiceDefaults.Grpc;
using Google.Protobuf.Reflection;
using Grpc.Core;

namespace Churn.Suite.Calls;

/// <summary>Says in one sentence why a call failed, and what to do.</summary>
internal static class Failures
{
    private const int MostCharacters = 1_000;

    // What users know a field by.
    private static readonly Dictionary<string, string> Options = new(StringComparer.Ordinal)
    {
        ["read.at"] = "--at",
        ["read.currency"] = "--currency",
        ["read.consistency_token"] = "--token",
        ["from_month"] = "--from",
        ["to_month"] = "--to",
        ["month"] = "--month",
        ["by"] = "--by",
        ["attribute"] = "ATTRIBUTE",
        ["metric"] = "METRIC",
        ["grain"] = "--grain",
        ["basis"] = "--basis",
        ["segment"] = "--segment",
        ["segment.attribute"] = "--segment",
        ["segment.value"] = "--segment",
        ["kinds"] = "--kind",
        ["window"] = "--window",
        ["windows"] = "--window",
        ["from_time"] = "--from",
        ["to_time"] = "--to",
        ["customer_id"] = "--customer",
        ["person.customer_id"] = "--customer",
        ["person.contact_id"] = "--contact",
        ["playbook"] = "--playbook",
        ["after_days"] = "--after",
        ["version"] = "--version",
        ["due_time"] = "--for",
        ["note"] = "--note",
        ["owner"] = "--owner",
        ["key"] = "--key",
        ["channel"] = "--channel",
        ["template"] = "--template",
        ["locale"] = "--locale",
        ["category"] = "--category",
        ["webhook_url"] = "--url",
        ["recipient"] = "--to",
        ["recipient.customer_id"] = "--customer",
        ["recipient.contact_id"] = "--contact",
        ["recipient.name"] = "--name",
        ["recipient.email"] = "--to",
        ["recipient.locale"] = "--locale",
        ["recipient.time_zone"] = "--time-zone",
        ["suppression.email"] = "EMAIL",
        ["suppression.reason"] = "--reason",
        ["email"] = "EMAIL",
    };

    /// <summary>Describes what failed, with the server's reason and the options at fault.</summary>
    public static string Describe(RpcException failure, Uri address)
    {
        var server = address.GetLeftPart(UriPartial.Authority);
        if (failure.ToRichStatus() is { } status)
        {
            return Faults(status) is { Length: > 0 } faults ? faults : Sentence(failure) + Reasons(status);
        }

        return failure.StatusCode switch
        {
            StatusCode.Unavailable when CauseOf(failure) is { } cause =>
                $"no server answers at {server} ({cause}); churn serve starts one, --address names another",
            StatusCode.DeadlineExceeded => $"{server} did not answer in time",
            StatusCode.Unimplemented => $"the server at {server} does not know this call: it is another service, or an older version",
            _ => $"{server}: {Sentence(failure)} ({failure.StatusCode})",
        };
    }

    /// <summary>Gives the server's own words.</summary>
    public static string Sentence(RpcException failure)
    {
        var text = Printable.Of(failure.Status.Detail, MostCharacters).TrimEnd('.');
        return text.Length == 0 ? "the call failed" : text;
    }

    // What is wrong in a file is said in a line for each fault, as compilers say it: editors jump to such a line.
    private static string Faults(Google.Rpc.Status status)
    {
        if (!Unpack<Google.Rpc.ErrorInfo>(status, Google.Rpc.ErrorInfo.Descriptor).Any(e => e.Reason == "DOCUMENT_INVALID"))
        {
            return "";
        }

        var faults = Unpack<Google.Rpc.BadRequest>(status, Google.Rpc.BadRequest.Descriptor).SelectMany(b => b.FieldViolations)
            .Select(v => Printable.Of(v.Field.Length == 0 || v.Field.StartsWith("document", StringComparison.Ordinal) ? v.Description : $"{v.Field}: {v.Description}", MostCharacters))
            .ToArray();
        return faults.Length == 0 ? "" : $"{Numerals.Count(faults.Length, "fault")} to mend; nothing was done\n{string.Join('\n', faults)}";
    }

    private static string Reasons(Google.Rpc.Status status)
    {
        var parts = new List<string>();
        foreach (var violation in Unpack<Google.Rpc.BadRequest>(status, Google.Rpc.BadRequest.Descriptor).SelectMany(b => b.FieldViolations))
        {
            var name = Options.GetValueOrDefault(violation.Field, violation.Field);
            var isSaid = violation.Description.Length == 0 || status.Message.Contains(violation.Description.TrimEnd('.'), StringComparison.Ordinal);
            parts.Add(Printable.Of(isSaid ? name : $"{name}: {violation.Description.TrimEnd('.')}", MostCharacters));
        }

        parts.AddRange(Unpack<Google.Rpc.ErrorInfo>(status, Google.Rpc.ErrorInfo.Descriptor).Select(e => Printable.Of(e.Reason, MostCharacters)));
        return parts.Count == 0 ? "" : $" ({string.Join("; ", parts)})";
    }

    private static IEnumerable<T> Unpack<T>(Google.Rpc.Status status, MessageDescriptor descriptor)
        where T : class, Google.Protobuf.IMessage<T>, new() =>
        status.Details.Where(d => d.Is(descriptor)).Select(d => d.Unpack<T>());

    // The innermost exception knows: "Connection refused".
    private static string? CauseOf(RpcException failure)
    {
        var cause = failure.Status.DebugException;
        while (cause?.InnerException is { } inner)
        {
            cause = inner;
        }

        return cause is null ? null : Printable.Of(cause.Message, MostCharacters).TrimEnd('.');
    }
}
