using System.Text.Json.Nodes;
using Churn.Notifications.Tests.Hosting;
using Churn.Notifications.Tests.Smtp;
using Churn.Notifications.V1;
using Google.Protobuf.WellKnownTypes;

namespace Churn.Notifications.Tests;

public sealed class MailFormatTests : IDisposable
{
    private const string Strange =
        """
        kind: template
        name: strange
        class: marketing
        category: product-news
        variables:
          name: {type: text, required: true, sample: Ana}
        locales:
          en:
            subject: "Olá {{ name }} \u2713 \U0001F600 a subject that is so long that it has to be folded over several lines of the head of the mail"
            text: |
              Olá {{ name }},

              .a line with a dot
              From a line with From
              ação  \

        """;

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Mail_ParsedByPython_IsWhatWasMeant(bool overSmtp)
    {
        Assert.SkipUnless(Scripts.HasPython, "/usr/bin/python3 is not installed");
        await using var smtp = new StrictSmtpServer();
        await using var server = await NotifyServer.StartAsync(_folder, options => overSmtp ? options with { Smtp = $"smtp://localhost:{smtp.Port}" } : options);
        await server.PutAsync(Strange);
        var message = await server.SendAsync(Request());
        await server.ReachAsync("k1", MessageState.Sent);
        var raw = overSmtp ? Assert.Single(smtp.Mails).Data : (await server.Client.ListMailAsync(new ListMailRequest { Raw = true })).Mails[0].Raw.ToByteArray();
        var mail = JsonNode.Parse(await Scripts.PythonAsync("parse_mail.py", raw))!;
        Assert.Equal("multipart/alternative", Text("type"));
        Assert.Equal("Ol\u00E1 Zo\u00EB Bcc: eve@example.org \u2713 \U0001F600 a subject that is so long that it has to be folded over several lines of the head of the mail", Text("subject"));
        Assert.Equal(("hello@acme.example", "Acme"), (Text("from"), Text("from_name")));
        Assert.Equal(("ana@example.org", "Jos\u00E9 \"the, man\" \u00C5ngstr\u00F6m"), (Text("to"), Text("to_name")));
        Assert.Equal($"<{message.Id}@acme.example>", Text("message_id"));
        Assert.Equal("auto-generated", Text("auto"));
        Assert.Equal("List-Unsubscribe=One-Click", Text("unsubscribe_post"));
        Assert.DoesNotContain("bcc", mail["headers"]!.AsArray().Select(header => (string?)header));
        Assert.Equal("Ol\u00E1 Zo\u00EB\nBcc: eve@example.org,\n\n.a line with a dot\nFrom a line with From\na\u00E7\u00E3o  \\\n", Text("text").ReplaceLineEndings("\n"));
        Assert.Contains("Ol&#225; Zo&#235;", Text("html").Replace("\u00E1", "&#225;", StringComparison.Ordinal).Replace("\u00EB", "&#235;", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.Empty(mail["defects"]!.AsArray());
        await UnsubscribeAsync(server, Text("unsubscribe"));

        string Text(string name) => (string)mail[name]!;
    }

    [Fact]
    public async Task Mail_TakenByMaildev_IsWhatWasMeant()
    {
        Assert.SkipUnless(Maildev.Script is not null, "maildev is not installed: npm ci --prefix tests");
        await using var maildev = await Maildev.StartAsync(_folder);
        await using var server = await NotifyServer.StartAsync(_folder, options => options with { Smtp = $"smtp://127.0.0.1:{maildev.Port}" });
        await server.PutAsync(Strange);
        var message = await server.SendAsync(Request());
        await server.ReachAsync("k1", MessageState.Sent);
        var mails = new JsonArray();
        await Eventually.IsAsync(async () => (mails = await maildev.MailsAsync()).Count == 1, "the mail");
        var mail = mails[0]!;
        Assert.StartsWith("Ol\u00E1 Zo\u00EB Bcc: eve@example.org \u2713 \U0001F600", (string)mail["subject"]!, StringComparison.Ordinal);
        Assert.Equal("Jos\u00E9 \"the, man\" \u00C5ngstr\u00F6m", (string)mail["to"]![0]!["name"]!);
        Assert.Equal("ana@example.org", (string)mail["envelope"]!["to"]![0]!["address"]!);
        Assert.Single(mail["envelope"]!["to"]!.AsArray());
        Assert.Contains(".a line with a dot\nFrom a line with From\na\u00E7\u00E3o", ((string)mail["text"]!).ReplaceLineEndings("\n"), StringComparison.Ordinal);
        Assert.Contains("<body", (string)mail["html"]!, StringComparison.Ordinal);
        Assert.Equal($"<{message.Id}@acme.example>", (string)mail["headers"]!["message-id"]!);
        var source = await File.ReadAllLinesAsync((string)mail["source"]!);
        Assert.Contains("List-Unsubscribe-Post: List-Unsubscribe=One-Click", source);
        await UnsubscribeAsync(server, source.Single(line => line.StartsWith("List-Unsubscribe: ", StringComparison.Ordinal)).Split(' ')[1]);
    }

    private static SendRequest Request() => new()
    {
        Key = "k1",
        Channel = Channel.Email,
        Recipient = new Recipient { CustomerId = "c1", Email = "ana@example.org", Name = "Jos\u00E9 \"the, man\" \u00C5ngstr\u00F6m" },
        Template = "strange",
        Variables = new Struct { Fields = { ["name"] = Value.ForString("Zo\u00EB\nBcc: eve@example.org") } },
    };

    // A look changes nothing; the post of a mail program does, once.
    private static async Task UnsubscribeAsync(NotifyServer server, string header)
    {
        var address = new Uri(header.Trim('<', '>'));
        using (var shown = await server.Pages.GetAsync(address))
        {
            Assert.Equal(200, (int)shown.StatusCode);
        }

        var person = new Person { CustomerId = "c1" };
        Assert.Empty((await server.Client.GetPreferencesAsync(new GetPreferencesRequest { Person = person })).Preferences);
        for (var i = 0; i < 2; i++)
        {
            using var body = new FormUrlEncodedContent([new("List-Unsubscribe", "One-Click")]);
            using var posted = await server.Pages.PostAsync(address, body);
            Assert.Equal(200, (int)posted.StatusCode);
        }

        var preference = Assert.Single((await server.Client.GetPreferencesAsync(new GetPreferencesRequest { Person = person })).Preferences);
        Assert.Equal(new Preference { Channel = Channel.Email, Category = "product-news", Wanted = false }, preference);
        await server.SendAsync(new SendRequest(Request()) { Key = "k2" });
        Assert.Equal("UNSUBSCRIBED", (await server.ReachAsync("k2", MessageState.Suppressed)).Message.Reason);
        await Eventually.IsAsync(() => server.Facts.Words.Count(word => word == "Unsubscribed") == 1, "the fact");
    }
}
