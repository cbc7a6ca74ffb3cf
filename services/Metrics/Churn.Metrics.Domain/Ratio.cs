namespace Churn.Metrics.Domain;

/// <summary>Holds an exact quotient of two sums; undefined, never zero or infinite, where the denominator is zero.</summary>
/// <param name="Numerator">What is measured.</param>
/// <param name="Denominator">What it is measured against.</param>
public readonly record struct Ratio(Int128 Numerator, Int128 Denominator)
{
    /// <summary>Tells whether there is anything to divide by.</summary>
    public bool IsDefined => Denominator != 0;

    /// <summary>Gives the quotient times a power of ten, rounded half to even.</summary>
    /// <param name="scale">The power of ten, for example 10^12 for twelve decimals.</param>
    /// <exception cref="DivideByZeroException">The ratio is undefined.</exception>
    public Int128 Scaled(long scale) => Denominator switch
    {
        { } when !IsDefined => throw new DivideByZeroException("This ratio is undefined."),
        var d when d < 0 => Money.DivideHalfToEven(-Numerator * scale, -d),
        var d => Money.DivideHalfToEven(Numerator * scale, d),
    };

    /// <summary>Gives the quotient as the nearest floating-point number, for drawing and comparing; null when undefined.</summary>
    public double? Approximate => IsDefined ? (double)Numerator / (double)Denominator : null;
}
