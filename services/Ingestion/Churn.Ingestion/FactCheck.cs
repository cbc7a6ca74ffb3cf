using Churn.Ingestion.Domain;
using Churn.Ingestion.V1;
using Google.Protobuf.WellKnownTypes;
using BillingUnit = Churn.Ingestion.Domain.BillingUnit;

namespace Churn.Ingestion;

/// <summary>Finds the first thing that is wrong with a fact by itself, in the order of the fields; null when it may be recorded.</summary>
internal static class FactCheck
{
    private static readonly TermsPaths Started = new("subscription_started");
    private static readonly TermsPaths Changed = new("subscription_changed");
    private static readonly TermsPaths Resumed = new("subscription_resumed");
    private static readonly AmountPaths Paid = new("payment_succeeded.amount");
    private static readonly AmountPaths Refused = new("payment_failed.amount");
    private static readonly AmountPaths Refunded = new("payment_refunded.amount");
    private static readonly AmountPaths PastDue = new("invoice_past_due.amount");
    private static readonly AmountPaths Opportunity = new("opportunity_updated.amount");
    private static readonly AmountPaths Outcome = new("outcome_delivered.value");

    /// <summary>Checks a fact of any kind.</summary>
    /// <param name="fact">The fact as it was sent.</param>
    /// <param name="now">The server's clock, in microseconds since 1970.</param>
    public static Violation? Of(Fact fact, long now) =>
        Fields.Source("source", fact.Source)
        ?? Fields.Id("event_id", fact.EventId)
        ?? OccurTime(fact.OccurTime, now)
        ?? Fields.Id("customer_id", fact.CustomerId)
        ?? Retractions.Check(fact.EventId, fact.Retracts, fact.KindCase == Fact.KindOneofCase.Retraction)
        ?? Kind(fact);

