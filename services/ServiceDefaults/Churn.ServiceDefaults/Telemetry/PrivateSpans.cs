using System.Diagnostics;
using OpenTelemetry;

namespace Churn.ServiceDefaults.Telemetry;

/// <summary>Takes out of spans what may be about a person or may open a door: paths of addresses, senders' addresses, texts of errors.</summary>
internal sealed class PrivateSpans : BaseProcessor<Activity>
{
    private static readonly string[] Dropped = ["url.query", "user_agent.original", "client.address", "network.peer.address", "network.peer.port"];

    public override void OnEnd(Activity data)
    {
        foreach (var name in Dropped)
        {
            data.SetTag(name, null);
        }

        if (data.GetTagItem("url.path") is not null)
        {
            data.SetTag("url.path", data.GetTagItem("http.route") ?? data.GetTagItem("rpc.method"));
        }

        // Webhooks' addresses hold their keys.
        if (data.GetTagItem("url.full") is string full)
        {
            data.SetTag("url.full", Uri.TryCreate(full, UriKind.Absolute, out var url) ? url.GetLeftPart(UriPartial.Authority) : null);
        }

        if (data.GetTagItem("grpc.method") is string method)
        {
            NameCall(data, method.TrimStart('/'));
        }

        if (data.StatusDescription is not null)
        {
            data.SetStatus(data.Status);
        }
    }

    private static void NameCall(Activity data, string method)
    {
        data.DisplayName = method;
        data.SetTag("rpc.system.name", "grpc").SetTag("rpc.method", method).SetTag("grpc.method", null);
        if (data.GetTagItem("grpc.status_code") is string code)
        {
            data.SetTag("rpc.response.status_code", CallMeasuring.NameOf(code)).SetTag("grpc.status_code", null);
        }
    }
}
