using System.Text;
using System.Text.RegularExpressions;
using Churn.Notifications.Domain;

namespace Churn.Notifications.Taking;

/// <summary>Checks what a request for a message says by itself.</summary>
internal static partial class RequestCheck
{
    public const string Missing = "FIELD_MISSING";
    public const string Invalid = "FIELD_INVALID";

    private const int MostId = 200;
    private const int MostVariables = 64 * 1024;
    private const int MostUrl = 2_000;

    /// <summary>Gives what is wrong with a request; null where nothing is.</summary>
    public static Refusal? Of(V1.SendRequest request, bool allowPrivateNetworks) =>
        Id("key", request.Key)
        ?? (request.Channel is V1.Channel.Email or V1.Channel.Webhook or V1.Channel.InApp ? null : new Refusal(Missing, "channel", "Say which way the message takes: e-mail, webhook or in-app."))
        ?? (request.Recipient is null ? new Refusal(Missing, "recipient", "Say whom to reach.") : null)
        ?? OfRecipient(request.Recipient!)
        ?? (request.Template.Length == 0 && request.Channel != V1.Channel.Webhook ? new Refusal(Missing, "template", "Name the template; a webhook alone can do without.") : null)
        ?? Text("template", request.Template)
        ?? (Enum.IsDefined(request.MessageClass) ? null : new Refusal(Invalid, "message_class", "There is no such class of messages."))
        ?? Text("category", request.Category)
        ?? (Enum.IsDefined(request.OnUnknown) ? null : new Refusal(Invalid, "on_unknown", "Say LEAVE or RESEND, or nothing."))
        ?? (request.ExpireTime is { } expire && !IsInstant(expire) ? new Refusal(Invalid, "expire_time", "This is no instant from the year 1 to 9999.") : null)
        ?? (request.RequestTime is { } asked && !IsInstant(asked) ? new Refusal(Invalid, "request_time", "This is no instant from the year 1 to 9999.") : null)
        ?? (request.Variables?.CalculateSize() > MostVariables ? new Refusal(Invalid, "variables", $"The variables have more than {MostVariables} bytes; send less.") : null)
        ?? Text("playbook", request.Playbook)
        ?? Text("run_id", request.RunId)
        ?? Url(request, allowPrivateNetworks);

    /// <summary>Gives what is wrong with a person; null where nothing is.</summary>
    public static Refusal? OfPerson(V1.Person? person) => person is null
        ? new Refusal(Missing, "person", "Say whose.")
        : Id("person.customer_id", person.CustomerId) ?? Text("person.contact_id", person.ContactId);

    /// <summary>Gives what is wrong with a time zone; null where nothing is.</summary>
    public static Refusal? Zone(string field, string zone) =>
        zone.Length == 0 || (ZoneName().IsMatch(zone) && TimeZoneInfo.TryFindSystemTimeZoneById(zone, out _))
            ? null
            : new Refusal("ZONE_UNKNOWN", field, $"{field} is '{Short(zone)}', which is no time zone of IANA; give one such as Europe/Lisbon, or nothing for UTC.");

    /// <summary>Gives what is wrong with an e-mail address; null where nothing is.</summary>
    public static Refusal? Email(string field, string email) =>
        MailAddress.Problem(email) is { } problem ? new Refusal("ADDRESS_INVALID", field, $"{field} {problem}.") : null;

    /// <summary>Gives what is wrong with a text that may be empty; null where nothing is.</summary>
    public static Refusal? Text(string field, string text, int most = MostId)
    {
        if (Encoding.UTF8.GetByteCount(text) > most)
        {
            return new Refusal(Invalid, field, $"{field} has more than {most} bytes; shorten it.");
        }

        foreach (var rune in text.EnumerateRunes())
        {
            if (rune.Value is '\r' or '\n')
            {
                return new Refusal(Invalid, field, $"{field} holds a line break; take it out.");
            }

            if (Rune.IsControl(rune) || rune == Rune.ReplacementChar || rune.Value is 0x2028 or 0x2029)
            {
                return new Refusal(Invalid, field, $"{field} holds U+{rune.Value:X4}, which cannot be printed; take it out.");
            }
        }

        return null;
    }

    /// <summary>Gives what is wrong with a text that must not be empty; null where nothing is.</summary>
    public static Refusal? Id(string field, string text) =>
        text.Length == 0 ? new Refusal(Missing, field, $"{field} is empty; give 1 to {MostId} bytes.") : Text(field, text);

    private static Refusal? OfRecipient(V1.Recipient recipient) =>
        Id("recipient.customer_id", recipient.CustomerId)
        ?? Text("recipient.contact_id", recipient.ContactId)
        ?? Text("recipient.name", recipient.Name)
        ?? (recipient.Email.Length == 0 ? null : Email("recipient.email", recipient.Email))
        ?? (recipient.Locale.Length == 0 || Domain.Locales.IsTag(recipient.Locale)
            ? null
            : new Refusal(Invalid, "recipient.locale", $"recipient.locale is '{Short(recipient.Locale)}', which is no language tag; give one such as pt-BR, or nothing."))
        ?? Zone("recipient.time_zone", recipient.TimeZone);

    private static Refusal? Url(V1.SendRequest request, bool allowPrivateNetworks)
    {
        if (request.Channel != V1.Channel.Webhook)
        {
            return request.WebhookUrl.Length == 0 ? null : new Refusal(Invalid, "webhook_url", "Only a webhook has an address of its own; leave webhook_url out.");
        }

        if (request.WebhookUrl.Length == 0)
        {
            return new Refusal(Missing, "webhook_url", "webhook_url is empty; give an https address.");
        }

        if (Text("webhook_url", request.WebhookUrl, MostUrl) is { } refusal)
        {
            return refusal;
        }

        if (!Uri.TryCreate(request.WebhookUrl, UriKind.Absolute, out var uri) || uri.UserInfo.Length > 0
            || !(uri.Scheme == Uri.UriSchemeHttps || (uri.Scheme == Uri.UriSchemeHttp && allowPrivateNetworks)))
        {
            return new Refusal("ADDRESS_INVALID", "webhook_url", $"webhook_url is '{Short(request.WebhookUrl)}'; give an https address without a name and password in it.");
        }

        return !allowPrivateNetworks && PrivateNetworks.IsPrivateHost(uri)
            ? new Refusal("ADDRESS_PRIVATE", "webhook_url", $"webhook_url leads to {uri.Host}, in a private network or this machine; give an address of the open internet, or let the installation allow private networks.")
            : null;
    }

    private static bool IsInstant(Google.Protobuf.WellKnownTypes.Timestamp instant) =>
        instant is { Seconds: >= -62_135_596_800 and <= 253_402_300_799, Nanos: >= 0 and < 1_000_000_000 };

    private static string Short(string text) => text.Length <= 60 ? text : text[..60] + "...";

    [GeneratedRegex("^[A-Za-z][A-Za-z0-9_+/-]{0,63}$", RegexOptions.None, 1000)]
    private static partial Regex ZoneName();
}