    private static Violation? Kind(Fact fact) => fact.KindCase switch
    {
        Fact.KindOneofCase.CustomerProfile => Profile(fact.CustomerProfile),
        Fact.KindOneofCase.CustomerErased => null,
        Fact.KindOneofCase.SubscriptionStarted when fact.SubscriptionStarted is var it => Terms(Started, it.SubscriptionId, it.Plan, it.Price),
        Fact.KindOneofCase.SubscriptionChanged when fact.SubscriptionChanged is var it => Terms(Changed, it.SubscriptionId, it.Plan, it.Price),
        Fact.KindOneofCase.SubscriptionPaused => Id("subscription_paused.subscription_id", fact.SubscriptionPaused.SubscriptionId),
        Fact.KindOneofCase.SubscriptionResumed when fact.SubscriptionResumed is var it => Terms(Resumed, it.SubscriptionId, it.Plan, it.Price),
        Fact.KindOneofCase.CancellationScheduled when fact.CancellationScheduled is var it =>
            Id("cancellation_scheduled.subscription_id", it.SubscriptionId)
            ?? EffectiveTime(it.EffectiveTime)
            ?? Initiator("cancellation_scheduled.initiator", it.Initiator)
            ?? Code("cancellation_scheduled.reason_code", it.ReasonCode)
            ?? Note("cancellation_scheduled.note", it.Note),
        Fact.KindOneofCase.CancellationRevoked => Id("cancellation_revoked.subscription_id", fact.CancellationRevoked.SubscriptionId),
        Fact.KindOneofCase.SubscriptionEnded when fact.SubscriptionEnded is var it =>
            Id("subscription_ended.subscription_id", it.SubscriptionId)
            ?? Initiator("subscription_ended.initiator", it.Initiator)
            ?? Code("subscription_ended.reason_code", it.ReasonCode)
            ?? Note("subscription_ended.note", it.Note),
        Fact.KindOneofCase.PaymentSucceeded when fact.PaymentSucceeded is var it =>
            Name("payment_succeeded.invoice_id", it.InvoiceId)
            ?? Name("payment_succeeded.subscription_id", it.SubscriptionId)
            ?? Amount(Paid, it.Amount),
        Fact.KindOneofCase.PaymentFailed when fact.PaymentFailed is var it =>
            Name("payment_failed.invoice_id", it.InvoiceId)
            ?? Name("payment_failed.subscription_id", it.SubscriptionId)
            ?? Amount(Refused, it.Amount)
            ?? Code("payment_failed.decline_code", it.DeclineCode),
        Fact.KindOneofCase.PaymentRefunded when fact.PaymentRefunded is var it =>
            Name("payment_refunded.invoice_id", it.InvoiceId) ?? Amount(Refunded, it.Amount),
        Fact.KindOneofCase.InvoicePastDue when fact.InvoicePastDue is var it =>
            Id("invoice_past_due.invoice_id", it.InvoiceId)
            ?? Id("invoice_past_due.subscription_id", it.SubscriptionId)
            ?? (it.DueTime is { } due ? Instants.Check("invoice_past_due.due_time", due.Seconds, due.Nanos) : null)
            ?? Amount(PastDue, it.Amount),
        Fact.KindOneofCase.PaymentMethodUpdated when fact.PaymentMethodUpdated is var it =>
            Name("payment_method_updated.payment_method_id", it.PaymentMethodId)
            ?? Fields.Month("payment_method_updated.expiry_month", it.ExpiryMonth),
        Fact.KindOneofCase.UsageRecorded when fact.UsageRecorded is var it =>
            Fields.Required("usage_recorded.meter", it.Meter, Limits.CodeBytes)
            ?? Fields.Number("usage_recorded.quantity", it.Quantity, 0, Limits.Amount),
        Fact.KindOneofCase.TicketOpened when fact.TicketOpened is var it =>
            Id("ticket_opened.ticket_id", it.TicketId)
            ?? Code("ticket_opened.severity", it.Severity)
            ?? Name("ticket_opened.topic", it.Topic),
        Fact.KindOneofCase.TicketResolved => Id("ticket_resolved.ticket_id", fact.TicketResolved.TicketId),
        Fact.KindOneofCase.Feedback => Answer(fact.Feedback),
        Fact.KindOneofCase.Mention when fact.Mention is var it =>
            Fields.Required("mention.channel", it.Channel, Limits.CodeBytes)
            ?? Fields.Fraction("mention.sentiment", it.Sentiment, -1, 1)
            ?? Note("mention.url", it.Url),
        Fact.KindOneofCase.LeadRecorded when fact.LeadRecorded is var it =>
            Id("lead_recorded.lead_id", it.LeadId) ?? Name("lead_recorded.origin", it.Origin),
        Fact.KindOneofCase.OpportunityUpdated when fact.OpportunityUpdated is var it =>
            Id("opportunity_updated.opportunity_id", it.OpportunityId)
            ?? Fields.Required("opportunity_updated.stage", it.Stage, Limits.CodeBytes)
            ?? Amount(Opportunity, it.Amount),
        Fact.KindOneofCase.OutcomeDelivered when fact.OutcomeDelivered is var it =>
            Id("outcome_delivered.name", it.Name) ?? Amount(Outcome, it.Value),
        Fact.KindOneofCase.TouchLogged when fact.TouchLogged is var it =>
            Fields.Required("touch_logged.channel", it.Channel, Limits.CodeBytes)
            ?? Name("touch_logged.owner", it.Owner)
            ?? Note("touch_logged.note", it.Note),
        Fact.KindOneofCase.ContactJoined when fact.ContactJoined is var it =>
            Id("contact_joined.contact_id", it.ContactId)
            ?? Code("contact_joined.role", it.Role)
            ?? Fields.Line("contact_joined.name", it.Name, Limits.IdBytes)
            ?? Fields.Email("contact_joined.email", it.Email)
            ?? Fields.Phone("contact_joined.phone", it.Phone)
            ?? Fields.Locale("contact_joined.locale", it.Locale)
            ?? Fields.TimeZone("contact_joined.time_zone", it.TimeZone),
        Fact.KindOneofCase.ContactLeft => Id("contact_left.contact_id", fact.ContactLeft.ContactId),
        Fact.KindOneofCase.MessageEvent when fact.MessageEvent is var it =>
            Id("message_event.message_id", it.MessageId)
            ?? Became(it.Event)
            ?? Fields.Required("message_event.channel", it.Channel, Limits.CodeBytes)
            ?? Name("message_event.template", it.Template)
            ?? Name("message_event.playbook", it.Playbook)
            ?? Name("message_event.run_id", it.RunId)
            ?? Note("message_event.detail", it.Detail),
        Fact.KindOneofCase.Retraction => Note("retraction.note", fact.Retraction.Note),
        _ => Fields.Missing("kind", "say what happened, in one of the kinds that this server knows"),
    };

    private static Violation? OccurTime(Timestamp? at, long now) => at is null
        ? Fields.Missing("occur_time", "say when it was true")
        : Instants.CheckPast("occur_time", at.Seconds, at.Nanos, now);

    private static Violation? EffectiveTime(Timestamp? at) => at is null
        ? Fields.Missing("cancellation_scheduled.effective_time", "give the first instant at which the subscription no longer runs")
        : Instants.Check("cancellation_scheduled.effective_time", at.Seconds, at.Nanos);

    private static Violation? Id(string field, string value) => Fields.Required(field, value, Limits.IdBytes);

    private static Violation? Name(string field, string value) => Fields.Text(field, value, Limits.IdBytes);

    private static Violation? Code(string field, string value) => Fields.Text(field, value, Limits.CodeBytes);

    private static Violation? Note(string field, string value) => Fields.Text(field, value, Limits.NoteBytes);

    private static Violation? Initiator(string field, Initiator value) =>
        value is < V1.Initiator.Unspecified or > V1.Initiator.System
            ? Fields.Invalid(field, $"is {(int)value}, which is none of INITIATOR_...", "name who decided, or leave it out")
            : null;

    private static Violation? Became(MessageEvent.Types.Event value) => value switch
    {
        MessageEvent.Types.Event.Unspecified => Fields.Missing("message_event.event", "say what became of the message"),
        < MessageEvent.Types.Event.Unspecified or > MessageEvent.Types.Event.Failed =>
            Fields.Invalid("message_event.event", $"is {(int)value}, which is none of EVENT_...", "say what became of the message"),
        _ => null,
    };

