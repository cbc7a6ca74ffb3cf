namespace Churn.Ingestion.Domain;

/// <summary>Names the unit of time that a price is asked for.</summary>
public enum BillingUnit
{
    /// <summary>Prices a day; a month has 365/12 of them.</summary>
    Day,

    /// <summary>Prices a week; a month has 52/12 of them.</summary>
    Week,

    /// <summary>Prices a calendar month.</summary>
    Month,

    /// <summary>Prices three months.</summary>
    Quarter,

    /// <summary>Prices twelve months.</summary>
    Year,
}
