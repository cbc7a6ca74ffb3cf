namespace Churn.Ingestion.Domain;

/// <summary>Holds the rule that the price of a month is at most <see cref="Limits.Amount"/>, however it is asked for.</summary>
public static class Prices
{
    /// <summary>Checks that a period's price comes to a month's price that can be counted.</summary>
    /// <param name="field">The path of the period.</param>
    /// <param name="amount">The price of one item for the whole period, in micros; 0 to <see cref="Limits.Amount"/>.</param>
    /// <param name="unit">The unit of the period.</param>
    /// <param name="count">How many units it has; at least 1.</param>
    /// <param name="quantity">How many items are priced; at least 1.</param>
    public static Violation? CheckMonth(string field, long amount, BillingUnit unit, int count, long quantity)
    {
        var (numerator, denominator) = unit switch
        {
            BillingUnit.Day => (365, 12),
            BillingUnit.Week => (52, 12),
            BillingUnit.Month => (1, 1),
            BillingUnit.Quarter => (1, 3),
            _ => (1, 12),
        };
        return (Int128)amount * quantity * numerator > (Int128)Limits.Amount * denominator * count
            ? Fields.Invalid(field, $"comes to more than {Limits.Amount} micros a month", "see whether amount and quantity are both the whole")
            : null;
    }
}
