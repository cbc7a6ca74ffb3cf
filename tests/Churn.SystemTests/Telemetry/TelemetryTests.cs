using Churn.Ingestion.V1;
using Churn.Notifications.V1;
using Churn.Playbooks.V1;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Task = System.Threading.Tasks.Task;

namespace Churn.SystemTests.Telemetry;

/// <summary>What a running server exports, and what it does not.</summary>
public sealed class TelemetryTests
{
    private const string Canary = "Zephyrine.Quillfeather@canary.example";

    private const string Documents =
        """
        kind: template
        name: failed
        class: transactional
        category: billing
        variables: { code: { type: text, required: true, sample: x } }
        default_locale: en
        locales:
          en: { subject: "Your payment failed: {{ code }}", text: "Please look at it." }
        ---
        kind: playbook
        name: failed
        title: What is traced
        trigger: { fact: { kind: payment_failed } }
        goal: [ { fact: { kind: payment_succeeded } } ]
        holdout: none
        steps:
          - notify: { channel: email, template: failed, to: billing, variables: { code: "{{ event.decline_code }}" } }
            id: mail
          - wait: 30d
        """;

    [Theory]
    [InlineData("grpc")]
    [InlineData("http/protobuf")]
    public async Task Trace_OfAFact_GoesFromTheCallerToTheMessageSent(string protocol)
    {
        await using var collector = await Collector.StartAsync();
        using var folder = new TemporaryFolder();
        using var server = await Server.StartAsync(folder.Path, collector.Environment(protocol, "OTEL_RESOURCE_ATTRIBUTES=deployment.environment.name=trial"));
        await ApplyAsync(server);
        const string trace = "4bf92f3577b34da6a3ce929d0e0e4736";
        await FailAsync(server, "c1", new Grpc.Core.Metadata { { "traceparent", $"00-{trace}-00f067aa0ba902b7-01" } });
        await MailAsync(server);
        string[] way =
        [
            "churn.ingestion.v1.IngestionService/RecordFacts", "commit facts", "process facts", "process signals", "process requests", "send notification",
        ];
        var id = ByteString.CopyFrom(Convert.FromHexString(trace));
        await Collector.UntilAsync(
            () => way.All(name => collector.Spans.Any(span => span.Span.Name == name && span.Span.TraceId == id)),
            () => $"spans of the trace: {string.Join(", ", collector.Spans.Where(s => s.Span.TraceId == id).Select(s => s.Span.Name))}; others: {string.Join(", ", collector.Spans.Select(s => s.Span.Name).Distinct())}");

        // Each is the child of the one before it.
        var spans = collector.Spans.Where(span => span.Span.TraceId == id).Select(span => span.Span).ToDictionary(span => span.SpanId);
        for (var at = spans.Values.First(span => span.Name == way[^1]); at.Name != way[0]; at = spans[at.ParentSpanId])
        {
            Assert.Contains(at.ParentSpanId, spans.Keys);
        }

        Assert.Contains(collector.Services, name => name.Contains("service.name=churn ", StringComparison.Ordinal) && name.Contains("deployment.environment.name=trial", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Export_OfFactsAboutAPerson_HoldsNothingOfThePerson()
    {
        await using var collector = await Collector.StartAsync();
        using var folder = new TemporaryFolder();
        using var server = await Server.StartAsync(folder.Path, ["--verbose"], collector.Environment());
        await ApplyAsync(server);
        await FailAsync(server, Canary);
        await MailAsync(server);

        // Errors quote what was wrong to the caller, and to nobody else.
        await Assert.ThrowsAsync<Grpc.Core.RpcException>(async () => await server.Ingestion.GetFactAsync(new GetFactRequest { Source = "test", EventId = Canary }));
        await Assert.ThrowsAsync<Grpc.Core.RpcException>(async () => await server.Notifications.SendAsync(
            new SendRequest { Key = Canary, Template = Canary }));
        var mails = await server.Notifications.ListMailAsync(new ListMailRequest { Limit = 10, Raw = true });
        Assert.Contains(mails.Mails, mail => mail.To.Contains("quillfeather", StringComparison.OrdinalIgnoreCase));
        await Collector.UntilAsync(
            () => collector.Spans.Any(span => span.Span.Name.EndsWith("/ListMail", StringComparison.Ordinal)) && !collector.Logs.IsEmpty && !collector.Metrics.IsEmpty,
            () => "what was done is not exported");
        Assert.Equal(0, await server.StopAsync());
        Assert.True(collector.Holds("RecordFacts"));
        Assert.False(collector.Holds("quillfeather"), "a name was exported");
        Assert.False(collector.Holds("zephyrine"), "a name was exported");
        Assert.False(collector.Holds("canary.example"), "an address was exported");
    }

    internal static async Task ApplyAsync(Server server) =>
        await server.Playbooks.ApplyPlaybooksAsync(new ApplyPlaybooksRequest { Start = true, Documents = { new Document { File = "failed.yaml", Text = Documents } } });

    internal static async Task FailAsync(Server server, string customer, Grpc.Core.Metadata? headers = null)
    {
        var now = DateTimeOffset.UnixEpoch.AddSeconds((await server.Metrics.GetRollingMetricsAsync(new Metrics.V1.GetRollingMetricsRequest())).Info.Watermark.Seconds);
        var fact = new Func<string, Action<Fact>, Fact>((id, fill) =>
        {
            var made = new Fact { Source = "test", EventId = $"{customer}-{id}", CustomerId = customer, OccurTime = Timestamp.FromDateTimeOffset(now) };
            fill(made);
            return made;
        });
        var request = new RecordFactsRequest
        {
            Facts =
            {
                fact("started", f => f.SubscriptionStarted = new SubscriptionStarted { SubscriptionId = "s1", Plan = "pro", Price = new Price { Currency = "USD", MrrMicros = 10_000_000 } }),
                fact("profile", f => f.CustomerProfile = new CustomerProfile { Country = "PT" }),
                fact("contact", f => f.ContactJoined = new ContactJoined { ContactId = "p1", Role = "billing", Email = Canary, Name = "Zephyrine Quillfeather" }),
                fact("failed", f => f.PaymentFailed = new PaymentFailed { InvoiceId = "i1", DeclineCode = "expired_card" }),
            },
        };
        var recorded = await server.Ingestion.RecordFactsAsync(request, headers);
        Assert.Empty(recorded.Rejects);
    }

    internal static Task MailAsync(Server server) => Collector.UntilAsync(
        () => server.Notifications.ListMail(new ListMailRequest { Limit = 1 }).Mails.Count > 0, () => "no mail is sent");
}
