using Churn.Notifications.Domain;
using Churn.Notifications.Storage;
using Churn.Notifications.Tests.Hosting;
using Churn.Notifications.Tests.Smtp;
using Churn.Notifications.V1;
using Churn.ServiceDefaults.Streams;
using FsCheck.Fluent;
using MessageState = Churn.Notifications.V1.MessageState;
using OnUnknown = Churn.Notifications.V1.OnUnknown;

namespace Churn.Notifications.Tests;

public sealed class RecoveryTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    // The files as they were at an instant are what a process that is killed there leaves behind.
    [Theory]
    [InlineData(SmtpStage.Mail, OnUnknown.Leave, MessageState.Sent, 1)]
    [InlineData(SmtpStage.Data, OnUnknown.Leave, MessageState.Unknown, 0)]
    [InlineData(SmtpStage.Kept, OnUnknown.Leave, MessageState.Unknown, 1)]
    [InlineData(SmtpStage.Kept, OnUnknown.Resend, MessageState.Sent, 2)]
    public async Task Start_AfterAKillWithinATry_GoesOnByTheMark(SmtpStage at, OnUnknown onUnknown, MessageState state, int arrived)
    {
        var hanging = new TaskCompletionSource();
        await using var smtp = new StrictSmtpServer
        {
            Deed = (stage, connection) =>
            {
                if (stage != at || connection > 1)
                {
                    return SmtpDeed.GoOn;
                }

                hanging.TrySetResult();
                return SmtpDeed.Hang;
            },
        };
        using var killed = new TempFolder();
        await using (var server = await NotifyServer.StartAsync(_folder, options => options with { Smtp = $"smtp://localhost:{smtp.Port}" }))
        {
            await server.PutAsync(Samples.Payment);
            var request = Samples.PaymentTo("k1");
            request.OnUnknown = onUnknown;
            await server.SendAsync(request);
            await hanging.Task;
            foreach (var file in Directory.GetFiles(_folder.Path, "*.db*"))
            {
                File.Copy(file, killed.File(Path.GetFileName(file)));
            }
        }

        await using var next = await NotifyServer.StartAsync(
            killed, options => options with { Smtp = $"smtp://localhost:{smtp.Port}", Retries = RetryPolicy.Usual with { First = TimeSpan.FromMilliseconds(1) } });
        var message = (await next.ReachAsync("k1", state)).Message;
        Assert.Equal(arrived, smtp.Mails.Count(mail => mail.MessageId == $"<{message.Id}@acme.example>"));
        Assert.Equal(state == MessageState.Unknown ? Reasons.NoAnswer : "", message.Reason);
    }

    [Fact]
    public async Task Ingestion_Down_FactsWaitAndAreTold()
    {
        var facts = new KeptFacts { IsDown = true };
        await using (var server = await NotifyServer.StartAsync(_folder, facts: facts))
        {
            await server.PutAsync(Samples.Payment);
            await server.SendAsync(Samples.PaymentTo("k1"));
            await server.ReachAsync("k1", MessageState.Sent);
            await Eventually.IsAsync(() => facts.Calls >= 2, "calls");
            Assert.Equal(1, server.Store.Read(Outbox.Count));
        }

        facts.IsDown = false;
        facts.Rejects = fact => fact.CustomerId == "c2";
        await using var next = await NotifyServer.StartAsync(_folder, facts: facts);
        await next.SendAsync(Samples.PaymentTo("k2", customer: "c2"));
        await next.SendAsync(Samples.PaymentTo("k3"));
        await Eventually.IsAsync(() => facts.All.Count == 2, "the facts");
        await Eventually.IsAsync(() => next.Store.Read(Outbox.Count) == 0, "the outbox to be empty");
    }

    [Fact]
    public async Task Stream_WhatCannotBeTaken_IsToldAndBlocksNothing()
    {
        await using var server = await NotifyServer.StartAsync(_folder);
        await server.PutAsync(Samples.Payment);
        var conflict = Samples.PaymentTo("k1");
        conflict.Recipient.Email = "bea@example.org";
        var zone = Samples.PaymentTo("zone");
        zone.Recipient.TimeZone = "Europe/Atlantis";
        var template = Samples.PaymentTo("template");
        template.Template = "payment-faild";
        var address = Samples.PaymentTo("address", email: "ana@example.org\nBcc: eve@example.org");
        var closed = new SendRequest { Key = "closed", Channel = V1.Channel.Webhook, Recipient = new Recipient { CustomerId = "c1" }, WebhookUrl = "ftp://example.org" };
        server.Request(Samples.PaymentTo("k1"), conflict, zone, template, address, closed, new SendRequest { Channel = V1.Channel.Email }, Samples.PaymentTo("last"));
        server.RequestBytes([255, 255, 255]);
        await server.ReachAsync("last", MessageState.Sent);
        Assert.Equal("ana@example.org", (await server.GetAsync("k1")).Message.Recipient.Email);
        await Expect("zone", "ZONE_UNKNOWN", "recipient.time_zone is 'Europe/Atlantis', which is no time zone of IANA; give one such as Europe/Lisbon, or nothing for UTC.");
        await Expect("template", "TEMPLATE_NOT_FOUND", "There is no template 'payment-faild'; save it first, or see ListTemplates for those that there are.");
        await Expect("address", "ADDRESS_INVALID", "recipient.email holds a line break; take it out.");
        await Expect("closed", "ADDRESS_INVALID", "webhook_url is 'ftp://example.org'; give an https address without a name and password in it.");
        await Eventually.IsAsync(() => server.Store.Read(AppliedRows.CountPutAside) == 3, "three records to be put aside");
        await Eventually.IsAsync(() => server.Facts.Words.Count(word => word == "Failed") == 4, "the facts");

        async Task Expect(string key, string reason, string detail)
        {
            var message = await server.ReachAsync(key, MessageState.Failed);
            Assert.Equal((reason, detail), (message.Message.Reason, message.Message.Detail));
            Assert.Equal(reason, Assert.Single(message.Events).Event);
        }
    }

    [Fact]
    public void Law_Requests_DoubledAndMixedWithCallsAreSentOnce()
    {
        var cases = Gen.Choose(0, 5).ListOf().Resize(20).SelectMany(keys => Gen.Choose(0, 1_000_000).Select(seed => (keys, seed)));
        Law.Holds(cases.ToArbitrary(), at => RunAsync([.. at.keys], at.seed).GetAwaiter().GetResult(), times: 10);

        static async Task RunAsync(List<int> keys, int seed)
        {
            using var folder = new TempFolder();
            await using var server = await NotifyServer.StartAsync(folder);
            await server.PutAsync(Samples.Payment);
            var chance = new Random(seed);
            var ids = new Dictionary<string, string>(StringComparer.Ordinal);
            foreach (var key in keys.Select(number => $"k{number}"))
            {
                if (chance.Next(2) == 0)
                {
                    server.Request(Samples.PaymentTo(key));
                }
                else
                {
                    var sent = await server.SendAsync(Samples.PaymentTo(key));
                    Assert.Equal(ids.TryGetValue(key, out var known) ? known : ids[key] = sent.Id, sent.Id);
                }
            }

            foreach (var key in keys.Distinct())
            {
                await server.ReachAsync($"k{key}", MessageState.Sent);
            }

            Assert.Equal(keys.Distinct().Count(), (await server.Client.ListMailAsync(new ListMailRequest { Limit = 1_000 })).Mails.Count);
            await Eventually.IsAsync(() => server.Facts.All.Count == keys.Distinct().Count(), "the facts");
        }
    }
}
