using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Text;
using Churn.SystemTests.Telemetry.Otlp;
using Google.Protobuf;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;

namespace Churn.SystemTests.Telemetry;

/// <summary>Collects what servers export: OTLP over gRPC and over HTTP.</summary>
internal sealed class Collector : IAsyncDisposable
{
    private readonly WebApplication _app;

    private Collector(WebApplication app) => _app = app;

    public ConcurrentQueue<(Resource Resource, Span Span)> Spans { get; } = [];

    public ConcurrentQueue<Metric> Metrics { get; } = [];

    public ConcurrentQueue<LogRecord> Logs { get; } = [];

    public ConcurrentBag<string> Services { get; } = [];

    /// <summary>Gives all that came as it came, to look for what must not be in it.</summary>
    public ConcurrentQueue<byte[]> Bytes { get; } = [];

    public string Grpc => _app.Urls.First();

    public string Http => _app.Urls.ElementAt(1);

    public static async Task<Collector> StartAsync()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddRouting();
        builder.Services.AddGrpc(grpc => grpc.MaxReceiveMessageSize = null);
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http2);
            kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http1);
        });
        Collector? collector = null;
        builder.Services.AddSingleton(_ => collector!);
        var app = builder.Build();
        app.MapGrpcService<TraceApi>();
        app.MapGrpcService<MetricsApi>();
        app.MapGrpcService<LogsApi>();
        app.MapPost("/v1/traces", async context => collector!.Take(ExportTraceServiceRequest.Parser.ParseFrom(await BodyAsync(context))));
        app.MapPost("/v1/metrics", async context => collector!.Take(ExportMetricsServiceRequest.Parser.ParseFrom(await BodyAsync(context))));
        app.MapPost("/v1/logs", async context => collector!.Take(ExportLogsServiceRequest.Parser.ParseFrom(await BodyAsync(context))));
        collector = new Collector(app);
        await app.StartAsync(TestContext.Current.CancellationToken);
        return collector;
    }

    /// <summary>Gives what runs a server so that it exports here, often.</summary>
    public string[] Environment(string protocol = "grpc", params string[] more) =>
    [
        "env", $"OTEL_EXPORTER_OTLP_ENDPOINT={(protocol == "grpc" ? Grpc : Http)}", $"OTEL_EXPORTER_OTLP_PROTOCOL={protocol}",
        "OTEL_BSP_SCHEDULE_DELAY=100", "OTEL_BLRP_SCHEDULE_DELAY=100", "OTEL_METRIC_EXPORT_INTERVAL=500", .. more,
    ];

    /// <summary>Waits until what came is enough.</summary>
    public static async Task UntilAsync(Func<bool> enough, Func<string> what)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(TimeSpan.FromSeconds(40));
        while (!enough())
        {
            try
            {
                await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, patience.Token);
            }
            catch (OperationCanceledException) when (!TestContext.Current.CancellationToken.IsCancellationRequested)
            {
                Assert.Fail(what());
            }
        }
    }

    /// <summary>Tells whether a text is anywhere in what came, as it is or in another case.</summary>
    public bool Holds(string text) => Bytes.Any(bytes => Encoding.UTF8.GetString(bytes).Contains(text, StringComparison.OrdinalIgnoreCase));

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();

    private static async Task<byte[]> BodyAsync(HttpContext context)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body, context.RequestAborted);
        context.Response.ContentType = "application/x-protobuf";
        return body.ToArray();
    }

    private void Take(ExportTraceServiceRequest request)
    {
        Keep(request);
        foreach (var of in request.ResourceSpans)
        {
            Name(of.Resource);
            foreach (var span in of.ScopeSpans.SelectMany(scope => scope.Spans))
            {
                Spans.Enqueue((of.Resource, span));
            }
        }
    }

    private void Take(ExportMetricsServiceRequest request)
    {
        Keep(request);
        foreach (var of in request.ResourceMetrics)
        {
            Name(of.Resource);
            foreach (var metric in of.ScopeMetrics.SelectMany(scope => scope.Metrics))
            {
                Metrics.Enqueue(metric);
            }
        }
    }

    private void Take(ExportLogsServiceRequest request)
    {
        Keep(request);
        foreach (var of in request.ResourceLogs)
        {
            Name(of.Resource);
            foreach (var log in of.ScopeLogs.SelectMany(scope => scope.LogRecords))
            {
                Logs.Enqueue(log);
            }
        }
    }

    // Fields that the tests' messages leave out are kept as unknown ones, and so are in the bytes.
    private void Keep(IMessage message) => Bytes.Enqueue(message.ToByteArray());

    private void Name(Resource resource) => Services.Add(string.Join(
        ' ', resource.Attributes.Where(a => !a.Key.StartsWith("telemetry.", StringComparison.Ordinal)).Select(a => string.Create(CultureInfo.InvariantCulture, $"{a.Key}={a.Value.StringValue}"))));

    private sealed class TraceApi(Collector collector) : TraceService.TraceServiceBase
    {
        public override Task<ExportTraceServiceResponse> Export(ExportTraceServiceRequest request, ServerCallContext context)
        {
            collector.Take(request);
            return Task.FromResult(new ExportTraceServiceResponse());
        }
    }

    private sealed class MetricsApi(Collector collector) : MetricsService.MetricsServiceBase
    {
        public override Task<ExportMetricsServiceResponse> Export(ExportMetricsServiceRequest request, ServerCallContext context)
        {
            collector.Take(request);
            return Task.FromResult(new ExportMetricsServiceResponse());
        }
    }

    private sealed class LogsApi(Collector collector) : LogsService.LogsServiceBase
    {
        public override Task<ExportLogsServiceResponse> Export(ExportLogsServiceRequest request, ServerCallContext context)
        {
            collector.Take(request);
            return Task.FromResult(new ExportLogsServiceResponse());
        }
    }
}
