namespace Churn.Metrics.Domain;

/// <summary>Names what a subscription is in while a term runs.</summary>
public enum TermState : byte
{
    /// <summary>Runs and counts in MRR.</summary>
    Active,

    /// <summary>Runs on trial: no MRR.</summary>
    Trial,

    /// <summary>Is paused: its price counts as paused MRR, not as MRR.</summary>
    Paused,

    /// <summary>Runs with a payment past due: counts in MRR until churn is recognised.</summary>
    PastDue,
}

/// <summary>Holds one stretch of one subscription at one price, <c>[Start, End)</c>.</summary>
/// <param name="Start">The first instant that counts, in microseconds since 1970-01-01T00:00Z.</param>
/// <param name="End">The first instant that no longer counts; <see cref="Calendar.Open"/> while it runs. Not after Start: counts for nothing.</param>
/// <param name="Mrr">The price of a month in micros; never negative.</param>
/// <param name="Plan">The number of the plan, as the caller counts plans.</param>
/// <param name="State">What the subscription is in meanwhile.</param>
/// <param name="Completes">Whether End is that of a fixed term that ran out, which is not churn.</param>
public readonly record struct Term(
    long Start, long End, long Mrr, int Plan = 0, TermState State = TermState.Active, bool Completes = false)
{
    /// <summary>Gives what there is of it when one looks no further than an instant: what ends then or later still runs.</summary>
    /// <remarks>A term that starts at the instant or later comes out with its end at its start, and counts for nothing.</remarks>
    public Term Before(long instant) =>
        Start >= instant ? this with { End = Start, Completes = false }
        : End >= instant ? this with { End = Calendar.Open, Completes = false }
        : this;
}
