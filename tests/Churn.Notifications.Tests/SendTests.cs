using Churn.Notifications.Tests.Hosting;
using Churn.Notifications.V1;

namespace Churn.Notifications.Tests;

public sealed class SendTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Send_WithoutAMailServer_IsInTheMailboxAndBecomesAFact()
    {
        await using var server = await NotifyServer.StartAsync(_folder);
        await server.PutAsync(Samples.Payment);
        var taken = await server.Client.SendAsync(Samples.PaymentTo("k1"));
        Assert.False(taken.Existing);
        Assert.Equal("We could not take your payment of 49.00 EUR", taken.Message.Subject);
        var sent = await server.ReachAsync("k1", MessageState.Sent);
        Assert.Equal(["TAKEN", "SENDING", "SENT"], sent.Events.Select(e => e.Event));
        Assert.Equal("Dear Ana,\n\nyour payment of 49.00 EUR failed.\n", sent.Text);
        var mail = Assert.Single((await server.Client.ListMailAsync(new ListMailRequest { Raw = true })).Mails);
        Assert.Equal((taken.Message.Id, "ana@example.org", taken.Message.Subject), (mail.MessageId, mail.To, mail.Subject));
        Assert.Contains($"Message-Id: <{taken.Message.Id}@acme.example>", mail.Raw.ToStringUtf8(), StringComparison.OrdinalIgnoreCase);
        Assert.True((await server.Client.SendAsync(Samples.PaymentTo("k1"))).Existing);
        await Eventually.IsAsync(() => server.Facts.All.Count == 1, "the fact");
        Assert.Equal($"{taken.Message.Id}:sent", server.Facts.All[0].EventId);
        Assert.Equal("Sent", server.Facts.All[0].MessageEvent.Event.ToString());
    }

    [Fact]
    public async Task Stream_Request_TakesTheSamePath()
    {
        await using var server = await NotifyServer.StartAsync(_folder);
        await server.PutAsync(Samples.Payment);
        server.Request(Samples.PaymentTo("k1"), Samples.PaymentTo("k2"));
        await server.ReachAsync("k1", MessageState.Sent);
        await server.ReachAsync("k2", MessageState.Sent);
        Assert.Equal(2, (await server.Client.ListMailAsync(new ListMailRequest())).Mails.Count);
    }
}
