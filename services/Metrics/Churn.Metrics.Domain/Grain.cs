namespace Churn.Metrics.Domain;

/// <summary>Names the resolution at which a customer's changes are netted into one movement.</summary>
public enum Grain
{
    /// <summary>Nets by calendar month of the policy's time zone.</summary>
    Month,

    /// <summary>Nets by calendar day of the policy's time zone.</summary>
    Day,

    /// <summary>Nets by instant: what changes at the same microsecond is one movement.</summary>
    Instant,
}
