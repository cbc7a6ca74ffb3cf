using System.Runtime.InteropServices;

namespace Churn.Cli.Generate;

internal enum HappeningKind
{
    CustomerProfile,
    SubscriptionStarted,
    SubscriptionChanged,
    SubscriptionPaused,
    SubscriptionResumed,
    CancellationScheduled,
    SubscriptionEnded,
    PaymentSucceeded,
    PaymentFailed,
    InvoicePastDue,
}

/// <summary>One thing that happens to a customer; facts and intervals are two ways of writing it down.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct Happening(HappeningKind Kind, DateTime Time)
{
    /// <summary>The place in which it was added, which orders what happens at one instant.</summary>
    public int Order { get; init; }

    /// <summary>The subscription, counted from 1 for each customer.</summary>
    public int Subscription { get; init; }

    /// <summary>The subscription's terms after this.</summary>
    public Terms Terms { get; init; }

    /// <summary>The invoice, counted from 1 for each customer.</summary>
    public int Invoice { get; init; }

    /// <summary>The reason of an end, or the decline code of a payment.</summary>
    public string? Code { get; init; }

    /// <summary>When a scheduled cancellation takes effect, or when an invoice fell due.</summary>
    public DateTime RelatedTime { get; init; }
}
