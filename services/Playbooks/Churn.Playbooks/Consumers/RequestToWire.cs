using Churn.Notifications.V1;
using Churn.Playbooks.Domain;
using Google.Protobuf.WellKnownTypes;
using WireRecipient = Churn.Notifications.V1.Recipient;

namespace Churn.Playbooks.Consumers;

/// <summary>Translates what playbooks ask for into requests of the wire.</summary>
internal static class RequestToWire
{
    /// <summary>Gives the request: the same effect, the same bytes.</summary>
    public static SendRequest ToWire(this Effect.Send send, string customer) => new()
    {
        Key = send.Key,
        Channel = send.Channel switch
        {
            "email" => Channel.Email,
            "in_app" => Channel.InApp,
            "webhook" => Channel.Webhook,
            _ => throw new InvalidDataException($"There is no channel '{send.Channel}'."),
        },
        Recipient = new WireRecipient
        {
            CustomerId = customer,
            ContactId = send.To.Contact,
            Name = send.To.Name,
            Email = send.To.Email,
            Locale = send.To.Locale,
            TimeZone = KnownZone(send.To.TimeZone),
        },
        Template = send.Template,
        Variables = ToWire(send.Variables),
        MessageClass = send.Transactional switch
        {
            null => MessageClass.Unspecified,
            true => MessageClass.Transactional,
            false => MessageClass.Marketing,
        },
        ExpireTime = send.Expires is { } expires ? Instants.ToWire(expires) : null,
        WebhookUrl = send.Url,
        Playbook = send.Playbook,
        RunId = send.Run,
        RequestTime = Instants.ToWire(send.Time),
    };

    // An attribute is any text: a typing error in it must not cost the customer its message, only the hour of its own zone.
    private static string KnownZone(string zone) =>
        zone.All(c => char.IsAsciiLetterOrDigit(c) || c is '/' or '_' or '-' or '+') && TimeZoneInfo.TryFindSystemTimeZoneById(zone, out _) ? zone : "";

    private static Struct ToWire(IReadOnlyDictionary<string, FieldValue> values)
    {
        var wire = new Struct();
        foreach (var (name, value) in values.OrderBy(value => value.Key, StringComparer.Ordinal))
        {
            wire.Fields.Add(name, value.Number is { } number ? Value.ForNumber((double)number)
                : value.Truth is { } truth ? Value.ForBool(truth)
                : Value.ForString(value.Text));
        }

        return wire;
    }
}
