using System.Diagnostics;
using Churn.ServiceDefaults.Telemetry;
using Microsoft.Extensions.Logging;
using OpenTelemetry;
using OpenTelemetry.Logs;

namespace Churn.ServiceDefaults.Tests.Telemetry;

/// <summary>What is taken out of spans and logs before they leave.</summary>
public sealed class PrivacyTests
{
    [Fact]
    public void Logs_QuotingAPerson_KeepTheSentenceAndTheNumbers()
    {
        var kept = new Kept();
        using (var factory = LoggerFactory.Create(logging => logging.AddOpenTelemetry(options =>
        {
            options.ParseStateValues = true;
            options.AddProcessor(new PrivateLogs()).AddProcessor(kept);
        })))
        {
            var inner = new InvalidOperationException("ana@example.com again");
            KeyValuePair<string, object?>[] state =
            [
                new("Count", 3), new("Stream", "facts"), new("Person", "ana@example.com"), new("Wait", TimeSpan.FromSeconds(5)), new("{OriginalFormat}", "{Count} of {Stream} for {Person} after {Wait}"),
            ];
            factory.CreateLogger("x").Log(LogLevel.Error, new EventId(1), state, new InvalidDataException("ana@example.com", inner), (_, _) => "3 of facts for ana@example.com");
        }

        var record = Assert.Single(kept.Records);
        Assert.DoesNotContain("ana@", record, StringComparison.Ordinal);
        Assert.Contains("Count=3", record, StringComparison.Ordinal);
        Assert.Contains("Stream=facts", record, StringComparison.Ordinal);
        Assert.Contains("Wait=00:00:05", record, StringComparison.Ordinal);
        Assert.Contains("exception.type=System.IO.InvalidDataException", record, StringComparison.Ordinal);
        Assert.Contains("caused by System.InvalidOperationException", record, StringComparison.Ordinal);
    }

    [Fact]
    public void Spans_OfPagesAndWebhooks_HoldNoKeysAndNoAddresses()
    {
        using var span = new Activity("x").Start();
        span.SetTag("url.full", "https://hooks.example.com/T0/secret?x=1").SetTag("url.path", "/m/u/secret").SetTag("http.route", "/m/u/{token}")
            .SetTag("url.query", "secret").SetTag("client.address", "203.0.113.9").SetTag("user_agent.original", "secret");
        span.SetStatus(ActivityStatusCode.Error, "secret");
        using var processor = new PrivateSpans();
        processor.OnEnd(span);
        Assert.Equal(
            [("http.route", "/m/u/{token}"), ("url.full", "https://hooks.example.com"), ("url.path", "/m/u/{token}")],
            span.TagObjects.Select(tag => (tag.Key, $"{tag.Value}")).Order());
        Assert.Null(span.StatusDescription);
    }

    [Fact]
    public void Causes_AsText_ComeBack()
    {
        var context = new ActivityContext(ActivityTraceId.CreateRandom(), ActivitySpanId.CreateRandom(), ActivityTraceFlags.Recorded);
        var back = Assert.Single(Causes.FromTraceParents(["", "no", context.ToTraceParent()]));
        Assert.Equal((context.TraceId, context.SpanId, context.TraceFlags), (back.TraceId, back.SpanId, back.TraceFlags));
    }

    private sealed class Kept : BaseProcessor<LogRecord>
    {
        public List<string> Records { get; } = [];

        public override void OnEnd(LogRecord data) =>
            Records.Add($"{data.Body} {data.FormattedMessage} {data.Exception} {string.Join(' ', (data.Attributes ?? []).Select(a => $"{a.Key}={a.Value}"))}");
    }
}
