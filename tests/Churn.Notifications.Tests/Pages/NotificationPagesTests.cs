using Churn.Notifications.Pages;
using Churn.Notifications.Tests.Hosting;
using Churn.Notifications.V1;

namespace Churn.Notifications.Tests.Pages;

public sealed class NotificationPagesTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Links_OfATrackedMail_CountOnceAndLeadOn()
    {
        await using var server = await StartAsync();
        var mail = (await server.Client.ListMailAsync(new ListMailRequest { Raw = true })).Mails[0];
        var html = MimeKit.MimeMessage.Load(new MemoryStream(mail.Raw.ToByteArray())).HtmlBody!;
        var click = Between(html, "href=\"", "\"");
        var open = Between(html, "src=\"", "\"");
        for (var i = 0; i < 2; i++)
        {
            using var clicked = await server.Pages.GetAsync(new Uri(click));
            Assert.Equal((302, "https://acme.example/new?a=1&b=2"), ((int)clicked.StatusCode, clicked.Headers.Location!.OriginalString));
            using var opened = await server.Pages.GetAsync(new Uri(open));
            Assert.Equal((200, "image/gif"), ((int)opened.StatusCode, opened.Content.Headers.ContentType!.MediaType));
            Assert.Equal("no-store", opened.Headers.CacheControl!.ToString());
        }

        Assert.Equal(["TAKEN", "SENDING", "SENT", "CLICKED", "OPENED"], (await server.GetAsync("k1")).Events.Select(e => e.Event));
        await Eventually.IsAsync(() => server.Facts.All.Count == 3, "the facts");
        Assert.Equal([$"{mail.MessageId}:clicked:1", $"{mail.MessageId}:opened", $"{mail.MessageId}:sent"], server.Facts.All.Select(fact => fact.EventId).Order(StringComparer.Ordinal));
        Assert.Equal("https://acme.example/new?a=1&b=2", server.Facts.All.Single(fact => fact.MessageEvent.Event == Ingestion.V1.MessageEvent.Types.Event.Clicked).MessageEvent.Detail);
    }

    [Fact]
    public async Task Links_MadeUp_AreRefusedAndLeadNowhere()
    {
        await using var server = await StartAsync();
        var id = (await server.GetAsync("k1")).Message.Id;
        var links = new LinkTokens(server.Store, new NotificationsOptions { DataFolder = "" });
        var unsubscribe = links.Token(LinkKind.Unsubscribe, id, "");
        var elsewhere = links.Token(LinkKind.Click, id, "https://acme.example/");
        foreach (var path in (string[])
        [
            "/n/u/", "/n/u/x", $"/n/u/{unsubscribe[..^2]}AA", $"/n/u/{unsubscribe}AA", $"/n/c/{unsubscribe}", $"/n/u/{elsewhere}", "/n/c/https%3A%2F%2Fevil.example",
            $"/n/o/{unsubscribe}", $"/n/u/{links.Token(LinkKind.Unsubscribe, new string('0', 32), "")}",
        ])
        {
            using var shown = await server.Pages.GetAsync(new Uri(path, UriKind.Relative));
            Assert.True((int)shown.StatusCode is 400 or 404, path);
            Assert.Null(shown.Headers.Location);
            using var posted = await server.Pages.PostAsync(new Uri(path, UriKind.Relative), content: null);
            Assert.True((int)posted.StatusCode is 400 or 404 or 405, path);
        }

        Assert.Empty((await server.Client.GetPreferencesAsync(new GetPreferencesRequest { Person = new Person { CustomerId = "c1" } })).Preferences);
    }

    [Fact]
    public async Task Unsubscribe_Page_HasAButtonAndNoScript()
    {
        await using var server = await StartAsync();
        var link = new LinkTokens(server.Store, new NotificationsOptions { DataFolder = "" }).Token(LinkKind.Unsubscribe, (await server.GetAsync("k1")).Message.Id, "");
        using var shown = await server.Pages.GetAsync(new Uri($"/n/u/{link}", UriKind.Relative));
        var html = await shown.Content.ReadAsStringAsync();
        Assert.Contains("<form method=\"post\"><button type=\"submit\">Unsubscribe</button></form>", html, StringComparison.Ordinal);
        Assert.Contains("<b>product-news</b>", html, StringComparison.Ordinal);
        Assert.DoesNotContain("<script", html, StringComparison.OrdinalIgnoreCase);
        Assert.Equal("no-store", shown.Headers.CacheControl!.ToString());
        Assert.Contains("default-src 'none'", string.Join(' ', shown.Headers.GetValues("Content-Security-Policy")), StringComparison.Ordinal);
        Assert.Equal("no-referrer", string.Join(' ', shown.Headers.GetValues("Referrer-Policy")));
    }

    private static string Between(string text, string from, string to)
    {
        var start = text.IndexOf(from, StringComparison.Ordinal) + from.Length;
        return System.Net.WebUtility.HtmlDecode(text[start..text.IndexOf(to, start, StringComparison.Ordinal)]);
    }

    private async Task<NotifyServer> StartAsync()
    {
        var server = await NotifyServer.StartAsync(_folder);
        await server.PutAsync(Samples.News);
        await server.SendAsync(Samples.NewsTo("k1"));
        await server.ReachAsync("k1", MessageState.Sent);
        return server;
    }
}
