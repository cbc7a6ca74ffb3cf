namespace Churn.Playbooks.Domain;

/// <summary>Holds the two ends of an interval; both belong to it.</summary>
/// <param name="Low">The lower end.</param>
/// <param name="High">The upper end.</param>
public readonly record struct Interval(double Low, double High)
{
    /// <summary>Tells whether zero lies outside.</summary>
    public bool ExcludesZero => Low > 0 || High < 0;
}

/// <summary>Compares two means.</summary>
public static class Means
{
    /// <summary>Gives the mean; 0 of nothing.</summary>
    public static double Of(IReadOnlyCollection<double> values) => values.Count == 0 ? 0 : values.Sum() / values.Count;

    /// <summary>
    /// Gives the 95 % interval of the difference of two means, first less second, where the variances may differ (Welch 1947); null where a
    /// side has fewer than two values, or nothing varies.
    /// </summary>
    /// <remarks>Worked: 1, 2, 3 against 2, 4, 6, 8 gives -6.4868 to 0.4868 with 4.0 degrees of freedom.</remarks>
    public static Interval? Welch(IReadOnlyCollection<double> first, IReadOnlyCollection<double> second)
    {
        if (first.Count < 2 || second.Count < 2)
        {
            return null;
        }

        var (a, b) = (ErrorOf(first), ErrorOf(second));
        if (a + b <= 0)
        {
            return null;
        }

        // The shares of the squared error, so that no square of a square overflows.
        var (shareA, shareB) = (a / (a + b), b / (a + b));
        var freedom = 1 / ((shareA * shareA / (first.Count - 1)) + (shareB * shareB / (second.Count - 1)));
        var half = Distributions.StudentQuantile(0.975, freedom) * Math.Sqrt(a + b);
        var difference = Of(first) - Of(second);
        return new Interval(difference - half, difference + half);
    }

    private static double ErrorOf(IReadOnlyCollection<double> values)
    {
        var mean = Of(values);
        return values.Sum(value => (value - mean) * (value - mean)) / (values.Count - 1) / values.Count;
    }
}
