using Churn.Cli.Report.Input;
using Churn.ServiceDefaults.Grpc;
using Google.Protobuf.Reflection;
using Grpc.Core;

namespace Churn.Suite.Metrics;

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
    };

    /// <summary>Describes what failed, with the server's reason and the options at fault.</summary>
    public static string Describe(RpcException failure, Uri address)
    {
        var server = address.GetLeftPart(UriPartial.Authority);
        if (failure.ToRichStatus() is { } status)
        {
            return Sentence(failure) + Reasons(status);
        }

        return failure.StatusCode switch
        {
            StatusCode.Unavailable when CauseOf(failure) is { } cause =>
                $"no server answers at {server} ({cause}); churn serve starts one, --address names another",
            StatusCode.DeadlineExceeded => $"{server} did not answer in time",
            StatusCode.Unimplemented => $"the server at {server} does not answer questions about metrics",
            _ => $"{server}: {Sentence(failure)} ({failure.StatusCode})",
        };
    }

    /// <summary>Gives the server's own words.</summary>
    public static string Sentence(RpcException failure)
    {
        var text = Printable.Of(failure.Status.Detail, MostCharacters).TrimEnd('.');
        return text.Length == 0 ? "the call failed" : text;
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
