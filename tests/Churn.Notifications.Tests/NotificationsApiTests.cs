using Churn.Notifications.Tests.Hosting;
using Churn.Notifications.V1;
using Churn.ServiceDefaults.Grpc;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;

namespace Churn.Notifications.Tests;

public sealed class NotificationsApiTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    public static TheoryData<string, string, string> WrongRequests => new()
    {
        { "no key", "FIELD_MISSING", "key is empty; give 1 to 200 bytes." },
        { "long key", "FIELD_INVALID", "key has more than 200 bytes; shorten it." },
        { "no channel", "FIELD_MISSING", "Say which way the message takes: e-mail, webhook or in-app." },
        { "no recipient", "FIELD_MISSING", "Say whom to reach." },
        { "no customer", "FIELD_MISSING", "recipient.customer_id is empty; give 1 to 200 bytes." },
        { "name with a newline", "FIELD_INVALID", "recipient.name holds a line break; take it out." },
        { "address with a newline", "ADDRESS_INVALID", "recipient.email holds a line break; take it out." },
        { "address without @", "ADDRESS_INVALID", "recipient.email has no single '@' between a name and a domain; give one such as ana@example.org." },
        { "unknown zone", "ZONE_UNKNOWN", "recipient.time_zone is 'Mars/Olympus', which is no time zone of IANA; give one such as Europe/Lisbon, or nothing for UTC." },
        { "zone as a path", "ZONE_UNKNOWN", "recipient.time_zone is '../../etc/passwd', which is no time zone of IANA; give one such as Europe/Lisbon, or nothing for UTC." },
        { "bad locale", "FIELD_INVALID", "recipient.locale is 'english please', which is no language tag; give one such as pt-BR, or nothing." },
        { "no template", "FIELD_MISSING", "Name the template; a webhook alone can do without." },
        { "unknown template", "TEMPLATE_NOT_FOUND", "There is no template 'x'; save it first, or see ListTemplates for those that there are." },
        { "url on a mail", "FIELD_INVALID", "Only a webhook has an address of its own; leave webhook_url out." },
        { "no url", "FIELD_MISSING", "webhook_url is empty; give an https address." },
        { "http url", "ADDRESS_INVALID", "webhook_url is 'http://hooks.example.org/x'; give an https address without a name and password in it." },
        { "private url", "ADDRESS_PRIVATE", "webhook_url leads to 10.0.0.1, in a private network or this machine; give an address of the open internet, or let the installation allow private networks." },
        { "loopback url", "ADDRESS_PRIVATE", "webhook_url leads to [::ffff:127.0.0.1], in a private network or this machine; give an address of the open internet, or let the installation allow private networks." },
    };

    [Theory]
    [MemberData(nameof(WrongRequests))]
    public async Task Send_WrongRequest_SaysWhatWhereAndWhatToDo(string what, string reason, string message)
    {
        await using var server = await NotifyServer.StartAsync(_folder, options => options with { AllowPrivateNetworks = false });
        await server.PutAsync(Samples.Payment);
        var request = Samples.PaymentTo("k1");
        switch (what)
        {
            case "no key": request.Key = ""; break;
            case "long key": request.Key = new string('k', 201); break;
            case "no channel": request.Channel = Channel.Unspecified; break;
            case "no recipient": request.Recipient = null; break;
            case "no customer": request.Recipient.CustomerId = ""; break;
            case "name with a newline": request.Recipient.Name = "Ana\r\nBcc: eve@example.org"; break;
            case "address with a newline": request.Recipient.Email = "ana@example.org\nBcc: eve@example.org"; break;
            case "address without @": request.Recipient.Email = "ana"; break;
            case "unknown zone": request.Recipient.TimeZone = "Mars/Olympus"; break;
            case "zone as a path": request.Recipient.TimeZone = "../../etc/passwd"; break;
            case "bad locale": request.Recipient.Locale = "english please"; break;
            case "no template": request.Template = ""; break;
            case "unknown template": request.Template = "x"; break;
            case "url on a mail": request.WebhookUrl = "https://example.org"; break;
            case "no url": Webhook(""); break;
            case "http url": Webhook("http://hooks.example.org/x"); break;
            case "private url": Webhook("https://10.0.0.1/x"); break;
            default: Webhook("https://[::ffff:127.0.0.1]/x"); break;
        }

        var wrong = await Assert.ThrowsAsync<RpcException>(() => server.SendAsync(request));
        Assert.Equal((reason, message), (ReasonOf(wrong), wrong.Status.Detail));
        Assert.Equal(reason == "TEMPLATE_NOT_FOUND" ? StatusCode.NotFound : StatusCode.InvalidArgument, wrong.StatusCode);
        Assert.Empty((await server.Client.ListMessagesAsync(new ListMessagesRequest())).Messages);

        void Webhook(string url) => (request.Channel, request.Template, request.WebhookUrl) = (Channel.Webhook, "", url);
    }

    [Fact]
    public async Task Send_SameKeyAgain_GivesTheSameOrAConflict()
    {
        await using var server = await NotifyServer.StartAsync(_folder);
        await server.PutAsync(Samples.Payment);
        var first = await server.SendAsync(Samples.PaymentTo("k1"));
        var reordered = Samples.PaymentTo("k1");
        var name = reordered.Variables.Fields["name"];
        reordered.Variables.Fields.Remove("name");
        reordered.Variables.Fields["name"] = name;
        reordered.RequestTime = Timestamp.FromDateTimeOffset(DateTimeOffset.UnixEpoch);
        var again = await server.Client.SendAsync(reordered);
        Assert.Equal((true, first.Id), (again.Existing, again.Message.Id));
        var other = Samples.PaymentTo("k1");
        other.Variables.Fields["name"] = Value.ForString("Bea");
        var wrong = await Assert.ThrowsAsync<RpcException>(() => server.SendAsync(other));
        Assert.Equal((StatusCode.AlreadyExists, "KEY_CONFLICT"), (wrong.StatusCode, ReasonOf(wrong)));
        Assert.Equal($"Message {first.Id} has the key 'k1' and other content: send the same as before, or another message under a key of its own.", wrong.Status.Detail);
    }

    [Fact]
    public async Task ListMessages_Pages_AreLatestFirstAndWhole()
    {
        await using var server = await NotifyServer.StartAsync(_folder);
        await server.PutAsync(Samples.Payment);
        for (var i = 0; i < 7; i++)
        {
            await server.SendAsync(new SendRequest(Samples.PaymentTo($"k{i}", customer: $"c{i % 2}")) { Playbook = i < 4 ? "dunning" : "" });
        }

        var request = new ListMessagesRequest { PageSize = 3 };
        var keys = new List<string>();
        do
        {
            var page = await server.Client.ListMessagesAsync(request);
            keys.AddRange(page.Messages.Select(message => message.Key));
            request.PageToken = page.NextPageToken;
        }
        while (request.PageToken.Length > 0);
        Assert.Equal(["k6", "k5", "k4", "k3", "k2", "k1", "k0"], keys);
        Assert.Equal(["k2", "k0"], (await server.Client.ListMessagesAsync(new ListMessagesRequest { CustomerId = "c0", Playbook = "dunning" })).Messages.Select(message => message.Key));
        var token = (await server.Client.ListMessagesAsync(new ListMessagesRequest { PageSize = 1 })).NextPageToken;
        var wrong = await Assert.ThrowsAsync<RpcException>(() => server.Client.ListMessagesAsync(new ListMessagesRequest { CustomerId = "c1", PageToken = token }).ResponseAsync);
        Assert.Equal("PAGE_TOKEN_INVALID", ReasonOf(wrong));
    }

    [Fact]
    public async Task GetMessage_Unknown_IsNotFound()
    {
        await using var server = await NotifyServer.StartAsync(_folder);
        var wrong = await Assert.ThrowsAsync<RpcException>(() => server.GetAsync("nothing"));
        Assert.Equal((StatusCode.NotFound, "MESSAGE_NOT_FOUND"), (wrong.StatusCode, ReasonOf(wrong)));
    }

    [Theory]
    [InlineData("25:00", "08:00", "quiet_hours.from is '25:00', which is no time of day; give one such as 21:30.")]
    [InlineData("8:00", "09:00", "quiet_hours.from is '8:00', which is no time of day; give one such as 21:30.")]
    [InlineData("21:00", "21:00", "Quiet hours from 21:00 to 21:00 would never end; to send nothing at all, say that nothing is wanted.")]
    public async Task SetPreferences_WrongQuietHours_SaysWhatToDo(string from, string to, string message)
    {
        await using var server = await NotifyServer.StartAsync(_folder);
        var wrong = await Assert.ThrowsAsync<RpcException>(() => server.Client.SetPreferencesAsync(new SetPreferencesRequest
        {
            Person = new Person { CustomerId = "c1" },
            QuietHours = new QuietHours { From = from, To = to },
        }).ResponseAsync);
        Assert.Equal(message, wrong.Status.Detail);
    }

    [Fact]
    public async Task RecordDelivery_Reports_AreKeptOnceAndSuppress()
    {
        await using var server = await NotifyServer.StartAsync(_folder);
        await server.PutAsync(Samples.Payment);
        var message = await server.SendAsync(Samples.PaymentTo("k1"));
        await server.ReachAsync("k1", MessageState.Sent);
        foreach (var outcome in (RecordDeliveryRequest.Types.Outcome[])
        [
            RecordDeliveryRequest.Types.Outcome.Delivered, RecordDeliveryRequest.Types.Outcome.Delivered, RecordDeliveryRequest.Types.Outcome.Complained,
            RecordDeliveryRequest.Types.Outcome.Complained, RecordDeliveryRequest.Types.Outcome.Bounced, RecordDeliveryRequest.Types.Outcome.Bounced,
        ])
        {
            await server.Client.RecordDeliveryAsync(new RecordDeliveryRequest { MessageId = message.Id, Outcome = outcome, Detail = "said" });
        }

        Assert.Equal(["TAKEN", "SENDING", "SENT", "DELIVERED", "COMPLAINED", "BOUNCED"], (await server.GetAsync("k1")).Events.Select(e => e.Event));
        await Eventually.IsAsync(() => server.Facts.All.Count == 4, "the facts");
        Assert.Equal("complained", Assert.Single((await server.Client.ListSuppressionsAsync(new ListSuppressionsRequest())).Suppressions).Reason);
        await server.SendAsync(Samples.PaymentTo("k2"));
        var suppressed = (await server.ReachAsync("k2", MessageState.Suppressed)).Message;
        var wrong = await Assert.ThrowsAsync<RpcException>(() => server.Client.RecordDeliveryAsync(
            new RecordDeliveryRequest { MessageId = suppressed.Id, Outcome = RecordDeliveryRequest.Types.Outcome.Delivered }).ResponseAsync);
        Assert.Equal("MESSAGE_NOT_SENT", ReasonOf(wrong));
    }

    [Theory]
    [InlineData("mail.example.org", "Acme <hello@acme.example>", "The mail server's address is none; write one such as smtp://")]
    [InlineData("http://mail.example.org", "Acme <hello@acme.example>", "The mail server's address is none")]
    [InlineData("smtp://mail.example.org?tls=maybe", "Acme <hello@acme.example>", "tls=maybe; tls is starttls, required or none")]
    [InlineData("smtp://mail.example.org?ssl=yes", "Acme <hello@acme.example>", "'ssl', which means nothing")]
    [InlineData("smtps://mail.example.org?tls=none", "Acme <hello@acme.example>", "keep one of them")]
    [InlineData(null, "Acme", "The sender is 'Acme', which is no address")]
    public void AddNotifications_WrongSetting_StopsWithOneLine(string? smtp, string from, string message)
    {
        var wrong = Assert.Throws<ServiceDefaults.Storage.StorageException>(() => new Microsoft.Extensions.DependencyInjection.ServiceCollection()
            .AddNotifications(new NotificationsOptions { DataFolder = _folder.Path, Smtp = smtp, From = from }));
        Assert.Contains(message, wrong.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', wrong.Message);
    }

    private static string ReasonOf(RpcException wrong) => wrong.ToRichStatus()!.Details[0].Unpack<Google.Rpc.ErrorInfo>().Reason;
}
