namespace Churn.Playbooks.Domain;

/// <summary>Gives probabilities of the distributions that a readout needs.</summary>
public static class Distributions
{
    /// <summary>Gives the 97.5 % quantile of the normal distribution: 95 % lie within so many standard deviations of the mean.</summary>
    public const double Normal975 = 1.959963984540054;

    private const double Precision = 1e-16;
    private const double Tiny = 1e-300;
    private const int MostTerms = 100_000;

    private static readonly double[] Lanczos =
    [
        0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059, 12.507343278686905,
        -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
    ];

    /// <summary>Gives the probability that chi-square with one degree of freedom is at least x.</summary>
    /// <param name="x">Zero or more.</param>
    public static double ChiSquareAbove(double x) => x <= 0 ? 1 : GammaAbove(0.5, x / 2);

    /// <summary>Gives the probability that Student's t is at most x. Worked: 2.228139 with 10 degrees of freedom gives 0.975.</summary>
    /// <param name="x">Any number.</param>
    /// <param name="freedom">The degrees of freedom, above zero; they need not be whole.</param>
    public static double StudentBelow(double x, double freedom)
    {
        if (x == 0)
        {
            return 0.5;
        }

        var square = x * x;
        var tail = 0.5 * (freedom > square
            ? 1 - BetaBelow(0.5, freedom / 2, square / (freedom + square))
            : BetaBelow(freedom / 2, 0.5, freedom / (freedom + square)));
        return x > 0 ? 1 - tail : tail;
    }

    /// <summary>Gives the quantile of Student's t: the x with <see cref="StudentBelow"/> of it = p. Worked: p 0.975 with 10 degrees of freedom is 2.228139.</summary>
    /// <param name="p">Above 0.5, below 1.</param>
    /// <param name="freedom">The degrees of freedom, above zero.</param>
    public static double StudentQuantile(double p, double freedom)
    {
        var (low, high) = (0.0, 1.0);
        while (StudentBelow(high, freedom) < p && high < 1e12)
        {
            (low, high) = (high, high * 2);
        }

        for (var middle = (low + high) / 2; middle > low && middle < high; middle = (low + high) / 2)
        {
            (low, high) = StudentBelow(middle, freedom) < p ? (middle, high) : (low, middle);
        }

        return high;
    }

    // The regularised incomplete beta function by its continued fraction (Lentz), on the side where that converges fast.
    private static double BetaBelow(double a, double b, double x)
    {
        if (x is <= 0 or >= 1)
        {
            return x <= 0 ? 0 : 1;
        }

        if (x > (a + 1) / (a + b + 2))
        {
            return 1 - BetaBelow(b, a, 1 - x);
        }

        var front = Math.Exp(LogGamma(a + b) - LogGamma(a) - LogGamma(b) + (a * Math.Log(x)) + (b * Math.Log(1 - x)));
        var c = 1.0;
        var d = 1 / NotZero(1 - ((a + b) * x / (a + 1)));
        var fraction = d;
        for (var m = 1; m <= MostTerms; m++)
        {
            var even = m * (b - m) * x / ((a + (2 * m) - 1) * (a + (2 * m)));
            d = 1 / NotZero(1 + (even * d));
            c = NotZero(1 + (even / c));
            fraction *= d * c;
            var odd = -(a + m) * (a + b + m) * x / ((a + (2 * m)) * (a + (2 * m) + 1));
            d = 1 / NotZero(1 + (odd * d));
            c = NotZero(1 + (odd / c));
            var factor = d * c;
            fraction *= factor;
            if (Math.Abs(factor - 1) < Precision)
            {
                break;
            }
        }

        return front * fraction / a;
    }

    // The regularised upper incomplete gamma function: by series near zero, by continued fraction elsewhere.
    private static double GammaAbove(double a, double x)
    {
        var front = Math.Exp((a * Math.Log(x)) - x - LogGamma(a));
        if (x < a + 1)
        {
            var (term, sum) = (1 / a, 1 / a);
            for (var n = 1; n <= MostTerms && term > sum * Precision; n++)
            {
                term *= x / (a + n);
                sum += term;
            }

            return 1 - (front * sum);
        }

        var b = x + 1 - a;
        var c = 1 / Tiny;
        var d = 1 / b;
        var fraction = d;
        for (var n = 1; n <= MostTerms; n++)
        {
            var numerator = -n * (n - a);
            b += 2;
            d = 1 / NotZero((numerator * d) + b);
            c = NotZero(b + (numerator / c));
            var factor = d * c;
            fraction *= factor;
            if (Math.Abs(factor - 1) < Precision)
            {
                break;
            }
        }

        return front * fraction;
    }

    private static double LogGamma(double x)
    {
        if (x < 0.5)
        {
            return Math.Log(Math.PI / Math.Sin(Math.PI * x)) - LogGamma(1 - x);
        }

        const double g = 7.5;
        var sum = Lanczos[0];
        for (var i = 1; i < Lanczos.Length; i++)
        {
            sum += Lanczos[i] / (x - 1 + i);
        }

        var t = x - 1 + g;
        return (0.5 * Math.Log(2 * Math.PI)) + ((x - 0.5) * Math.Log(t)) - t + Math.Log(sum);
    }

    private static double NotZero(double x) => Math.Abs(x) < Tiny ? Tiny : x;
}
