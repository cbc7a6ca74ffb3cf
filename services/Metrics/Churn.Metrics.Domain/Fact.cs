namespace Churn.Metrics.Domain;

/// <summary>Holds one thing that happened to a customer, as the ledger needs it; it states the result, never a change by so much.</summary>
/// <remarks>
/// Its identity is source and event id. Ids of subscriptions and invoices are the customer's, whichever source names them: a
/// payment may be known to one system and the invoice to another.
/// </remarks>
public sealed record Fact
{
    /// <summary>Gives the system that says it.</summary>
    public required string Source { get; init; }

    /// <summary>Gives its id, unique within the source.</summary>
    public required string EventId { get; init; }

    /// <summary>Gives its place in the source's own order, which settles the order within an instant; 0 where the source has none.</summary>
    public long Sequence { get; init; }

    /// <summary>Gives when it was true, in microseconds since 1970-01-01T00:00Z.</summary>
    public required long OccurTime { get; init; }

    /// <summary>Gives what it says.</summary>
    public required FactKind Kind { get; init; }

    /// <summary>Gives the subscription it is about; a payment and a retraction need none.</summary>
    public string? Subscription { get; init; }

    /// <summary>Gives the number of the plan, where it states terms: a start, a change, a resumption.</summary>
    public int Plan { get; init; }

    /// <summary>Gives the price of a month in micros, where it states terms; never negative, zero for a free plan.</summary>
    public long Mrr { get; init; }

    /// <summary>Tells whether the terms it states are those of a trial, which has no MRR.</summary>
    public bool Trial { get; init; }

    /// <summary>Gives when a scheduled cancellation ends the subscription, or when a payment fell due; null for the occur time.</summary>
    public long? EffectiveTime { get; init; }

    /// <summary>Tells whether an end, scheduled or not, is that of a fixed term that runs out, which is not churn.</summary>
    public bool Completes { get; init; }

    /// <summary>Gives the invoice that is past due, or that a payment pays.</summary>
    public string? Invoice { get; init; }

    /// <summary>Gives the event id of the fact of the same source that this one takes out; a correction does so and says what is right.</summary>
    public string? Retracts { get; init; }

    /// <summary>Gives what a profile says of the customer, by name; an empty value clears what was said before.</summary>
    public IReadOnlyDictionary<string, string>? Attributes { get; init; }

    /// <summary>Gives the name of what it says as callers know it, for example "payment_failed"; empty where nobody asks for it.</summary>
    public string Name { get; init; } = "";

    /// <summary>Gives why, as one of the tenant's codes, where it schedules an end.</summary>
    public string Reason { get; init; } = "";

    /// <summary>Gives the last month in which a means of payment works, YYYY-MM, where it states one; empty where it does not expire.</summary>
    public string ExpiryMonth { get; init; } = "";

    /// <summary>Gives the person who joined or left.</summary>
    public Person? Person { get; init; }

    /// <summary>Gives the instant it counts from: when the payment fell due for an invoice past due, else its occur time.</summary>
    public long Instant => Kind == FactKind.InvoicePastDue ? EffectiveTime ?? OccurTime : OccurTime;

    /// <summary>Compares the order in which facts count: by instant, then sequence, kind, event id and source.</summary>
    public static int Compare(Fact a, Fact b)
    {
        var order = a.Instant.CompareTo(b.Instant);
        order = order != 0 ? order : a.Sequence.CompareTo(b.Sequence);
        order = order != 0 ? order : a.Kind.CompareTo(b.Kind);
        order = order != 0 ? order : string.CompareOrdinal(a.EventId, b.EventId);
        return order != 0 ? order : string.CompareOrdinal(a.Source, b.Source);
    }
}
