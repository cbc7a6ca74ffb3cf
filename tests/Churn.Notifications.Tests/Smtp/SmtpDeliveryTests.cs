using Churn.Notifications.Domain;
using Churn.Notifications.Tests.Hosting;
using FsCheck.Fluent;
using MessageState = Churn.Notifications.V1.MessageState;
using OnUnknown = Churn.Notifications.V1.OnUnknown;

namespace Churn.Notifications.Tests.Smtp;

public sealed class SmtpDeliveryTests : IDisposable
{
    private static readonly RetryPolicy AtOnce = new(TimeSpan.FromMilliseconds(1), TimeSpan.FromMilliseconds(4), 40);

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(false, true)]
    [InlineData(true, false)]
    public async Task Send_ByTheServer_ArrivesOnceAsItIs(bool pipelines, bool eightBit)
    {
        await using var smtp = new StrictSmtpServer { Pipelines = pipelines, OffersEightBit = eightBit };
        await using var server = await StartAsync(smtp);
        var request = Samples.PaymentTo("k1");
        request.Recipient.Name = "José Ångström";
        request.Variables.Fields["name"] = Google.Protobuf.WellKnownTypes.Value.ForString(".first\n.\n..two\nfrom \u1F600 " + new string('x', 1_200));
        await server.SendAsync(request);
        var sent = await server.ReachAsync("k1", MessageState.Sent);
        var mail = Assert.Single(smtp.Mails);
        Assert.Empty(smtp.Violations);
        Assert.Equal(("hello@acme.example", "ana@example.org"), (mail.From, mail.To));
        Assert.Equal($"<{sent.Message.Id}@acme.example>", mail.MessageId);
        Assert.Equal("auto-generated", mail.Header("Auto-Submitted"));
        Assert.Equal("", mail.Header("List-Unsubscribe"));
        Assert.Contains("250 ", "250 " + sent.Message.Detail, StringComparison.Ordinal);
        Assert.Contains("taken over", sent.Message.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Send_Several_UsesConnectionsAgain()
    {
        await using var smtp = new StrictSmtpServer();
        await using var server = await StartAsync(smtp, options => options with { Concurrency = 1 });
        for (var i = 0; i < 20; i++)
        {
            await server.SendAsync(Samples.PaymentTo($"k{i}"));
        }

        for (var i = 0; i < 20; i++)
        {
            await server.ReachAsync($"k{i}", MessageState.Sent);
        }

        Assert.Equal((20, 1), (smtp.Mails.Count, smtp.Connections));
        Assert.Empty(smtp.Violations);
    }

    [Fact]
    public async Task Send_IdleConnectionClosedByTheServer_IsTriedOnAnotherAtOnce()
    {
        // Whatever was answered, the server goes then: the client finds out at the next mail.
        await using var smtp = new StrictSmtpServer { Deed = (stage, _) => stage == SmtpStage.Answered ? SmtpDeed.Drop : SmtpDeed.GoOn };
        await using var server = await StartAsync(smtp, options => options with { Concurrency = 1 });
        for (var i = 0; i < 5; i++)
        {
            await server.SendAsync(Samples.PaymentTo($"k{i}"));
            Assert.Equal(1, (await server.ReachAsync($"k{i}", MessageState.Sent)).Message.AttemptCount);
        }

        Assert.Equal(5, smtp.Mails.Count);
    }

    [Fact]
    public async Task Send_WithStartTlsAndLogin_IsEncryptedAndKnown()
    {
        await using var smtp = new StrictSmtpServer { WantsTls = true, Login = ("acme", "s:cr/t@") };
        await using var server = await StartAsync(smtp, options => options with
        {
            Smtp = $"smtp://acme:{Uri.EscapeDataString("s:cr/t@")}@localhost:{smtp.Port}?fingerprint={smtp.Fingerprint}",
        });
        await server.SendAsync(Samples.PaymentTo("k1"));
        await server.ReachAsync("k1", MessageState.Sent);
        var mail = Assert.Single(smtp.Mails);
        Assert.Equal(("acme", true), (mail.User, mail.IsEncrypted));
        Assert.Empty(smtp.Violations);
    }

    [Theory]
    [InlineData("smtp://acme:wrong@localhost:{0}?tls=none", false, "refuses the user name or password")]
    [InlineData("smtp://acme:secret@localhost:{0}?tls=starttls", false, "it offers no TLS, and a password is not sent without")]
    [InlineData("smtp://acme:secret@localhost:{0}?tls=required", false, "STARTTLS")]
    [InlineData("smtp://acme:secret@localhost:{0}?tls=required", true, "TLS fails")]
    [InlineData("smtp://localhost:{0}?tls=none", false, "wants a user name and password")]
    public async Task Send_ServerRefusesUs_WaitsWithTheReasonAndCountsNoTry(string address, bool tls, string reason)
    {
        await using var smtp = new StrictSmtpServer { OffersTls = tls, Login = ("acme", "secret") };
        await using var server = await StartAsync(smtp, options => options with
        {
            Smtp = string.Format(System.Globalization.CultureInfo.InvariantCulture, address, smtp.Port),
            Retries = AtOnce with { MostTries = 2 },
        });
        await server.SendAsync(Samples.PaymentTo("k1"));
        await Eventually.IsAsync(async () => (await server.GetAsync("k1")).Events.Count(e => e.Event == Reasons.Provider) > 3, "several tries");
        var waiting = (await server.GetAsync("k1")).Message;
        Assert.True(waiting is { State: MessageState.Queued or MessageState.Sending, AttemptCount: 0 or 1 }, waiting.ToString());
        var told = (await server.GetAsync("k1")).Events.First(e => e.Event == Reasons.Provider);
        Assert.Contains(reason, told.Detail, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", told.Detail, StringComparison.Ordinal);
        Assert.Empty(smtp.Mails);
    }

    [Fact]
    public async Task Send_NoServerThere_WaitsAndIsSentWhenItComes()
    {
        int port;
        await using (var gone = new StrictSmtpServer())
        {
            port = gone.Port;
        }

        await using var server = await NotifyServer.StartAsync(_folder, options => options with { Smtp = $"smtp://localhost:{port}", Retries = AtOnce with { MostTries = 2 } });
        await server.PutAsync(Samples.Payment);
        await server.SendAsync(Samples.PaymentTo("k1"));
        await Eventually.IsAsync(async () => (await server.GetAsync("k1")).Events.Count(e => e.Event == Reasons.Provider) > 2, "several tries");
        Assert.Contains($"localhost:{port}", (await server.GetAsync("k1")).Events.Last(e => e.Event == Reasons.Provider).Detail, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(SmtpStage.Recipient, "550 5.1.1 no such user", MessageState.Failed, Reasons.Refused, true)]
    [InlineData(SmtpStage.Recipient, "554 5.7.1 policy", MessageState.Failed, Reasons.Refused, false)]
    [InlineData(SmtpStage.Recipient, "550 not here", MessageState.Failed, Reasons.Refused, false)]
    [InlineData(SmtpStage.Mail, "552 5.3.4 too large", MessageState.Failed, Reasons.Refused, false)]
    [InlineData(SmtpStage.Data, "554 5.6.0 no", MessageState.Failed, Reasons.Refused, false)]
    [InlineData(SmtpStage.Received, "554 5.7.1 spam", MessageState.Failed, Reasons.Refused, false)]
    [InlineData(SmtpStage.Recipient, "450 4.2.1 later", MessageState.Failed, Reasons.TriesExhausted, false)]
    [InlineData(SmtpStage.Received, "451 4.3.0 later", MessageState.Failed, Reasons.TriesExhausted, false)]
    public async Task Send_Refused_IsWhatTheAnswerSays(SmtpStage at, string answer, MessageState state, string reason, bool suppressed)
    {
        foreach (var pipelines in (bool[])[true, false])
        {
            // Once the server stays, once it goes after its refusal.
            foreach (var goes in (bool[])[true, false])
            {
                await using var smtp = new StrictSmtpServer { Pipelines = pipelines, LeavesAfterRefusals = goes, Answer = (stage, _) => stage == at ? answer : null };
                using var folder = new TempFolder();
                await using var server = await StartAsync(smtp, options => options with { Retries = AtOnce with { MostTries = 3 } }, folder);
                await server.SendAsync(Samples.PaymentTo("k1"));
                var message = (await server.ReachAsync("k1", state)).Message;
                Assert.Equal((reason, reason == Reasons.TriesExhausted ? 3 : 1), (message.Reason, message.AttemptCount));
                Assert.Contains(answer, message.Detail, StringComparison.Ordinal);
                Assert.Equal(suppressed ? 1 : 0, (await server.Client.ListSuppressionsAsync(new V1.ListSuppressionsRequest())).Suppressions.Count);
                Assert.Empty(smtp.Mails);
                Assert.Empty(smtp.Violations);
            }
        }
    }

    [Fact]
    public async Task Send_ToAnAddressThatWasDead_IsSuppressed()
    {
        await using var smtp = new StrictSmtpServer { Answer = (stage, _) => stage == SmtpStage.Recipient ? "550 5.1.1 no such user" : null };
        await using var server = await StartAsync(smtp);
        await server.SendAsync(Samples.PaymentTo("k1"));
        await server.ReachAsync("k1", MessageState.Failed);
        await server.SendAsync(Samples.PaymentTo("k2", email: "ANA@example.org"));
        var second = await server.ReachAsync("k2", MessageState.Suppressed);
        Assert.Equal((Reasons.Suppressed, 0), (second.Message.Reason, second.Message.AttemptCount));
        Assert.Contains("bounced", second.Message.Detail, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(OnUnknown.Leave)]
    [InlineData(OnUnknown.Resend)]
    public async Task Send_ServerHangsAfterTheMail_IsUnknownInTime(OnUnknown onUnknown)
    {
        var hangs = 0;
        await using var smtp = new StrictSmtpServer { Deed = (stage, _) => stage == SmtpStage.Kept && Interlocked.Increment(ref hangs) == 1 ? SmtpDeed.Hang : SmtpDeed.GoOn };
        await using var server = await StartAsync(smtp, options => options with { ProviderTimeout = TimeSpan.FromMilliseconds(200) });
        var request = Samples.PaymentTo("k1");
        request.OnUnknown = onUnknown;
        await server.SendAsync(request);
        if (onUnknown == OnUnknown.Leave)
        {
            var left = await server.ReachAsync("k1", MessageState.Unknown);
            Assert.Equal(Reasons.NoAnswer, left.Message.Reason);
            Assert.Contains("does not answer in time", left.Message.Detail, StringComparison.Ordinal);
            Assert.Single(smtp.Mails);
            await Eventually.IsAsync(() => server.Facts.Words.SequenceEqual(["Failed"]), "the fact");
        }
        else
        {
            await server.ReachAsync("k1", MessageState.Sent);
            Assert.Equal(2, smtp.Mails.Count);
            Assert.Single(smtp.Mails.Select(mail => mail.MessageId).Distinct());
        }
    }

    [Fact]
    public void Law_WhereverTheServerGoes_WhatArrivedIsWhatTheStatesSay()
    {
        var stages = Gen.Elements(Enum.GetValues<SmtpStage>());
        var cases = stages.ListOf().Resize(12).SelectMany(drops => Gen.Elements(true, false).Select(resend => (drops, resend)));
        Law.Holds(cases.ToArbitrary(), at => RunAsync([.. at.drops], at.resend).GetAwaiter().GetResult(), times: 25);

        static async Task RunAsync(List<SmtpStage> drops, bool resend)
        {
            // Each drop happens once, at the next session that comes to its stage.
            var left = new List<SmtpStage>(drops);
            await using var smtp = new StrictSmtpServer
            {
                OffersTls = true,
                Login = ("acme", "secret"),
                Deed = (stage, _) =>
                {
                    lock (left)
                    {
                        return left.Remove(stage) ? SmtpDeed.Drop : SmtpDeed.GoOn;
                    }
                },
            };
            using var folder = new TempFolder();
            await using var server = await StartAsync(smtp, options => options with
            {
                Smtp = $"smtp://acme:secret@localhost:{smtp.Port}?tls=required&fingerprint={smtp.Fingerprint}",
                Concurrency = 2,
            }, folder);
            const int messages = 6;
            for (var i = 0; i < messages; i++)
            {
                var request = Samples.PaymentTo($"k{i}");
                request.OnUnknown = resend ? OnUnknown.Resend : OnUnknown.Leave;
                await server.SendAsync(request);
            }

            for (var i = 0; i < messages; i++)
            {
                var message = (await server.ReachAsync($"k{i}", MessageState.Sent, MessageState.Unknown)).Message;
                var arrived = smtp.Mails.Count(mail => mail.MessageId == $"<{message.Id}@acme.example>");
                if (resend)
                {
                    Assert.Equal(MessageState.Sent, message.State);
                    Assert.InRange(arrived, 1, 1 + drops.Count(stage => stage == SmtpStage.Kept));
                }
                else if (message.State == MessageState.Sent)
                {
                    Assert.Equal(1, arrived);
                }
                else
                {
                    Assert.InRange(arrived, 0, 1);
                }
            }

            Assert.Empty(smtp.Violations);
        }
    }

    private Task<NotifyServer> StartAsync(StrictSmtpServer smtp, Func<NotificationsOptions, NotificationsOptions>? change = null) => StartAsync(smtp, change, _folder);

    private static async Task<NotifyServer> StartAsync(StrictSmtpServer smtp, Func<NotificationsOptions, NotificationsOptions>? change, TempFolder folder)
    {
        var server = await NotifyServer.StartAsync(folder, options =>
        {
            var usual = options with { Smtp = $"smtp://localhost:{smtp.Port}", Retries = AtOnce };
            return change?.Invoke(usual) ?? usual;
        });
        await server.PutAsync(Samples.Payment);
        return server;
    }
}
