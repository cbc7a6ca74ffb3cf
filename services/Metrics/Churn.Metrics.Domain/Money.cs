namespace Churn.Metrics.Domain;

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

/// <summary>Holds the rules of money: int64 micros (millionths) of a currency's unit, exact under addition.</summary>
public static class Money
{
    /// <summary>Gives the micros of one unit of a currency.</summary>
    public const long Unit = 1_000_000;

    /// <summary>Gives the largest amount that is accepted, in micros: 10^15, or 10^9 units.</summary>
    public const long Largest = 1_000_000_000_000_000;

    /// <summary>Gives the month's part of a price, rounded once, half to even.</summary>
    /// <remarks>
    /// Definition: amount x (units in a month) / count, with 1 month, 1/3 quarter, 1/12 year, 52/12 weeks and 365/12 days in a
    /// month. Source: docs/definitions.md. Worked: 1000.00 a year is 83.333333 a month; 10.00 a week is 43.333333.
    /// </remarks>
    /// <param name="amount">The price in micros, or in a finer part of them.</param>
    /// <param name="unit">The unit of time it is asked for.</param>
    /// <param name="count">How many of these units it covers; at least 1.</param>
    /// <param name="perMicro">How many of the amount's parts are a micro: a price of more than six decimals is rounded only here.</param>
    public static Int128 PerMonth(Int128 amount, BillingUnit unit, int count = 1, long perMicro = 1)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        var (numerator, denominator) = unit switch
        {
            BillingUnit.Day => (365, 12),
            BillingUnit.Week => (52, 12),
            BillingUnit.Month => (1, 1),
            BillingUnit.Quarter => (1, 3),
            BillingUnit.Year => (1, 12),
            _ => throw new ArgumentOutOfRangeException(nameof(unit)),
        };
        return DivideHalfToEven(amount * numerator, (Int128)denominator * count * perMicro);
    }

    /// <summary>Divides and rounds to the nearest whole number, a half to the even one.</summary>
    /// <param name="numerator">Any number.</param>
    /// <param name="denominator">A number above zero.</param>
    public static Int128 DivideHalfToEven(Int128 numerator, Int128 denominator)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(denominator, Int128.One);
        var quotient = numerator / denominator;
        var rest = Int128.Abs(numerator - (quotient * denominator));
        var more = rest.CompareTo(denominator - rest);
        if (more < 0 || (more == 0 && Int128.IsEvenInteger(quotient)))
        {
            return quotient;
        }

        return numerator < 0 ? quotient - 1 : quotient + 1;
    }
}
