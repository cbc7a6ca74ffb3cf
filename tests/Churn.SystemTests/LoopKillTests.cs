using System.Globalization;
using Churn.Ingestion.V1;
using Churn.Metrics.Tests.Consumers;
using Churn.Notifications.Tests.Smtp;
using Churn.Notifications.V1;
using Churn.Playbooks.V1;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using MessageEvent = Churn.Ingestion.V1.MessageEvent;
using Task = System.Threading.Tasks.Task;

namespace Churn.SystemTests;

public sealed class LoopKillTests
{
    private const string Sender = "churn-notifications";

    private const string Documents =
        """
        kind: template
        name: loop
        class: transactional
        category: billing
        variables: { code: { type: text, required: true, sample: x } }
        default_locale: en
        locales:
          en: { subject: "Your payment failed: {{ code }}", text: "Please look at it." }
        ---
        kind: playbook
        name: loop
        title: What is killed all the time
        trigger: { fact: { kind: payment_failed } }
        goal: [ { fact: { kind: payment_succeeded } } ]
        holdout: 20%
        steps:
          - notify: { channel: email, template: loop, to: billing, variables: { code: "{{ event.decline_code }}" } }
            id: mail
          - task: { title: "Call {{ customer }}", owner: ana, due: 1d }
          - wait: 30d
        """;

    // CHURN_KILL_ROUNDS=50 is the long run.
    private static readonly int Rounds =
        int.TryParse(Environment.GetEnvironmentVariable("CHURN_KILL_ROUNDS"), CultureInfo.InvariantCulture, out var rounds) ? rounds : 10;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly Lock _changing = new();
    private readonly HashSet<string> _failed = [];
    private readonly HashSet<string> _paid = [];
    private readonly List<Fact> _unknown = [];

    [Fact]
    public async Task Law_KilledAnywhereInTheLoop_WhatArrivedIsWhatTheStatesSayAndNothingIsLostOrDoubled()
    {
        using var folder = new TemporaryFolder();
        var chance = new RandomHistories(21);
        await using var smtp = new StrictSmtpServer();
        for (var round = 0; round < Rounds; round++)
        {
            // In the last round the mail server fails no more: what is left can be sent.
            smtp.Deed = (_, _) =>
            {
                lock (_changing)
                {
                    return chance.Next(25) == 0 ? SmtpDeed.Drop : SmtpDeed.GoOn;
                }
            };
            using var server = await StartAsync(folder, smtp);
            if (round == 0)
            {
                await server.Playbooks.ApplyPlaybooksAsync(new ApplyPlaybooksRequest { Start = true, Documents = { new Document { File = "loop.yaml", Text = Documents } } });
            }

            await RecordAsync(server, [.. _unknown]);
            _unknown.Clear();
            await LoadAndKillAsync(server, chance, round);
        }

        smtp.Deed = (_, _) => SmtpDeed.GoOn;
        using var last = await StartAsync(folder, smtp);
        await RecordAsync(last, [.. _unknown]);
        await AssertSettlesAsync(last, smtp);
    }

    private static Task<Server> StartAsync(TemporaryFolder folder, StrictSmtpServer smtp) => Server.StartAsync(
        folder.Path, ["--smtp", $"smtp://localhost:{smtp.Port}?tls=none", "--mail-from", "Acme <hello@acme.example>", "--retry-after", "1s"], []);

    private async Task LoadAndKillAsync(Server server, RandomHistories chance, int round)
    {
        var after = TimeSpan.FromMilliseconds(50 + chance.Next(900));
        var seed = chance.Next(1_000_000);
        var writers = Enumerable.Range(0, 3).Select(writer => Task.Run(() => WriteAsync(server, round, writer, new RandomHistories((ulong)(seed + writer))))).ToArray();
        await Task.Delay(after, TimeProvider.System, TestContext.Current.CancellationToken);
        server.Kill();
        await Task.WhenAll(writers);
    }

    private async Task WriteAsync(Server server, int round, int writer, RandomHistories chance)
    {
        for (var number = 0; number < 60; number++)
        {
            List<Fact> facts = [];
            for (var i = chance.Next(4); i >= 0; i--)
            {
                var customer = string.Create(CultureInfo.InvariantCulture, $"r{round}w{writer}n{number}i{i}");
                facts.Add(Of(customer, "contact", fact => fact.ContactJoined = new ContactJoined { ContactId = "p1", Role = "billing", Email = $"{customer}@example.com" }));
                facts.Add(Of(customer, "failed", fact => fact.PaymentFailed = new PaymentFailed { InvoiceId = "i1", DeclineCode = "expired_card" }));
                if (chance.Next(3) == 0)
                {
                    facts.Add(Of(customer, "paid", fact => fact.PaymentSucceeded = new PaymentSucceeded { InvoiceId = "i1" }));
                }
            }

            try
            {
                await RecordAsync(server, facts);
            }
            catch (RpcException)
            {
                lock (_changing)
                {
                    _unknown.AddRange(facts);
                }

                return;
            }
        }
    }

