using Churn.Ingestion.V1;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Google.Protobuf.WellKnownTypes;

namespace Churn.Ingestion.Tests;

/// <summary>One value of one field of a fact, and what is to be said of it: a reason, or null where it is fine.</summary>
internal sealed record FieldValue(string Name, string Path, object? Value, string? Reason, string? ReasonPath = null)
{
    /// <summary>Gives a sound fact but for this.</summary>
    public Fact Fact()
    {
        var names = Path.Split('.');
        var fact = Sample.Of(Sample.Kinds.Contains(names[0]) ? names[0] : "subscription_started");
        IMessage at = fact;
        foreach (var name in names[..^1])
        {
            at = (IMessage)at.Descriptor.FindFieldByName(name).Accessor.GetValue(at);
        }

        var field = at.Descriptor.FindFieldByName(names[^1]);
        if (Value is null)
        {
            field.Accessor.Clear(at);
        }
        else
        {
            field.Accessor.SetValue(at, Value);
        }

        return fact;
    }
}

/// <summary>The ranges of the contract, field by field, as values at and beyond their ends.</summary>
internal static class FieldRange
{
    private const string Missing = "FIELD_MISSING";
    private const string Invalid = "FIELD_INVALID";
    private const long Most = 1_000_000_000_000_000;

    private static readonly string[] Priced = ["subscription_started", "subscription_changed", "subscription_resumed"];

    private static readonly string[] Amounts =
    [
        "payment_succeeded.amount", "payment_failed.amount", "payment_refunded.amount", "invoice_past_due.amount", "opportunity_updated.amount", "outcome_delivered.value",
    ];

