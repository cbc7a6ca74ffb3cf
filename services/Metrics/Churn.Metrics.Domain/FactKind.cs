namespace Churn.Metrics.Domain;

/// <summary>Names what a fact says; the numeric order is the rank among facts of one instant and one sequence.</summary>
/// <remarks>
/// The rank is the order of a subscription's life. Who the customer is comes first, for what happens then to be told of it, and what
/// makes it forgotten is last. A start is the first of a subscription: nothing else counts before it, and a subscription that starts
/// and ends at one instant has run for no time, not for ever. What states terms comes before what stops them, so that a pause or an
/// end at the instant of a change has the last word. A revocation comes after the schedule that it revokes, and a payment after what
/// is no number, one that failed among it. A subscription that starts again at the instant of its end needs the source's sequence to
/// say so.
/// </remarks>
public enum FactKind : byte
{
    /// <summary>Takes another fact out and says nothing else.</summary>
    Retraction,

    /// <summary>Says what the customer is; bears on no subscription.</summary>
    CustomerProfile,

    /// <summary>Says that a person of the customer's joined, or what is known of the person now; bears on no subscription.</summary>
    ContactJoined,

    /// <summary>Says that a person of the customer's left; bears on no subscription.</summary>
    ContactLeft,

    /// <summary>Says that a subscription runs from now on, and at which plan and price.</summary>
    SubscriptionStarted,

    /// <summary>Says at which plan and price a subscription runs from now on.</summary>
    SubscriptionChanged,

    /// <summary>Says that a paused subscription runs again, and at which plan and price.</summary>
    SubscriptionResumed,

    /// <summary>Says that a subscription is paused from now on.</summary>
    SubscriptionPaused,

    /// <summary>Says when a subscription is going to end; it replaces what an earlier one said.</summary>
    CancellationScheduled,

    /// <summary>Says that a subscription is not going to end after all.</summary>
    CancellationRevoked,

    /// <summary>Says that the payment of an invoice for a subscription fell due and has not come.</summary>
    InvoicePastDue,

    /// <summary>Says something that no number is made of, as <see cref="Fact.Name"/> names it.</summary>
    Other,

    /// <summary>Says that an invoice is paid.</summary>
    PaymentSucceeded,

    /// <summary>Says that a subscription ends now.</summary>
    SubscriptionEnded,

    /// <summary>Says that what the customer is shall be forgotten; bears on no subscription.</summary>
    CustomerErased,
}
