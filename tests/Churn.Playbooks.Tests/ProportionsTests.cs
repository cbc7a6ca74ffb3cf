using Churn.Playbooks.Domain;

namespace Churn.Playbooks.Tests;

public sealed class ProportionsTests
{
    // R. G. Newcombe, Statistics in Medicine 17 (1998), Table II, method 10.
    [Theory]
    [InlineData(56, 70, 48, 80, 0.0524, 0.3339)]
    [InlineData(9, 10, 3, 10, 0.1705, 0.8090)]
    [InlineData(6, 7, 2, 7, 0.0582, 0.8062)]
    [InlineData(5, 56, 0, 29, -0.0381, 0.1926)]
    [InlineData(0, 10, 0, 20, -0.1611, 0.2775)]
    [InlineData(0, 10, 0, 10, -0.2775, 0.2775)]
    [InlineData(10, 10, 0, 20, 0.6791, 1.0000)]
    [InlineData(10, 10, 0, 10, 0.6075, 1.0000)]
    public void Newcombe_PublishedTables_AreMet(long first, long ofFirst, long second, long ofSecond, double low, double high)
    {
        var interval = Proportions.Newcombe(first, ofFirst, second, ofSecond);
        Assert.Equal((low, high), (Math.Round(interval.Low, 4), Math.Round(interval.High, 4)));
    }

    // E. B. Wilson's interval of 81 of 263, 15 of 148 and 0 of 20: R. G. Newcombe, Statistics in Medicine 17 (1998), 857-872, Table I, method 3.
    [Theory]
    [InlineData(81, 263, 0.2553, 0.3662)]
    [InlineData(15, 148, 0.0624, 0.1605)]
    [InlineData(0, 20, 0.0000, 0.1611)]
    [InlineData(1, 29, 0.0061, 0.1718)]
    public void Wilson_PublishedShares_AreMet(long count, long of, double low, double high)
    {
        var interval = Proportions.Wilson(count, of);
        Assert.Equal((low, high), (Math.Round(interval.Low, 4), Math.Round(interval.High, 4)));
    }

    [Theory]
    [InlineData(3, 4, 1, 4, 0.4857142857)] // Fisher's tea, The Design of Experiments (1935).
    [InlineData(2, 17, 10, 13, 0.000536724119143)] // Convictions of like-sex twins, Fisher (1962), two-sided.
    [InlineData(0, 10, 0, 10, 1)]
    [InlineData(10, 10, 10, 10, 1)]
    [InlineData(10, 10, 0, 10, 1.082508822e-05)]
    [InlineData(1, 1, 0, 1, 1)]
    public void Fisher_PublishedTables_AreMet(long first, long ofFirst, long second, long ofSecond, double p)
    {
        Assert.Equal(p, Proportions.Fisher(first, ofFirst, second, ofSecond), p * 1e-9);
        Assert.Equal(p, Proportions.Fisher(second, ofSecond, first, ofFirst), p * 1e-9);
    }

    [Fact]
    public void Fisher_LargeTables_AreExactAndFast()
    {
        Assert.InRange(Proportions.Fisher(900_000, 1_000_000, 90_000, 100_000), 0.99, 1);
        Assert.InRange(Proportions.Fisher(900_000, 1_000_000, 10_000, 100_000), 0, 1e-300);
    }

    [Fact]
    public void Law_Swap_TurnsTheInterval() => Law.OfTables((a, m, b, n) =>
    {
        var (there, back) = (Proportions.Newcombe(a, m, b, n), Proportions.Newcombe(b, n, a, m));
        Assert.Equal(-there.High, back.Low, 1e-12);
        Assert.Equal(-there.Low, back.High, 1e-12);
        Assert.Equal(Proportions.Fisher(a, m, b, n), Proportions.Fisher(b, n, a, m), 1e-9);
    });

    [Fact]
    public void Law_Complement_TurnsTheInterval() => Law.OfTables((a, m, b, n) =>
    {
        var (pay, leave) = (Proportions.Newcombe(a, m, b, n), Proportions.Newcombe(m - a, m, n - b, n));
        Assert.Equal(-pay.High, leave.Low, 1e-12);
        Assert.Equal(Proportions.Fisher(a, m, b, n), Proportions.Fisher(m - a, m, n - b, n), 1e-9);
    });

    [Fact]
    public void Law_Interval_HoldsTheDifferenceAndStaysWithinOne() => Law.OfTables((a, m, b, n) =>
    {
        var interval = Proportions.Newcombe(a, m, b, n);
        var difference = ((double)a / m) - ((double)b / n);
        Assert.InRange(difference, interval.Low - 1e-12, interval.High + 1e-12);
        Assert.InRange(interval.Low, -1 - 1e-12, 1);
        Assert.InRange(interval.High, -1, 1 + 1e-12);
        Assert.InRange(Proportions.Fisher(a, m, b, n), double.Epsilon, 1);
    });

    [Fact]
    public void Law_OneMoreThatPays_NeverLowersTheInterval() => Law.OfTables((a, m, b, n) =>
    {
        if (a < m)
        {
            var (before, after) = (Proportions.Newcombe(a, m, b, n), Proportions.Newcombe(a + 1, m, b, n));
            Assert.True(after.Low >= before.Low - 1e-12, $"{before} {after}");
            Assert.True(after.High >= before.High - 1e-12, $"{before} {after}");
        }
    });

    [Fact]
    public void Law_TenTimesAsMany_NarrowsTheInterval() => Law.OfTables((a, m, b, n) =>
    {
        var (few, many) = (Proportions.Newcombe(a, m, b, n), Proportions.Newcombe(10 * a, 10 * m, 10 * b, 10 * n));
        Assert.True(many.High - many.Low < few.High - few.Low, $"{few} {many}");
    });
}
