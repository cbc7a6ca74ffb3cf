using Churn.Ingestion.V1;
using Churn.Metrics.Books;
using Churn.Metrics.Domain;
using Google.Protobuf.WellKnownTypes;
using Kind = Churn.Ingestion.V1.Fact.KindOneofCase;
using LedgerFact = Churn.Metrics.Domain.Fact;
using WireFact = Churn.Ingestion.V1.Fact;

namespace Churn.Metrics.Consumers;

/// <summary>Translates facts of the wire into those of the ledger.</summary>
internal static class FactFromWire
{
    private static readonly Domain.BillingUnit[] Units =
        [default, Domain.BillingUnit.Day, Domain.BillingUnit.Week, Domain.BillingUnit.Month, Domain.BillingUnit.Quarter, Domain.BillingUnit.Year];

    // What facts say, as callers name it, by the number of its field.
    private static readonly string[] Names = NamesOf();

    /// <summary>Tells whether a fact bears on the ledger; of tickets and the like no number is made.</summary>
    public static bool BearsOnLedger(WireFact fact) => fact.Retracts.Length > 0 || fact.KindCase is
        Kind.CustomerProfile or Kind.CustomerErased or Kind.SubscriptionStarted or Kind.SubscriptionChanged or Kind.SubscriptionPaused
        or Kind.SubscriptionResumed or Kind.CancellationScheduled or Kind.CancellationRevoked or Kind.SubscriptionEnded
        or Kind.InvoicePastDue or Kind.Retraction || fact is { KindCase: Kind.PaymentSucceeded, PaymentSucceeded.InvoiceId.Length: > 0 };

    /// <summary>Gives the fact as the ledger needs it.</summary>
    /// <param name="fact">A fact of the wire.</param>
    /// <param name="plans">Numbers the plan, where it states terms.</param>
    /// <exception cref="InvalidDataException">It says what no ledger can hold; the message says what.</exception>
    public static LedgerFact FromWire(this WireFact fact, PlanTable plans)
    {
        LedgerFact Of(FactKind kind) => new()
        {
            Source = fact.Source,
            EventId = fact.EventId,
            Sequence = fact.Sequence,
            OccurTime = Micros(fact.OccurTime ?? throw new InvalidDataException("it has no occur_time")),
            Kind = kind,
            Name = Names[(int)fact.KindCase],
            Retracts = fact.Retracts.Length == 0 ? null : fact.Retracts,
        };
        LedgerFact Stating(FactKind kind, string subscription, string plan, Price price, bool trial) => Of(kind) with
        {
            Subscription = subscription,
            Plan = plans.Add(plan, price.Currency),
            Mrr = MrrOf(price),
            Trial = trial,
        };
        return fact.KindCase switch
        {
            Kind.CustomerProfile => Of(FactKind.CustomerProfile) with { Attributes = AttributesOf(fact.CustomerProfile) },
            Kind.CustomerErased => Of(FactKind.CustomerErased),
            Kind.SubscriptionStarted when fact.SubscriptionStarted is var s =>
                Stating(FactKind.SubscriptionStarted, s.SubscriptionId, s.Plan, s.Price, s.Trial),
            Kind.SubscriptionChanged when fact.SubscriptionChanged is var s =>
                Stating(FactKind.SubscriptionChanged, s.SubscriptionId, s.Plan, s.Price, s.Trial),
            Kind.SubscriptionResumed when fact.SubscriptionResumed is var s =>
                Stating(FactKind.SubscriptionResumed, s.SubscriptionId, s.Plan, s.Price, s.Trial),
            Kind.SubscriptionPaused => Of(FactKind.SubscriptionPaused) with { Subscription = fact.SubscriptionPaused.SubscriptionId },
            Kind.CancellationScheduled when fact.CancellationScheduled is var c => Of(FactKind.CancellationScheduled) with
            {
                Subscription = c.SubscriptionId,
                EffectiveTime = Micros(c.EffectiveTime),
                Completes = c.Completes,
                Reason = c.ReasonCode,
            },
            Kind.CancellationRevoked => Of(FactKind.CancellationRevoked) with { Subscription = fact.CancellationRevoked.SubscriptionId },
            Kind.SubscriptionEnded when fact.SubscriptionEnded is var e =>
                Of(FactKind.SubscriptionEnded) with { Subscription = e.SubscriptionId, Completes = e.Completes },
            Kind.InvoicePastDue when fact.InvoicePastDue is var i => Of(FactKind.InvoicePastDue) with
            {
                Subscription = i.SubscriptionId,
                Invoice = i.InvoiceId,
                EffectiveTime = i.DueTime is null ? null : Micros(i.DueTime),
            },
            // A payment belongs to its invoice, whichever subscription it names.
            Kind.PaymentSucceeded when fact.PaymentSucceeded.InvoiceId is { Length: > 0 } invoice => Of(FactKind.PaymentSucceeded) with { Invoice = invoice },
            Kind.ContactJoined when fact.ContactJoined is var c => Of(FactKind.ContactJoined) with
            {
                Person = new Person(c.ContactId, c.Role, c.Name, c.Email, c.Phone, c.Locale, c.TimeZone),
            },
            Kind.PaymentMethodUpdated => Of(FactKind.Other) with { ExpiryMonth = fact.PaymentMethodUpdated.ExpiryMonth },
            Kind.ContactLeft => Of(FactKind.ContactLeft) with { Person = new Person(fact.ContactLeft.ContactId) },
            Kind.Retraction or Kind.UsageRecorded or Kind.None => Of(FactKind.Retraction),
            _ => Of(FactKind.Other),
        };
    }

