using Churn.ServiceDefaults.Grpc;
using Google.Protobuf;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Churn.ServiceDefaults.Errors;

/// <summary>Adds the details that every error has to what gRPC's own handling refuses, before any service sees it.</summary>
public static class StatusDetails
{
    private const string Code = "grpc-status";

    private static readonly Dictionary<string, (StatusCode Code, string Reason, string Message)> Known = new(StringComparer.Ordinal)
    {
        ["1"] = (StatusCode.Cancelled, Faults.Cancelled, "The call was cancelled."),
        ["2"] = (StatusCode.Unknown, Faults.RequestUnreadable, "The request is none that this method takes: see the proto of the server's version."),
        ["3"] = (StatusCode.InvalidArgument, Faults.RequestUnreadable, "The request is none that this method takes: see the proto of the server's version."),
        ["4"] = (StatusCode.DeadlineExceeded, Faults.DeadlineExceeded, "The deadline is over; what the call began may be done all the same: send it again."),
        ["8"] = (StatusCode.ResourceExhausted, Faults.MessageTooLarge, "The request is larger than any may be: send less at once."),
        ["12"] = (StatusCode.Unimplemented, Faults.MethodUnknown, "There is no such method here: see that the address is that of the service, and which version it has."),
        ["13"] = (StatusCode.Internal, Faults.RequestUnreadable, "The request is none that this method takes: see the proto of the server's version."),
    };

    /// <summary>Has every failed call say its reason.</summary>
    public static void UseStatusDetails(this IApplicationBuilder app) => app.Use(next => async context =>
    {
        await next(context);
        Complete(context.Features.Get<IHttpResponseTrailersFeature>()?.Trailers);
        if (!context.Response.HasStarted)
        {
            Complete(context.Response.Headers);
        }
    });

    private static void Complete(IHeaderDictionary? places)
    {
        if (places is { IsReadOnly: false } && places.TryGetValue(Code, out var code) && !places.ContainsKey(RichErrors.Trailer) && Known.TryGetValue(code.ToString(), out var known))
        {
            places["grpc-message"] = known.Message;
            places[RichErrors.Trailer] = Convert.ToBase64String(Faults.Of(known.Code, known.Reason, known.Message).ToByteArray());
        }
    }
}
