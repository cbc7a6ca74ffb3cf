using System.Numerics;
using Churn.Metrics.Domain;
using FsCheck.Fluent;

namespace Churn.Metrics.Tests;

public class RatioTests
{
    private const long TwelveDecimals = 1_000_000_000_000;

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(-1)]
    public void Ratio_OverZero_IsUndefined(int numerator)
    {
        var ratio = new Ratio(numerator, 0);
        Assert.False(ratio.IsDefined);
        Assert.Null(ratio.Approximate);
        Assert.Throws<DivideByZeroException>(() => ratio.Scaled(1));
    }

    [Theory]
    [InlineData(1, 3, 333_333_333_333)]
    [InlineData(2, 3, 666_666_666_667)]
    [InlineData(-1, 3, -333_333_333_333)]
    [InlineData(-2, 3, -666_666_666_667)]
    [InlineData(1, -3, -333_333_333_333)]
    [InlineData(-2, -3, 666_666_666_667)]
    [InlineData(5, 1, 5_000_000_000_000)]
    [InlineData(0, 7, 0)]
    [InlineData(1, 8_000_000_000_000, 0)]
    [InlineData(1, 2_000_000_000_000, 0)]
    [InlineData(3, 2_000_000_000_000, 2)]
    [InlineData(5, 2_000_000_000_000, 2)]
    [InlineData(-1, 2_000_000_000_000, 0)]
    [InlineData(-3, 2_000_000_000_000, -2)]
    [InlineData(-5, 2_000_000_000_000, -2)]
    public void Scaled_ToTwelveDecimals_RoundsHalfToEven(long numerator, long denominator, long expected) =>
        Assert.Equal(expected, new Ratio(numerator, denominator).Scaled(TwelveDecimals));

    [Fact]
    public void Scaled_LargestThatFits_IsExact()
    {
        var largest = Int128.MaxValue / TwelveDecimals;
        Assert.Equal(TwelveDecimals, new Ratio(largest, largest).Scaled(TwelveDecimals));
        Assert.Equal(-TwelveDecimals, new Ratio(-largest, largest).Scaled(TwelveDecimals));
        Assert.Equal(0, new Ratio(1, Int128.MaxValue).Scaled(TwelveDecimals));
        Assert.Equal(0, new Ratio(1, -Int128.MaxValue).Scaled(TwelveDecimals));
    }

    [Fact]
    public void Scaled_BeyondInt128_ThrowsAndIsNeverWrong() =>
        Assert.Throws<OverflowException>(() => new Ratio((Int128.MaxValue / TwelveDecimals) + 1, Int128.MaxValue).Scaled(TwelveDecimals));

    [Fact]
    public void Approximate_NearTheEdgesOfInt128_IsNear()
    {
        Assert.Equal(1, new Ratio(Int128.MaxValue, Int128.MaxValue).Approximate);
        Assert.Equal(-1, new Ratio(Int128.MinValue, Int128.MaxValue).Approximate!.Value, 1e-12);
        Assert.Equal(0.5, new Ratio(1, 2).Approximate);
    }

    [Fact]
    public void Law_Scaled_IsTheNearest() => Law.Holds(
        Arb.From(
            from n in Gen.Choose(int.MinValue, int.MaxValue)
            from d in Gen.Choose(int.MinValue, int.MaxValue)
            where d != 0
            from factor in Gen.Elements(1L, 1_000L, 1_000_003L)
            select new Ratio(n * factor, d)),
        ratio =>
        {
            var scaled = (BigInteger)ratio.Scaled(TwelveDecimals);
            var error = BigInteger.Abs((scaled * ratio.Denominator) - ((BigInteger)ratio.Numerator * TwelveDecimals)) * 2;
            Assert.True(error <= BigInteger.Abs(ratio.Denominator));
        },
        2_000);
}