    /// <summary>Gives the fields that hold nothing that could be refused, each with its reason.</summary>
    public static IReadOnlyDictionary<string, string> Free { get; } = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["sequence"] = "every int64 is an order",
        ["record_time"] = "ignored in requests",
        ["cancellation_scheduled.completes"] = "a bool",
        ["subscription_changed.trial"] = "a bool",
        ["subscription_ended.completes"] = "a bool",
        ["subscription_resumed.trial"] = "a bool",
        ["subscription_started.trial"] = "a bool",
        ["ticket_resolved.first_contact"] = "a bool",
        ["customer_profile.attributes"] = "a map, tested by itself",
    };

    public static IReadOnlyList<FieldValue> Values { get; } =
    [
        .. Source(), .. Printable("event_id", required: true), .. Printable("customer_id", required: true), .. Printable("retracts", required: false),
        new("retracts: the fact itself", "retracts", "evt_1", Invalid),
        new("occur_time: absent", "occur_time", null, Missing),
        .. Instant("occur_time"),
        new("occur_time: 1970", "occur_time", At(0, 0), null),
        new("occur_time: before 1970", "occur_time", At(-1, 999_999_999), Invalid),
        new("occur_time: 5 minutes ahead", "occur_time", Timestamp.FromDateTimeOffset(Sample.Now.AddMinutes(5)), null),
        new("occur_time: a bit more", "occur_time", Timestamp.FromDateTimeOffset(Sample.Now.AddMinutes(5).AddMicroseconds(1)), "FACT_IN_FUTURE"),
        new("occur_time: the last instant", "occur_time", At(253_402_300_799, 999_999_999), "FACT_IN_FUTURE"),

        .. new[] { "size", "industry", "country", "plan_tier", "channel", "entry_offer", "owner", "locale", "time_zone" }.SelectMany(name => Text("customer_profile." + name, 0, 200)),
        new("renewal_date: cleared", "customer_profile.renewal_date", "", null),
        new("renewal_date: a leap day", "customer_profile.renewal_date", "2028-02-29", null),
        new("renewal_date: none such", "customer_profile.renewal_date", "2027-02-29", Invalid),
        new("renewal_date: another form", "customer_profile.renewal_date", "31/12/2027", Invalid),

        .. Priced.SelectMany(Terms),
        .. Amounts.SelectMany(Amount),
        .. Required("subscription_paused.subscription_id"),
        .. Required("cancellation_scheduled.subscription_id"),
        new("effective_time: absent", "cancellation_scheduled.effective_time", null, Missing),
        .. Instant("cancellation_scheduled.effective_time"),
        new("effective_time: the first instant", "cancellation_scheduled.effective_time", At(-62_135_596_800, 0), null),
        new("effective_time: the last instant", "cancellation_scheduled.effective_time", At(253_402_300_799, 999_999_999), null),
        .. Who("cancellation_scheduled.initiator"), .. Text("cancellation_scheduled.reason_code", 0, 64), .. Text("cancellation_scheduled.note", 0, 2_000),
        .. Required("cancellation_revoked.subscription_id"),
        .. Required("subscription_ended.subscription_id"), .. Who("subscription_ended.initiator"), .. Text("subscription_ended.reason_code", 0, 64), .. Text("subscription_ended.note", 0, 2_000),
        .. Text("payment_succeeded.invoice_id", 0, 200), .. Text("payment_succeeded.subscription_id", 0, 200),
        .. Text("payment_failed.invoice_id", 0, 200), .. Text("payment_failed.subscription_id", 0, 200), .. Text("payment_failed.decline_code", 0, 64),
        .. Text("payment_refunded.invoice_id", 0, 200),
        .. Required("invoice_past_due.invoice_id"), .. Required("invoice_past_due.subscription_id"),
        new("due_time: absent", "invoice_past_due.due_time", null, null),
        .. Instant("invoice_past_due.due_time"),
        .. Text("payment_method_updated.payment_method_id", 0, 200),
        new("expiry_month: none", "payment_method_updated.expiry_month", "", null),
        new("expiry_month: none such", "payment_method_updated.expiry_month", "2027-13", Invalid),
        new("expiry_month: another form", "payment_method_updated.expiry_month", "02/27", Invalid),
        .. Text("usage_recorded.meter", 1, 64), .. Number("usage_recorded.quantity", 0, Most),
        .. Required("ticket_opened.ticket_id"), .. Text("ticket_opened.severity", 0, 64), .. Text("ticket_opened.topic", 0, 200),
        .. Required("ticket_resolved.ticket_id"),
        new("survey: none", "feedback.survey", Feedback.Types.Survey.Unspecified, Missing), new("survey: unknown", "feedback.survey", (Feedback.Types.Survey)4, Invalid),
        new("survey: negative", "feedback.survey", (Feedback.Types.Survey)(-1), Invalid),
        new("score: 0 of CSAT", "feedback.score", 0, Invalid), new("score: 1 of CSAT", "feedback.score", 1, null),
        new("score: 5 of CSAT", "feedback.score", 5, null), new("score: 6 of CSAT", "feedback.score", 6, Invalid),
        .. Text("feedback.note", 0, 2_000),
        .. Text("mention.channel", 1, 64),
        new("sentiment: bad", "mention.sentiment", -1.0, null), new("sentiment: good", "mention.sentiment", 1.0, null),
        new("sentiment: too bad", "mention.sentiment", double.BitDecrement(-1), Invalid), new("sentiment: too good", "mention.sentiment", double.BitIncrement(1), Invalid),
        new("sentiment: no number", "mention.sentiment", double.NaN, Invalid), new("sentiment: no end", "mention.sentiment", double.PositiveInfinity, Invalid),
        .. Text("mention.url", 0, 2_000),
        .. Required("lead_recorded.lead_id"), .. Text("lead_recorded.origin", 0, 200),
        .. Required("opportunity_updated.opportunity_id"), .. Text("opportunity_updated.stage", 1, 64),
        .. Required("outcome_delivered.name"),
        .. Text("touch_logged.channel", 1, 64), .. Text("touch_logged.owner", 0, 200), .. Text("touch_logged.note", 0, 2_000),
        .. Required("contact_joined.contact_id"), .. Text("contact_joined.role", 0, 64), .. Text("contact_joined.name", 0, 200),
        new("name: a line feed", "contact_joined.name", "Ana\nBcc: x@example.org", Invalid),
        .. Fine("contact_joined.email", "", "a@b", "ana.lima+1@example.org", "o'neill@example.org", "caf\u00E9@example.org", new string('x', 252) + "@b"),
        .. Refused("contact_joined.email", "a", "@b", "a@", "a@b@c", "a@b\n", "a\r\nBcc: c@d", "a@b c", "a\u00A0@b", "a\u2028@b", "a@b\0", "<a@b>", "Ana <a@b>", "a(x)@b",
            "a@[::1]", "a,b@c", "a;b@c", "a:b@c", "\"a\"@b", "a\\@b", "a@b\uFFFD", new string('x', 253) + "@b", new string('\u00E9', 127) + "@b"),
        .. Fine("contact_joined.phone", "", "+12", "+351912345678", "+123456789012345"),
        .. Refused("contact_joined.phone", "+1", "351912345678", "+051912345678", "+1234567890123456", "+351 912 345 678", "+351912345678\n", "+\u0663\u0665\u0661"),
        .. Fine("contact_joined.locale", "", "en", "pt-BR", "zh-Hant-TW", "de-1996", "aaaaaaaa-aaaaaaaa-aaaaaaaa-aaaaaaaa"),
        .. Refused("contact_joined.locale", "e", "en_US", "en-", "-en", "12", "english language", "en\n", "aaaaaaaa-aaaaaaaa-aaaaaaaa-aaaaaaaa-a"),
        .. Fine("contact_joined.time_zone", "", "UTC", "Europe/Lisbon", "America/Argentina/Buenos_Aires", "Etc/GMT+3", new string('x', 64)),
        .. Refused("contact_joined.time_zone", "Europe/Lisbon\n", "/Lisbon", "Europe Lisbon", new string('x', 65)),
        .. Required("contact_left.contact_id"),
        .. Required("message_event.message_id"),
        new("event: none", "message_event.event", MessageEvent.Types.Event.Unspecified, Missing), new("event: the last", "message_event.event", MessageEvent.Types.Event.Failed, null),
        new("event: unknown", "message_event.event", (MessageEvent.Types.Event)9, Invalid), new("event: negative", "message_event.event", (MessageEvent.Types.Event)(-1), Invalid),
        .. Text("message_event.channel", 1, 64), .. Text("message_event.template", 0, 200), .. Text("message_event.playbook", 0, 200), .. Text("message_event.run_id", 0, 200),
        .. Text("message_event.detail", 0, 2_000),
        .. Text("retraction.note", 0, 2_000),
    ];

    /// <summary>Gives the path of every field of a fact that holds a value by itself.</summary>
    public static IEnumerable<string> Leaves(MessageDescriptor message, string above = "") => message.Fields.InFieldNumberOrder().SelectMany(field =>
        field.FieldType == FieldType.Message && !field.IsMap && field.MessageType != Timestamp.Descriptor
            ? Leaves(field.MessageType, above + field.Name + ".")
            : [above + field.Name]);

    private static IEnumerable<FieldValue> Source() =>
    [
        new("source: empty", "source", "", Missing),
        new("source: every character", "source", "abcdefghijklmnopqrstuvwxyz0123456789-_.:", null),
        new("source: 64 characters", "source", new string('a', 64), null),
        new("source: 65 characters", "source", new string('a', 65), Invalid),
        new("source: upper case", "source", "Stripe", Invalid),
        new("source: a space", "source", "my crm", Invalid),
        new("source: no ASCII", "source", "caf\u00E9", Invalid),
    ];

    private static IEnumerable<FieldValue> Printable(string path, bool required) =>
    [
        new($"{path}: empty", path, "", required ? Missing : null),
        new($"{path}: 200 bytes", path, new string('x', 200), null),
        new($"{path}: 201 bytes", path, new string('x', 201), Invalid),
        new($"{path}: 200 bytes in 100 characters", path, new string('\u00E9', 100), null),
        new($"{path}: 202 bytes in 101 characters", path, new string('\u00E9', 101), Invalid),
        new($"{path}: any script", path, "\u5BA2\u6237 1/a", null),
        new($"{path}: joined signs", path, "\U0001F469\u200D\U0001F4BB", null),
        new($"{path}: a line feed", path, "a\nb", Invalid),
        new($"{path}: a null", path, "a\0", Invalid),
        new($"{path}: delete", path, "a\u007F", Invalid),
        new($"{path}: a control of Latin-1", path, "a\u0085b", Invalid),
        new($"{path}: a line separator", path, "a\u2028b", Invalid),
        new($"{path}: what was no UTF-8", path, "a\uFFFD", Invalid),
    ];

    private static IEnumerable<FieldValue> Required(string path) => Text(path, 1, 200);

    private static IEnumerable<FieldValue> Text(string path, int least, int most) =>
    [
        new($"{path}: empty", path, "", least > 0 ? Missing : null),
        new($"{path}: {most} bytes", path, new string('x', most), null),
        new($"{path}: {most + 1} bytes", path, new string('x', most + 1), Invalid),
        new($"{path}: {most + 2} bytes in fewer characters", path, new string('\u00E9', (most / 2) + 1), Invalid),
        new($"{path}: {most} bytes in fewer characters", path, new string('\u00E9', most / 2), null),
    ];

    private static IEnumerable<FieldValue> Fine(string path, params string[] values) => values.Select((value, i) => new FieldValue($"{path}: fine {i}", path, value, null));

    private static IEnumerable<FieldValue> Refused(string path, params string[] values) => values.Select((value, i) => new FieldValue($"{path}: refused {i}", path, value, Invalid));

    private static IEnumerable<FieldValue> Number(string path, long least, long most) =>
    [
        new($"{path}: {least}", path, least, null), new($"{path}: {most}", path, most, null),
        new($"{path}: {least - 1}", path, least - 1, Invalid), new($"{path}: {most + 1}", path, most + 1, Invalid),
        new($"{path}: the least", path, long.MinValue, Invalid), new($"{path}: the most", path, long.MaxValue, Invalid),
    ];

    private static IEnumerable<FieldValue> Currency(string path) =>
    [
        new($"{path}: empty", path, "", Missing), new($"{path}: lower case", path, "eur", Invalid),
        new($"{path}: a sign", path, "\u20AC", Invalid), new($"{path}: four letters", path, "EURO", Invalid),
        new($"{path}: nobody's", path, "ABC", "CURRENCY_UNKNOWN"), new($"{path}: of the past", path, "DEM", null),
    ];

    private static IEnumerable<FieldValue> Amount(string path) =>
    [
        new($"{path}: absent", path, null, null), .. Currency(path + ".currency"), .. Number(path + ".amount_micros", 0, Most),
    ];

    private static IEnumerable<FieldValue> Terms(string kind)
    {
        var (price, period) = (kind + ".price", kind + ".price.period");
        return
        [
            .. Required(kind + ".subscription_id"), .. Text(kind + ".plan", 0, 200),
            new($"{price}: absent", price, null, Missing),
            .. Currency(price + ".currency"),
            new($"{price}: no value", period, null, Missing, price + ".value"),
            .. Number(price + ".mrr_micros", 0, Most),
            .. Number(period + ".amount_micros", 0, Most).Select(value => value with { Reason = value.Value is Most ? null : value.Reason }),
            new($"{period}.unit: none", period + ".unit", BillingUnit.Unspecified, Missing), new($"{period}.unit: unknown", period + ".unit", (BillingUnit)6, Invalid),
            new($"{period}.unit: negative", period + ".unit", (BillingUnit)(-1), Invalid),
            new($"{period}.count: the default", period + ".count", 0, null), new($"{period}.count: 1000", period + ".count", 1_000, null),
            new($"{period}.count: 1001", period + ".count", 1_001, Invalid), new($"{period}.count: negative", period + ".count", -1, Invalid),
            new($"{period}.quantity: the default", period + ".quantity", 0L, null),
            new($"{period}.quantity: negative", period + ".quantity", -1L, Invalid),
            new($"{period}.quantity: above the most", period + ".quantity", 1_000_000_001L, Invalid),
            new($"{period}: comes to too much", period + ".quantity", 1_000_000_000L, Invalid, period),
        ];
    }

    private static IEnumerable<FieldValue> Who(string path) =>
    [
        new($"{path}: unknown", path, (Initiator)4, Invalid), new($"{path}: negative", path, (Initiator)(-1), Invalid), new($"{path}: not said", path, Initiator.Unspecified, null),
    ];

    private static IEnumerable<FieldValue> Instant(string path) =>
    [
        new($"{path}: nanoseconds of a second", path, At(1, 1_000_000_000), Invalid), new($"{path}: negative nanoseconds", path, At(1, -1), Invalid),
        new($"{path}: after 9999", path, At(253_402_300_800, 0), Invalid), new($"{path}: before year 1", path, At(-62_135_596_801, 0), Invalid),
        new($"{path}: the largest", path, At(long.MaxValue, 0), Invalid), new($"{path}: the least", path, At(long.MinValue, 0), Invalid),
    ];

    private static Timestamp At(long seconds, int nanos) => new() { Seconds = seconds, Nanos = nanos };
}
