namespace Churn.Playbooks.Domain;

/// <summary>Compares two shares: k of n on each side.</summary>
public static class Proportions
{
    // R's fisher.test takes tables as probable as the observed one where they are within this factor.
    private const double Tie = 1 + 1e-7;

    /// <summary>Gives the 95 % interval of one share: Wilson's score interval, without correction for continuity.</summary>
    /// <remarks>Worked: 56 of 70 gives 0.6918 to 0.8770.</remarks>
    public static Interval Wilson(long count, long of)
    {
        const double z = Distributions.Normal975;
        var p = (double)count / of;
        var middle = p + (z * z / (2.0 * of));
        var half = z * Math.Sqrt((p * (1 - p) / of) + (z * z / (4.0 * of * of)));
        var whole = 1 + (z * z / of);
        return new Interval(count == 0 ? 0 : (middle - half) / whole, count == of ? 1 : (middle + half) / whole);
    }

    /// <summary>Gives the 95 % interval of the difference of two shares, first less second.</summary>
    /// <remarks>
    /// Newcombe's hybrid score interval: d - sqrt((p1-l1)^2 + (u2-p2)^2) to d + sqrt((u1-p1)^2 + (p2-l2)^2) with Wilson's l and u.
    /// R. G. Newcombe, Interval estimation for the difference between independent proportions, Statistics in Medicine 17 (1998),
    /// method 10. Worked: 56 of 70 less 48 of 80 gives 0.0524 to 0.3339.
    /// </remarks>
    public static Interval Newcombe(long first, long ofFirst, long second, long ofSecond)
    {
        var (p1, p2) = ((double)first / ofFirst, (double)second / ofSecond);
        var (w1, w2) = (Wilson(first, ofFirst), Wilson(second, ofSecond));
        return new Interval(
            p1 - p2 - Length(p1 - w1.Low, w2.High - p2),
            p1 - p2 + Length(w1.High - p1, p2 - w2.Low));
    }

    /// <summary>Gives the two-sided p-value of two equal shares by Fisher's exact test: the sum over all tables that are no more probable.</summary>
    /// <remarks>Worked: 3 of 4 against 1 of 4, the lady tasting tea, gives 0.4857.</remarks>
    public static double Fisher(long first, long ofFirst, long second, long ofSecond)
    {
        var hits = first + second;
        var misses = ofFirst + ofSecond - hits;
        var (least, most) = (Math.Max(0, ofFirst - misses), Math.Min(ofFirst, hits));
        var mode = Math.Clamp((long)(((double)ofFirst + 1) * (hits + 1) / (ofFirst + ofSecond + 2.0)), least, most);

        // Probabilities relative to that of the mode: no factorial is needed, and none overflows.
        var limit = WeightOf(first) * Tie;
        var (below, sumBelow) = Sum(mode - 1, least, Step(mode, -1));
        var (above, sumAbove) = Sum(mode, most, 1);
        return Math.Min(1, (below + above) / (sumBelow + sumAbove));

        double Step(long from, int by) => by > 0
            ? (double)(ofFirst - from) * (hits - from) / ((from + 1.0) * (misses - ofFirst + from + 1.0))
            : from * (double)(misses - ofFirst + from) / ((ofFirst - from + 1.0) * (hits - from + 1.0));

        double WeightOf(long table)
        {
            var weight = 1.0;
            var by = Math.Sign(table - mode);
            for (var k = mode; k != table && weight > 0; k += by)
            {
                weight *= Step(k, by);
            }

            return weight;
        }

        (double Extreme, double All) Sum(long from, long to, double weight)
        {
            var (extreme, all) = (0.0, 0.0);
            var by = from >= mode ? 1 : -1;
            for (var k = from; (by > 0 ? k <= to : k >= to) && weight > 0; k += by)
            {
                all += weight;
                extreme += weight <= limit ? weight : 0;
                weight *= Step(k, by);
            }

            return (extreme, all);
        }
    }

    private static double Length(double a, double b) => Math.Sqrt((a * a) + (b * b));
}
