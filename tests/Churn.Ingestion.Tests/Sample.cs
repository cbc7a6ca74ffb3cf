using Churn.Ingestion.V1;
using Google.Protobuf.Reflection;
using Google.Protobuf.WellKnownTypes;

namespace Churn.Ingestion.Tests;

/// <summary>Makes facts that are sound, with every field set.</summary>
internal static class Sample
{
    public static readonly DateTimeOffset Now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    private static readonly Timestamp At = Timestamp.FromDateTimeOffset(Now.AddDays(-1));

    public static IReadOnlyList<string> Kinds { get; } = Fact.Descriptor.Oneofs[0].Fields.Select(field => field.Name).ToList();

    public static long NowMicros => Now.ToUnixTimeMilliseconds() * 1_000;

    /// <summary>Gives a fact of a kind.</summary>
    public static Fact Of(string kind, string eventId = "evt_1", string customerId = "cus_1")
    {
        var fact = new Fact { Source = "stripe", EventId = eventId, Sequence = 7, OccurTime = At.Clone(), CustomerId = customerId };
        var field = Fact.Descriptor.FindFieldByName(kind);
        field.Accessor.SetValue(fact, Says(field));
        if (kind == "retraction")
        {
            fact.Retracts = "evt_0";
        }

        return fact;
    }

    public static Fact Started(string eventId, string customerId = "cus_1", long mrrMicros = 10_000_000)
    {
        var fact = Of("subscription_started", eventId, customerId);
        fact.SubscriptionStarted.Price.MrrMicros = mrrMicros;
        return fact;
    }

    public static Fact Retraction(string eventId, string retracts, string customerId = "cus_1")
    {
        var fact = Of("retraction", eventId, customerId);
        fact.Retracts = retracts;
        return fact;
    }

    public static List<Fact> Many(int count, string prefix = "evt", int customers = 50) =>
        Enumerable.Range(0, count).Select(i => Started($"{prefix}_{i}", $"cus_{i % customers}", i)).ToList();

    private static Price Price() => new()
    {
        Currency = "EUR",
        Period = new PeriodPrice { AmountMicros = 120_000_000, Unit = BillingUnit.Year, Count = 1, Quantity = 3 },
    };

    private static Amount Amount() => new() { Currency = "JPY", AmountMicros = 980_000_000 };

    private static object Says(FieldDescriptor kind) => kind.Name switch
    {
        "customer_profile" => new CustomerProfile
        {
            Size = "1-10",
            Industry = "software",
            Country = "PT",
            PlanTier = "pro",
            Channel = "partner",
            EntryOffer = "6-months-free",
            Owner = "ana",
            Locale = "pt-PT",
            TimeZone = "Europe/Lisbon",
            RenewalDate = "2026-12-31",
            Attributes = { ["region"] = "south", ["area"] = "" },
        },
        "customer_erased" => new CustomerErased(),
        "subscription_started" => new SubscriptionStarted { SubscriptionId = "sub_1", Plan = "pro", Price = Price(), Trial = true },
        "subscription_changed" => new SubscriptionChanged { SubscriptionId = "sub_1", Plan = "pro", Price = Price(), Trial = true },
        "subscription_paused" => new SubscriptionPaused { SubscriptionId = "sub_1" },
        "subscription_resumed" => new SubscriptionResumed { SubscriptionId = "sub_1", Plan = "pro", Price = Price(), Trial = true },
        "cancellation_scheduled" => new CancellationScheduled
        {
            SubscriptionId = "sub_1",
            EffectiveTime = Timestamp.FromDateTimeOffset(Now.AddDays(20)),
            Initiator = Initiator.Customer,
            ReasonCode = "too_expensive",
            Note = "They said so.",
            Completes = true,
        },
        "cancellation_revoked" => new CancellationRevoked { SubscriptionId = "sub_1" },
        "subscription_ended" => new SubscriptionEnded
        {
            SubscriptionId = "sub_1",
            Initiator = Initiator.Vendor,
            ReasonCode = "unpaid",
            Note = "Long unpaid.",
            Completes = true,
        },
        "payment_succeeded" => new PaymentSucceeded { InvoiceId = "inv_1", SubscriptionId = "sub_1", Amount = Amount() },
        "payment_failed" => new PaymentFailed { InvoiceId = "inv_1", SubscriptionId = "sub_1", Amount = Amount(), DeclineCode = "expired_card" },
        "payment_refunded" => new PaymentRefunded { InvoiceId = "inv_1", Amount = Amount() },
        "invoice_past_due" => new InvoicePastDue { InvoiceId = "inv_1", SubscriptionId = "sub_1", DueTime = At.Clone(), Amount = Amount() },
        "payment_method_updated" => new PaymentMethodUpdated { PaymentMethodId = "pm_1", ExpiryMonth = "2027-02" },
        "usage_recorded" => new UsageRecorded { Meter = "api_calls", Quantity = 42 },
        "ticket_opened" => new TicketOpened { TicketId = "t_1", Severity = "high", Topic = "export" },
        "ticket_resolved" => new TicketResolved { TicketId = "t_1", FirstContact = true },
        "feedback" => new Feedback { Survey = Feedback.Types.Survey.Csat, Score = 4, Note = "Fine." },
        "mention" => new Mention { Channel = "g2", Sentiment = -0.25, Url = "https://example.org/1" },
        "lead_recorded" => new LeadRecorded { LeadId = "lead_1", Origin = "fair" },
        "opportunity_updated" => new OpportunityUpdated { OpportunityId = "opp_1", Stage = "won", Amount = Amount() },
        "outcome_delivered" => new OutcomeDelivered { Name = "first report", Value = Amount() },
        "touch_logged" => new TouchLogged { Channel = "call", Owner = "ana", Note = "Renewal." },
        "contact_joined" => new ContactJoined
        {
            ContactId = "person_1",
            Role = "sponsor",
            Name = "Ana",
            Email = "ana@example.org",
            Phone = "+351912345678",
            Locale = "pt-PT",
            TimeZone = "Europe/Lisbon",
        },
        "contact_left" => new ContactLeft { ContactId = "person_1" },
        "message_event" => new MessageEvent
        {
            MessageId = "msg_1",
            Event = MessageEvent.Types.Event.Clicked,
            Channel = "email",
            Template = "failed-payment-1",
            Playbook = "failed-payment",
            RunId = "run_1",
            Detail = "https://example.org/pay",
        },
        "retraction" => new Retraction { Note = "Sent by mistake." },
        _ => throw new ArgumentException($"No sample of {kind.Name}.", nameof(kind)),
    };
}