    private async Task RecordAsync(Server server, List<Fact> facts)
    {
        foreach (var batch in facts.Chunk(1_000))
        {
            var response = await server.Ingestion.RecordFactsAsync(new RecordFactsRequest { Facts = { batch } });
            Assert.Empty(response.Rejects);
            lock (_changing)
            {
                _failed.UnionWith(batch.Where(fact => fact.PaymentFailed is not null).Select(fact => fact.CustomerId));
                _paid.UnionWith(batch.Where(fact => fact.PaymentSucceeded is not null).Select(fact => fact.CustomerId));
            }
        }
    }

    private async Task AssertSettlesAsync(Server server, StrictSmtpServer smtp)
    {
        var end = TimeProvider.System.GetTimestamp();
        List<Run> runs;
        List<Message> messages;
        HashSet<string> sentFacts;
        while (true)
        {
            runs = await RunsAsync(server);
            messages = await MessagesAsync(server);
            sentFacts = await SentFactsAsync(server);
            var treated = runs.Where(run => run.Status != RunStatus.HeldOut).Select(run => run.Id).ToHashSet();
            if (runs.Count == _failed.Count && messages.Count == treated.Count && messages.All(m => m.State is MessageState.Sent or MessageState.Unknown)
                && runs.Count(run => run.Status == RunStatus.GoalReached) == runs.Count(run => treated.Contains(run.Id) && _paid.Contains(run.CustomerId))
                && sentFacts.Count == messages.Count(m => m.State == MessageState.Sent))
            {
                break;
            }

            Assert.True(TimeProvider.System.GetElapsedTime(end) < Patience, string.Create(CultureInfo.InvariantCulture,
                $"{_failed.Count} failed, {runs.Count} runs, {treated.Count} treated, {messages.Count} messages: {string.Join(", ", messages.CountBy(m => m.State))}, {sentFacts.Count} sent facts"));
            await Task.Delay(TimeSpan.FromMilliseconds(200), TimeProvider.System, TestContext.Current.CancellationToken);
        }

        Assert.Equal(_failed.Order(), runs.Select(run => run.CustomerId).Order());
        Assert.Equal(
            runs.Where(run => run.Status != RunStatus.HeldOut).Select(run => $"{run.CustomerId} {run.Id}:mail").Order(),
            messages.Select(message => $"{message.Recipient.CustomerId} {message.Key}").Order());
        var arrived = smtp.Mails.CountBy(mail => mail.MessageId).ToDictionary(StringComparer.Ordinal);
        foreach (var message in messages)
        {
            var times = arrived.GetValueOrDefault($"<{message.Id}@acme.example>");
            Assert.True(message.State == MessageState.Sent ? times == 1 : times <= 1, $"{message.State}, and arrived {times} times: {message}");
            Assert.Equal(message.State == MessageState.Sent, sentFacts.Contains(message.Id));
        }

        // Every mail is one that was asked for, and the one thing that may be left open is rare.
        Assert.Equal(arrived.Count, messages.Count(message => arrived.ContainsKey($"<{message.Id}@acme.example>")));
        Assert.InRange(messages.Count(message => message.State == MessageState.Unknown), 0, messages.Count / 4);
        Assert.NotEmpty(messages);
        Assert.Empty(smtp.Violations);
    }

    private static async Task<List<Run>> RunsAsync(Server server)
    {
        var request = new ListRunsRequest { Playbook = "loop", PageSize = 1_000 };
        var runs = new List<Run>();
        do
        {
            var page = await server.Playbooks.ListRunsAsync(request);
            runs.AddRange(page.Runs);
            request.PageToken = page.NextPageToken;
        }
        while (request.PageToken.Length > 0);
        return runs;
    }

    private static async Task<List<Message>> MessagesAsync(Server server)
    {
        var request = new ListMessagesRequest { Playbook = "loop", PageSize = 1_000 };
        var messages = new List<Message>();
        do
        {
            var page = await server.Notifications.ListMessagesAsync(request);
            messages.AddRange(page.Messages);
            request.PageToken = page.NextPageToken;
        }
        while (request.PageToken.Length > 0);
        return messages;
    }

    private static async Task<HashSet<string>> SentFactsAsync(Server server)
    {
        var request = new ListFactsRequest { Source = Sender, PageSize = 10_000 };
        var sent = new HashSet<string>();
        do
        {
            var page = await server.Ingestion.ListFactsAsync(request);
            foreach (var fact in page.Facts.Where(fact => fact.MessageEvent.Event == MessageEvent.Types.Event.Sent))
            {
                Assert.True(sent.Add(fact.MessageEvent.MessageId), $"two facts say that {fact.MessageEvent.MessageId} was sent");
            }

            request.PageToken = page.NextPageToken;
        }
        while (request.PageToken.Length > 0);
        return sent;
    }

    private static Fact Of(string customer, string what, Action<Fact> say)
    {
        var fact = new Fact { Source = "loop", EventId = $"{customer}-{what}", CustomerId = customer, OccurTime = Timestamp.FromDateTimeOffset(TimeProvider.System.GetUtcNow()) };
        say(fact);
        return fact;
    }
}
