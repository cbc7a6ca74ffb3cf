using System.Numerics;
using Churn.Metrics.Domain;
using FsCheck;
using FsCheck.Fluent;

namespace Churn.Metrics.Tests;

public class MoneyTests
{
    [Theory]
    [InlineData(10_000_000, BillingUnit.Month, 1, 10_000_000)]
    [InlineData(1_000_000_000, BillingUnit.Year, 1, 83_333_333)]
    [InlineData(100_000_000, BillingUnit.Quarter, 1, 33_333_333)]
    [InlineData(200_000_000, BillingUnit.Quarter, 1, 66_666_667)]
    [InlineData(10_000_000, BillingUnit.Week, 1, 43_333_333)]
    [InlineData(12_000_000, BillingUnit.Week, 1, 52_000_000)]
    [InlineData(1_000_000, BillingUnit.Day, 1, 30_416_667)]
    [InlineData(12_000_000, BillingUnit.Day, 1, 365_000_000)]
    [InlineData(10_000_000, BillingUnit.Week, 2, 21_666_667)]
    [InlineData(60_000_000, BillingUnit.Month, 6, 10_000_000)]
    [InlineData(2_400_000_000, BillingUnit.Year, 2, 100_000_000)]
    [InlineData(0, BillingUnit.Year, 1, 0)]
    public void PerMonth_Price_IsTheMonthsPart(long amount, BillingUnit unit, int count, long expected) =>
        Assert.Equal(expected, Money.PerMonth(amount, unit, count));

    [Theory]
    [InlineData(6, 0)]
    [InlineData(18, 2)]
    [InlineData(30, 2)]
    [InlineData(42, 4)]
    [InlineData(17, 1)]
    [InlineData(19, 2)]
    [InlineData(-6, 0)]
    [InlineData(-18, -2)]
    [InlineData(-30, -2)]
    public void PerMonth_HalfAMicro_GoesToTheEvenOne(long amount, long expected) =>
        Assert.Equal(expected, Money.PerMonth(amount, BillingUnit.Year));

    [Fact]
    public void PerMonth_LargestAmount_IsExact()
    {
        Assert.Equal((Int128)Money.Largest * 365 / 12 + 1, Money.PerMonth(Money.Largest, BillingUnit.Day));
        Assert.Equal((Int128)long.MaxValue * 365 / 12, Money.PerMonth(long.MaxValue, BillingUnit.Day) - Rounded(long.MaxValue, 365, 12));
        Assert.Equal(Money.Largest, Money.PerMonth(Money.Largest, BillingUnit.Month));
        Assert.Equal(0, Money.PerMonth(Money.Largest, BillingUnit.Year, int.MaxValue) - (Money.Largest / 12 / int.MaxValue));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    public void PerMonth_CountBelowOne_Throws(int count) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => Money.PerMonth(1, BillingUnit.Month, count));

    [Fact]
    public void PerMonth_UnknownUnit_Throws() => Assert.Throws<ArgumentOutOfRangeException>(() => Money.PerMonth(1, (BillingUnit)99));

    [Theory]
    [InlineData(5, 2, 2)]
    [InlineData(7, 2, 4)]
    [InlineData(-5, 2, -2)]
    [InlineData(-7, 2, -4)]
    [InlineData(1, 3, 0)]
    [InlineData(2, 3, 1)]
    [InlineData(-2, 3, -1)]
    [InlineData(0, 3, 0)]
    public void DivideHalfToEven_Half_GoesToTheEvenOne(int numerator, int denominator, int expected) =>
        Assert.Equal(expected, Money.DivideHalfToEven(numerator, denominator));

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    public void DivideHalfToEven_DenominatorNotAboveZero_Throws(int denominator) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => Money.DivideHalfToEven(1, denominator));

    [Fact]
    public void DivideHalfToEven_NearTheEdgesOfInt128_IsExact()
    {
        Assert.Equal(Int128.MaxValue, Money.DivideHalfToEven(Int128.MaxValue, 1));
        Assert.Equal(Int128.MinValue, Money.DivideHalfToEven(Int128.MinValue, 1));
        Assert.Equal(1, Money.DivideHalfToEven(Int128.MaxValue, Int128.MaxValue));
        Assert.Equal(-1, Money.DivideHalfToEven(Int128.MinValue, Int128.MaxValue));
        Assert.Equal(Int128.MaxValue / 2 + 1, Money.DivideHalfToEven(Int128.MaxValue, 2));
    }

    [Fact]
    public void Law_DivideHalfToEven_IsNearestAndEvenOnTies() => Law.Holds(
        Arb.From(from n in Wide from d in Wide where d != 0 select (n, d < 0 ? -d : d)),
        pair =>
        {
            var (n, d) = pair;
            var q = (BigInteger)Money.DivideHalfToEven(n, d);
            var twiceTheError = BigInteger.Abs((q * d) - n) * 2;
            Assert.True(twiceTheError < d || (twiceTheError == d && q.IsEven));
        },
        2_000);

    [Fact]
    public void Law_DivideHalfToEven_EqualsDecimalRounding() => Law.Holds(
        Arb.From(from n in Gen.Choose(-1_000_000, 1_000_000) from power in Gen.Choose(1, 9) select (n, 1 << power)),
        pair => Assert.Equal((Int128)Math.Round((decimal)pair.n / pair.Item2, MidpointRounding.ToEven), Money.DivideHalfToEven(pair.n, pair.Item2)),
        2_000);

    private static readonly Gen<Int128> Wide =
        from high in Gen.Choose(int.MinValue, int.MaxValue)
        from low in Gen.Choose(int.MinValue, int.MaxValue)
        from shift in Gen.Choose(0, 90)
        select (((Int128)high << 32) + low) >> shift << (shift / 3);

    private static Int128 Rounded(Int128 amount, Int128 numerator, Int128 denominator) =>
        amount * numerator % denominator * 2 > denominator ? 1 : 0;
}