    private static string[] NamesOf()
    {
        var fields = WireFact.Descriptor.Oneofs[0].Fields;
        var names = new string[fields.Max(field => field.FieldNumber) + 1];
        Array.Fill(names, "");
        foreach (var field in fields)
        {
            names[field.FieldNumber] = field.Name;
        }

        return names;
    }

    /// <summary>Gives an instant in microseconds.</summary>
    public static long Micros(Timestamp time) => (time.Seconds * Calendar.Second) + (time.Nanos / 1_000);

    private static long MrrOf(Price price)
    {
        var mrr = price.ValueCase == Price.ValueOneofCase.Period && price.Period is var period
            ? Money.PerMonth(
                (Int128)period.AmountMicros * Math.Max(1, period.Quantity), Units[(int)period.Unit], Math.Max(1, period.Count))
            : price.MrrMicros;
        return mrr >= 0 && mrr <= Money.Largest
            ? (long)mrr
            : throw new InvalidDataException($"the price comes to {mrr} micros a month, which is not between 0 and {Money.Largest}");
    }

    private static Dictionary<string, string> AttributesOf(CustomerProfile profile)
    {
        var attributes = new Dictionary<string, string>(StringComparer.Ordinal);
        void Add(bool said, string name, string value)
        {
            if (said)
            {
                attributes[name] = value;
            }
        }

        Add(profile.HasSize, "size", profile.Size);
        Add(profile.HasIndustry, "industry", profile.Industry);
        Add(profile.HasCountry, "country", profile.Country);
        Add(profile.HasPlanTier, "plan_tier", profile.PlanTier);
        Add(profile.HasChannel, "channel", profile.Channel);
        Add(profile.HasEntryOffer, "entry_offer", profile.EntryOffer);
        Add(profile.HasOwner, "owner", profile.Owner);
        Add(profile.HasLocale, "locale", profile.Locale);
        Add(profile.HasTimeZone, "time_zone", profile.TimeZone);
        Add(profile.HasRenewalDate, "renewal_date", profile.RenewalDate);
        foreach (var (name, value) in profile.Attributes)
        {
            attributes[name] = value;
        }

        return attributes;
    }
}