    private static Violation? Profile(CustomerProfile it)
    {
        var violation = Name("customer_profile.size", it.Size)
            ?? Name("customer_profile.industry", it.Industry)
            ?? Name("customer_profile.country", it.Country)
            ?? Name("customer_profile.plan_tier", it.PlanTier)
            ?? Name("customer_profile.channel", it.Channel)
            ?? Name("customer_profile.entry_offer", it.EntryOffer)
            ?? Name("customer_profile.owner", it.Owner)
            ?? Name("customer_profile.locale", it.Locale)
            ?? Name("customer_profile.time_zone", it.TimeZone)
            ?? Fields.Day("customer_profile.renewal_date", it.RenewalDate);
        if (violation is not null || it.Attributes.Count == 0)
        {
            return violation;
        }

        const string field = "customer_profile.attributes";
        if (it.Attributes.Count > Limits.Attributes)
        {
            return Fields.Invalid(field, $"has {it.Attributes.Count} entries", $"state at most {Limits.Attributes} in one fact");
        }

        foreach (var (name, value) in it.Attributes)
        {
            if (!Fields.IsAttributeName(name))
            {
                return Fields.Invalid(field, "has a name that is not 1 to 64 characters of a-z, 0-9 and '_', beginning with a letter", "rename it");
            }

            if (IsOwnField(name))
            {
                return Fields.Invalid($"{field}[{name}]", "is a field of the profile", $"set {name} itself");
            }

            if (value.Length > Limits.IdBytes / 3 && Name($"{field}[{name}]", value) is { } tooLong)
            {
                return tooLong;
            }
        }

        return null;
    }

    private static bool IsOwnField(string name) =>
        name is "size" or "industry" or "country" or "plan_tier" or "channel" or "entry_offer" or "owner" or "locale" or "time_zone" or "renewal_date" or "attributes";

    private static Violation? Terms(TermsPaths paths, string subscriptionId, string plan, Price? price)
    {
        if ((Id(paths.SubscriptionId, subscriptionId) ?? Name(paths.Plan, plan)) is { } violation)
        {
            return violation;
        }

        if (price is null)
        {
            return Fields.Missing(paths.Price, "give the whole price, also on trial and when it is zero");
        }

        return Fields.Currency(paths.Currency, price.Currency) ?? price.ValueCase switch
        {
            Price.ValueOneofCase.MrrMicros => Fields.Number(paths.MrrMicros, price.MrrMicros, 0, Limits.Amount),
            Price.ValueOneofCase.Period => Period(paths, price.Period),
            _ => Fields.Missing(paths.Value, "give mrr_micros, or the price of a period"),
        };
    }

    private static Violation? Period(TermsPaths paths, PeriodPrice it)
    {
        if (Fields.Number(paths.AmountMicros, it.AmountMicros, 0, Limits.Amount) is { } violation)
        {
            return violation;
        }

        if (FromWire(it.Unit) is not { } unit)
        {
            return it.Unit == V1.BillingUnit.Unspecified
                ? Fields.Missing(paths.Unit, "say what the price is for: a day, week, month, quarter or year")
                : Fields.Invalid(paths.Unit, $"is {(int)it.Unit}, which is none of BILLING_UNIT_...", "name a day, week, month, quarter or year");
        }

        return Fields.Number(paths.Count, it.Count, 0, Limits.PeriodCount)
            ?? Fields.Number(paths.Quantity, it.Quantity, 0, Limits.PricedQuantity)
            ?? Prices.CheckMonth(paths.Period, it.AmountMicros, unit, Math.Max(1, it.Count), Math.Max(1, it.Quantity));
    }

    private static BillingUnit? FromWire(V1.BillingUnit unit) => unit switch
    {
        V1.BillingUnit.Day => BillingUnit.Day,
        V1.BillingUnit.Week => BillingUnit.Week,
        V1.BillingUnit.Month => BillingUnit.Month,
        V1.BillingUnit.Quarter => BillingUnit.Quarter,
        V1.BillingUnit.Year => BillingUnit.Year,
        _ => null,
    };

    private static Violation? Amount(AmountPaths paths, Amount? amount) => amount is null
        ? null
        : Fields.Currency(paths.Currency, amount.Currency) ?? Fields.Number(paths.AmountMicros, amount.AmountMicros, 0, Limits.Amount);

    private static Violation? Answer(Feedback it)
    {
        var (least, most) = it.Survey switch
        {
            Feedback.Types.Survey.Nps => (0, 10),
            Feedback.Types.Survey.Csat => (1, 5),
            Feedback.Types.Survey.Ces => (1, 7),
            _ => (0, -1),
        };
        if (most < 0)
        {
            return it.Survey == Feedback.Types.Survey.Unspecified
                ? Fields.Missing("feedback.survey", "say which survey was answered")
                : Fields.Invalid("feedback.survey", $"is {(int)it.Survey}, which is none of SURVEY_...", "say which survey was answered");
        }

        return Fields.Number("feedback.score", it.Score, least, most) ?? Note("feedback.note", it.Note);
    }
}
