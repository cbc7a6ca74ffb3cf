using Churn.Notifications.Domain;
using Churn.Notifications.Tests.Hosting;
using Churn.Notifications.V1;
using FsCheck.Fluent;
using Google.Protobuf.WellKnownTypes;
using Channel = Churn.Notifications.V1.Channel;
using MessageClass = Churn.Notifications.V1.MessageClass;
using MessageState = Churn.Notifications.V1.MessageState;

namespace Churn.Notifications.Tests;

public sealed class PolicyTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly SetClock _clock = new(new DateTimeOffset(2026, 3, 10, 20, 59, 0, TimeSpan.Zero));

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task QuietHours_OfTheInstallation_HoldUntilTheirEndWhereThePersonIs()
    {
        await using var server = await StartAsync(options => options with { QuietHours = new Domain.QuietHours(new TimeOnly(21, 0), new TimeOnly(8, 0)) });
        await server.SendAsync(To("lisbon", "Europe/Lisbon"));
        await server.SendAsync(To("athens", "Europe/Athens"));
        await server.ReachAsync("lisbon", MessageState.Sent);
        var held = (await server.ReachAsync("athens", MessageState.Held)).Message;
        Assert.Equal((Reasons.QuietHours, new DateTimeOffset(2026, 3, 11, 6, 0, 0, TimeSpan.Zero)), (held.Reason, held.NextTime.ToDateTimeOffset()));
        Assert.Contains("21:00 to 08:00 in Europe/Athens", held.Detail, StringComparison.Ordinal);
        _clock.Set(new DateTimeOffset(2026, 3, 11, 5, 59, 59, 999, TimeSpan.Zero));
        server.Store.Wake();
        await server.SendAsync(To("kiritimati", "Pacific/Kiritimati"));
        await server.ReachAsync("kiritimati", MessageState.Sent);
        Assert.Equal(MessageState.Held, (await server.GetAsync("athens")).Message.State);
        _clock.Advance(TimeSpan.FromMilliseconds(2));
        server.Store.Wake();
        await server.ReachAsync("athens", MessageState.Sent);

        static SendRequest To(string key, string zone)
        {
            var request = Samples.PaymentTo(key, customer: key);
            request.Recipient.TimeZone = zone;
            return request;
        }
    }

    [Fact]
    public async Task QuietHours_LongerThanItIsWorth_Expire()
    {
        await using var server = await StartAsync();
        var person = new Person { CustomerId = "c1" };
        await server.Client.SetPreferencesAsync(new SetPreferencesRequest { Person = person, QuietHours = new V1.QuietHours { From = "20:00", To = "19:00" } });
        var request = Samples.PaymentTo("k1");
        request.ExpireTime = Timestamp.FromDateTimeOffset(_clock.GetUtcNow().AddHours(1));
        await server.SendAsync(request);
        var held = (await server.ReachAsync("k1", MessageState.Held)).Message;
        Assert.Equal(request.ExpireTime, held.NextTime);
        _clock.Advance(TimeSpan.FromHours(1) + TimeSpan.FromMilliseconds(1));
        server.Store.Wake();
        Assert.Equal(Reasons.Expired, (await server.ReachAsync("k1", MessageState.Expired)).Message.Reason);
        await Eventually.IsAsync(() => server.Facts.Words.SequenceEqual(["Failed"]), "the fact");
        Assert.StartsWith("EXPIRED: ", server.Facts.All[0].MessageEvent.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task QuietHours_TakenAway_LetWhatIsHeldGo()
    {
        await using var server = await StartAsync();
        var person = new Person { CustomerId = "c1" };
        await server.Client.SetPreferencesAsync(new SetPreferencesRequest { Person = person, QuietHours = new V1.QuietHours { From = "20:00", To = "19:00" } });
        await server.SendAsync(Samples.PaymentTo("k1"));
        await server.ReachAsync("k1", MessageState.Held);
        await server.Client.SetPreferencesAsync(new SetPreferencesRequest { Person = person });
        await server.ReachAsync("k1", MessageState.Sent);
    }

    [Fact]
    public async Task Cap_OverPlaybooksAndChannels_HoldsAPersonsMarketingAlone()
    {
        await using var server = await StartAsync(options => options with { Cap = new SendingCap(2, TimeSpan.FromDays(7)) });
        server.Request(
            new SendRequest(Samples.NewsTo("a")) { Playbook = "one" },
            new SendRequest(Samples.NewsTo("b", Channel.InApp)) { Playbook = "two" },
            new SendRequest(Samples.NewsTo("c")) { Playbook = "three" },
            new SendRequest(Samples.NewsTo("d")) { MessageClass = MessageClass.Transactional },
            Samples.NewsTo("e", contact: "another"),
            Samples.NewsTo("f", customer: "c2"));
        var states = new Dictionary<string, MessageState>(StringComparer.Ordinal);
        foreach (var key in (string[])["a", "b", "c", "d", "e", "f"])
        {
            states[key] = (await server.ReachAsync(key, MessageState.Sent, MessageState.Held)).Message.State;
        }

        Assert.Equal(["c"], states.Where(at => at.Value == MessageState.Held).Select(at => at.Key));
        var held = (await server.GetAsync("c")).Message;
        Assert.Equal((Reasons.Cap, _clock.GetUtcNow().AddDays(7)), (held.Reason, held.NextTime.ToDateTimeOffset()));

        // By then it is no longer worth sending, unless it says otherwise.
        _clock.Advance(TimeSpan.FromDays(7));
        server.Store.Wake();
        await server.ReachAsync("c", MessageState.Expired);
    }

    [Fact]
    public void Law_Cap_NoStretchHoldsMoreWhateverIsAskedForWhenAndHowOften()
    {
        var requests = from key in Gen.Choose(0, 11)
                       from hours in Gen.Choose(0, 30)
                       select (Key: key, Hours: hours);
        Law.Holds(requests.ListOf().Resize(25).ToArbitrary(), all => RunAsync([.. all]).GetAwaiter().GetResult(), times: 8);

        static async Task RunAsync(List<(int Key, int Hours)> requests)
        {
            using var folder = new TempFolder();
            var clock = new SetClock(new DateTimeOffset(2026, 3, 10, 12, 0, 0, TimeSpan.Zero));
            var cap = new SendingCap(2, TimeSpan.FromDays(2));
            await using var server = await NotifyServer.StartAsync(folder, options => options with { Cap = cap }, clock);
            await server.PutAsync(Samples.News);
            foreach (var (key, hours) in requests)
            {
                // A key says the same whenever it comes.
                var request = Samples.NewsTo($"k{key}", key % 3 == 0 ? Channel.InApp : Channel.Email);
                server.Request(request, request);
                await server.ReachAsync($"k{key}", MessageState.Sent, MessageState.Held, MessageState.Expired);
                clock.Advance(TimeSpan.FromHours(hours));
                server.Store.Wake();
            }

            clock.Advance(TimeSpan.FromDays(9));
            server.Store.Wake();
            var sent = new List<DateTimeOffset>();
            foreach (var key in requests.Select(request => request.Key).Distinct())
            {
                var message = (await server.ReachAsync($"k{key}", MessageState.Sent, MessageState.Expired)).Message;
                if (message.State == MessageState.Sent)
                {
                    sent.Add(message.SendTime.ToDateTimeOffset());
                }
            }

            Assert.Equal(sent.Count > 0, requests.Count > 0);
            foreach (var end in sent)
            {
                Assert.InRange(sent.Count(time => time > end - cap.Window && time <= end), 1, cap.Messages);
            }
        }
    }

    [Fact]
    public async Task Preferences_MostSpecial_Decides()
    {
        await using var server = await StartAsync();
        await server.Client.SetPreferencesAsync(new SetPreferencesRequest
        {
            Person = new Person { CustomerId = "c1" },
            Preferences =
            {
                new V1.Preference { Category = "product-news", Wanted = false },
                new V1.Preference { Channel = Channel.InApp, Category = "product-news", Wanted = true },
                new V1.Preference { Category = "billing", Wanted = false },
            },
        });
        await server.SendAsync(Samples.NewsTo("mail"));
        await server.SendAsync(Samples.NewsTo("inbox", Channel.InApp));
        await server.SendAsync(Samples.PaymentTo("payment"));
        Assert.Equal(Reasons.Unsubscribed, (await server.ReachAsync("mail", MessageState.Suppressed)).Message.Reason);
        await server.ReachAsync("inbox", MessageState.Sent);
        await server.ReachAsync("payment", MessageState.Sent);
    }

    [Fact]
    public async Task Suppression_Removed_LetsTheNextGo()
    {
        await using var server = await StartAsync();
        await server.Client.AddSuppressionAsync(new AddSuppressionRequest { Suppression = new Suppression { Email = "Ana@Example.org", Reason = "asked", Transactional = true } });
        var again = await server.Client.AddSuppressionAsync(new AddSuppressionRequest { Suppression = new Suppression { Email = "ana@example.org", Reason = "other" } });
        Assert.Equal(("ana@example.org", "asked", true), (again.Suppression.Email, again.Suppression.Reason, again.Suppression.Transactional));
        await server.SendAsync(Samples.PaymentTo("k1"));
        Assert.Equal("the address is suppressed: asked", (await server.ReachAsync("k1", MessageState.Suppressed)).Message.Detail);
        await server.Client.RemoveSuppressionAsync(new RemoveSuppressionRequest { Email = "ana@example.org" });
        await server.SendAsync(Samples.PaymentTo("k2"));
        await server.ReachAsync("k2", MessageState.Sent);
    }

    [Fact]
    public async Task Send_WithoutAnAddress_IsSuppressed()
    {
        await using var server = await StartAsync();
        await server.SendAsync(Samples.PaymentTo("k1", email: ""));
        var suppressed = await server.ReachAsync("k1", MessageState.Suppressed);
        Assert.Equal((Reasons.NoAddress, "the recipient has no e-mail address"), (suppressed.Message.Reason, suppressed.Message.Detail));
    }

    [Fact]
    public async Task Inbox_Streamed_IsInOrderAndGoesOnAfterTheLast()
    {
        await using var server = await StartAsync(options => options with { Cap = null });
        for (var i = 0; i < 3; i++)
        {
            await server.SendAsync(Samples.NewsTo($"k{i}", Channel.InApp));
        }

        var ids = new List<string>();
        using (var call = server.Client.StreamInbox(new StreamInboxRequest { Person = new Person { CustomerId = "c1" } }))
        {
            for (var i = 0; i < 3; i++)
            {
                Assert.True(await call.ResponseStream.MoveNext(default));
                ids.Add(call.ResponseStream.Current.MessageId);
            }

            Assert.Equal("News for you", call.ResponseStream.Current.Title);
            await server.SendAsync(Samples.NewsTo("k3", Channel.InApp));
            Assert.True(await call.ResponseStream.MoveNext(default));
            ids.Add(call.ResponseStream.Current.MessageId);
        }

        var expected = new List<string>();
        for (var i = 0; i < 4; i++)
        {
            expected.Add((await server.ReachAsync($"k{i}", MessageState.Delivered)).Message.Id);
        }

        Assert.Equal(expected, ids);
        using (var call = server.Client.StreamInbox(new StreamInboxRequest { Person = new Person { CustomerId = "c1" }, AfterMessageId = ids[1] }))
        {
            Assert.True(await call.ResponseStream.MoveNext(default));
            Assert.Equal(ids[2], call.ResponseStream.Current.MessageId);
        }

        await Eventually.IsAsync(() => server.Facts.Words.Count(word => word == "Delivered") == 4, "the facts");
    }

    private async Task<NotifyServer> StartAsync(Func<NotificationsOptions, NotificationsOptions>? change = null)
    {
        var server = await NotifyServer.StartAsync(_folder, change, _clock);
        await server.PutAsync(Samples.Payment);
        await server.PutAsync(Samples.News);
        return server;
    }
}
