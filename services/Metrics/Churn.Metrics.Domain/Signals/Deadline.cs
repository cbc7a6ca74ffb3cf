using System.Globalization;

namespace Churn.Metrics.Domain.Signals;

/// <summary>Names what time brings about.</summary>
public enum DeadlineKind : byte
{
    /// <summary>Says that a payment is past due for a number of days.</summary>
    PastDue,

    /// <summary>Says that a subscription ends, or is going to within a number of days, as was scheduled.</summary>
    ScheduledEnd,

    /// <summary>Says that a renewal comes within a number of days.</summary>
    Renewal,

    /// <summary>Says that something has not happened for a number of days.</summary>
    Absence,

    /// <summary>Says that the means of payment stops working within a number of days.</summary>
    PaymentMethodExpiry,
}

/// <summary>Holds one thing that time brings about for a customer.</summary>
/// <param name="At">The instant at which it does.</param>
/// <param name="Kind">What it is.</param>
/// <param name="Subject">The invoice past due, the subscription that ends, the day of the renewal, the name of what is absent, or the month in which the means of payment expires.</param>
/// <param name="Days">The days since, or before.</param>
/// <param name="Origin">The instant from which days are counted.</param>
/// <param name="Subscription">The subscription that the invoice is for; else empty.</param>
/// <param name="Reason">Why the subscription ends; else empty.</param>
public sealed record Deadline(long At, DeadlineKind Kind, string Subject, int Days, long Origin, string Subscription, string Reason)
{
    /// <summary>Gives its stable id, unique within the customer.</summary>
    /// <remarks>
    /// An invoice and a day of renewal are one thing whenever they are counted from; an end that is scheduled anew, and the next silence of
    /// the same kind, are others.
    /// </remarks>
    public string Id => Kind switch
    {
        DeadlineKind.PastDue => string.Create(CultureInfo.InvariantCulture, $"time:past_due:{Subject}:{Days}"),
        DeadlineKind.ScheduledEnd => string.Create(CultureInfo.InvariantCulture, $"time:scheduled_end:{Subject}@{Origin}:{Days}"),
        DeadlineKind.Renewal => string.Create(CultureInfo.InvariantCulture, $"time:renewal:{Subject}:{Days}"),
        DeadlineKind.PaymentMethodExpiry => string.Create(CultureInfo.InvariantCulture, $"time:payment_method_expiry:{Subject}:{Days}"),
        _ => string.Create(CultureInfo.InvariantCulture, $"time:absence:{Subject}@{Origin}:{Days}"),
    };

    /// <summary>Compares by instant, then kind, subject and days.</summary>
    public static int Compare(Deadline a, Deadline b)
    {
        var order = a.At.CompareTo(b.At);
        order = order != 0 ? order : a.Kind.CompareTo(b.Kind);
        order = order != 0 ? order : string.CompareOrdinal(a.Subject, b.Subject);
        return order != 0 ? order : a.Days.CompareTo(b.Days);
    }
}
