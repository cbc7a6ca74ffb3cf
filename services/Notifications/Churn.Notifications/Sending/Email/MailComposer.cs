using System.Globalization;
using System.Text;
using Churn.Notifications.Domain;
using Churn.Notifications.Pages;
using Churn.Notifications.Storage;
using MimeKit;
using MimeKit.Text;

namespace Churn.Notifications.Sending.Email;

/// <summary>Makes mails of messages.</summary>
internal sealed class MailComposer
{
    private readonly LinkTokens _links;

    /// <summary>Makes the composer.</summary>
    /// <exception cref="FormatException">The sender is no address.</exception>
    public MailComposer(LinkTokens links, NotificationsOptions options)
    {
        _links = links;
        From = Sender(options.From);
        Domain = From.Address[(From.Address.LastIndexOf('@') + 1)..];
    }

    /// <summary>Gives from whom mails are.</summary>
    public MailboxAddress From { get; }

    private string Domain { get; }

    /// <summary>Reads a sender.</summary>
    /// <exception cref="FormatException">It is no address.</exception>
    public static MailboxAddress Sender(string text) =>
        MailboxAddress.TryParse(text, out var from) && MailAddress.Problem(from.Address) is null && !text.Any(char.IsControl)
            ? from
            : throw new FormatException($"The sender is '{text}', which is no address; write one such as Acme <hello@acme.example>");

    /// <summary>Makes the mail; the same message makes the same Message-ID each time.</summary>
    public MimeMessage Compose(MessageRow message, DateTimeOffset now)
    {
        var recipient = message.Request.Recipient;
        var mail = new MimeMessage
        {
            MessageId = $"{message.Id}@{MailboxAddress.EncodeAddrspec(Domain)}",
            Date = now,
            Subject = message.Subject,
            Body = new MultipartAlternative
            {
                new TextPart(TextFormat.Plain) { Text = message.Text },
                new TextPart(TextFormat.Html) { Text = message.Track ? Tracked(message) : message.Html },
            },
        };
        mail.From.Add(From);
        mail.To.Add(new MailboxAddress(recipient.Name.Length > 0 ? recipient.Name : null, recipient.Email));

        // No answering machine answers it (RFC 3834).
        mail.Headers.Add(HeaderId.AutoSubmitted, "auto-generated");
        if (message.Locale.Length > 0)
        {
            mail.Headers.Add(HeaderId.ContentLanguage, message.Locale);
        }

        if (message.Class == MessageClass.Marketing && _links.Unsubscribe(message.Id) is { } unsubscribe)
        {
            // On one line, however long: there are programs that look no further than its end.
            var header = new Header(HeaderId.ListUnsubscribe, unsubscribe);
            header.SetRawValue(Encoding.ASCII.GetBytes($" <{unsubscribe}>\n"));
            mail.Headers.Add(header);
            mail.Headers.Add(HeaderId.ListUnsubscribePost, "List-Unsubscribe=One-Click");
        }

        return mail;
    }

    /// <summary>Makes the mail as the development mailbox keeps it.</summary>
    public MailRow Keep(MessageRow message, DateTimeOffset now)
    {
        var mail = Compose(message, now);
        mail.Prepare(EncodingConstraint.SevenBit);
        using var raw = new MemoryStream();
        var format = FormatOptions.Default.Clone();
        format.NewLineFormat = NewLineFormat.Dos;
        mail.WriteTo(format, raw, CancellationToken.None);
        var asked = message.Request.RequestTime?.ToDateTimeOffset() ?? message.CreateTime;
        return new MailRow(
            message.Tenant, message.Id, now, From.ToString(), message.Request.Recipient.Email, message.Subject, message.Text, raw.ToArray(), now > asked ? now - asked : TimeSpan.Zero);
    }

    // Links count clicks on their way, and a picture of one dot counts the opening.
    private string Tracked(MessageRow message)
    {
        var converter = new HtmlToHtml
        {
            HtmlTagCallback = (context, writer) =>
            {
                if (context.TagId != HtmlTagId.A || context.IsEndTag)
                {
                    context.WriteTag(writer, writeAttributes: true);
                    return;
                }

                context.WriteTag(writer, writeAttributes: false);
                foreach (var attribute in context.Attributes)
                {
                    var counted = attribute.Id == HtmlAttributeId.Href && attribute.Value is { } target && IsWeb(target) ? _links.Click(message.Id, target) : null;
                    writer.WriteAttribute(attribute.Name, counted ?? attribute.Value ?? "");
                }
            },
        };
        var html = converter.Convert(message.Html);
        return html.LastIndexOf("</body>", StringComparison.OrdinalIgnoreCase) is var end and >= 0 ? html.Insert(end, Dot(message)) : html + Dot(message);
    }

    private string Dot(MessageRow message) =>
        _links.Open(message.Id) is { } url ? string.Create(CultureInfo.InvariantCulture, $"<img src=\"{url}\" width=\"1\" height=\"1\" alt=\"\">") : "";

    private static bool IsWeb(string target) =>
        Uri.TryCreate(target, UriKind.Absolute, out var uri) && (uri.Scheme == Uri.UriSchemeHttps || uri.Scheme == Uri.UriSchemeHttp);
}
