using System.Diagnostics;
using System.Globalization;
using Grpc.AspNetCore.Server;
using Grpc.Core;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;

namespace Churn.ServiceDefaults.Telemetry;

/// <summary>Measures calls and names their spans: outside of gRPC's own handling, so that what it refuses by itself is counted too.</summary>
internal sealed class CallMeasuring(RequestDelegate next)
{
    private const string Other = "_OTHER";

    // What asks every few seconds whether the process lives is no trace that anybody looks for.
    private static readonly string[] Unseen = ["grpc.health.", "grpc.reflection."];

    private static readonly Dictionary<string, string> Codes = Enum.GetValues<StatusCode>().ToDictionary(
        code => ((int)code).ToString(CultureInfo.InvariantCulture), code => NameOf(code), StringComparer.Ordinal);

    // A server's own failures by gRPC's conventions; that a caller asked for what is not there is none.
    private static readonly HashSet<string> Failures = new(StringComparer.Ordinal)
    {
        "UNKNOWN", "DEADLINE_EXCEEDED", "UNIMPLEMENTED", "INTERNAL", "UNAVAILABLE", "DATA_LOSS",
    };

    public async Task InvokeAsync(HttpContext context)
    {
        var activity = context.Features.Get<IHttpActivityFeature>()?.Activity;
        var endpoint = context.GetEndpoint();
        var method = endpoint?.Metadata.GetMetadata<GrpcMethodMetadata>()?.Method.FullName.TrimStart('/')
            ?? (context.Request.ContentType?.StartsWith("application/grpc", StringComparison.Ordinal) == true ? Other : null);
        if (method is null)
        {
            NamePage(activity, (endpoint as RouteEndpoint)?.RoutePattern.RawText, context.Request.Method);
            await next(context);
            return;
        }

        if (context.Features.Get<IHttpMetricsTagsFeature>() is { } tags)
        {
            // It is counted once, as the call that it is.
            tags.MetricsDisabled = true;
        }

        if (activity is not null)
        {
            activity.DisplayName = method;
            activity.SetTag("rpc.system.name", "grpc").SetTag("rpc.method", method);
            if (Array.Exists(Unseen, prefix => method.StartsWith(prefix, StringComparison.Ordinal)))
            {
                Drop(activity);
            }
        }

        var began = Stopwatch.GetTimestamp();
        try
        {
            await next(context);
        }
        finally
        {
            var code = CodeOf(context);
            var failed = Failures.Contains(code);
            var labels = new TagList { { "rpc.system.name", "grpc" }, { "rpc.method", method }, { "rpc.response.status_code", code } };
            if (failed)
            {
                labels.Add("error.type", code);
            }

            Instruments.Calls.Record(Stopwatch.GetElapsedTime(began).TotalSeconds, labels);
            activity?.SetTag("rpc.response.status_code", code);
            if (failed)
            {
                activity?.SetTag("error.type", code).SetStatus(ActivityStatusCode.Error);
            }
        }
    }

    /// <summary>Gives the name of a status code that is written as a number.</summary>
    public static string NameOf(string code) => Codes.GetValueOrDefault(code, "UNKNOWN");

    // Links in mails are keys of their recipients: the route stands for them.
    private static void NamePage(Activity? activity, string? route, string method)
    {
        if (activity is null)
        {
            return;
        }

        if (route is null || route is "/healthz" or "/readyz" or "/startupz")
        {
            Drop(activity);
            return;
        }

        activity.DisplayName = $"{method} {route}";
        activity.SetTag("http.route", route);
    }

    private static void Drop(Activity activity)
    {
        activity.IsAllDataRequested = false;
        activity.ActivityTraceFlags &= ~ActivityTraceFlags.Recorded;
    }

    private static string CodeOf(HttpContext context)
    {
        var trailers = context.Features.Get<IHttpResponseTrailersFeature>()?.Trailers;
        var sent = trailers is not null && trailers.TryGetValue("grpc-status", out var late) ? late : context.Response.Headers["grpc-status"];
        return Codes.TryGetValue(sent.ToString(), out var code) ? code : context.RequestAborted.IsCancellationRequested ? "CANCELLED" : "UNKNOWN";
    }

    private static string NameOf(StatusCode code) => code == StatusCode.OK ? "OK" : string.Concat(
        code.ToString().Select((letter, at) => at > 0 && char.IsAsciiLetterUpper(letter) ? "_" + letter : char.ToUpperInvariant(letter).ToString()));
}
