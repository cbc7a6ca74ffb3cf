using System.Globalization;
using System.Numerics;
using System.Text;
using Churn.Cli.Report.Input;
using FsCheck;
using FsCheck.Fluent;

namespace Churn.Cli.Tests.Report.Input;

public sealed class AmountsTests
{
    private static readonly BigInteger Largest = BigInteger.Pow(10, 15);

    [Theory]
    [InlineData("0", 0)]
    [InlineData("-0", 0)]
    [InlineData(".5", 500_000)]
    [InlineData("5.", 5_000_000)]
    [InlineData("+5", 5_000_000)]
    [InlineData("00000000000000000000005", 5_000_000)]
    [InlineData("1000000000", 1_000_000_000_000_000)]
    [InlineData("1000000000.0000005", 1_000_000_000_000_000)]
    [InlineData("0.0000005", 0)]
    [InlineData("0.00000050000000000000000000000000000000000000000000001", 1)]
    [InlineData("0.0000015", 2)]
    [InlineData("0.0000025", 2)]
    [InlineData("0.9999995", 1_000_000)]
    public void ReadUnits_Decimal_IsRoundedHalfToEven(string text, long micros)
    {
        Assert.Null(Amounts.ReadUnits(Encoding.UTF8.GetBytes(text), out var read));
        Assert.Equal(micros, read);
    }

    [Theory]
    [InlineData("")]
    [InlineData(".")]
    [InlineData("-")]
    [InlineData("+")]
    [InlineData("1 000")]
    [InlineData("0x10")]
    [InlineData("1.2.3")]
    [InlineData("--1")]
    [InlineData("NaN")]
    [InlineData("$5")]
    [InlineData("\u0665")]
    public void ReadUnits_NoNumber_SaysSo(string text) => Assert.NotNull(Amounts.ReadUnits(Encoding.UTF8.GetBytes(text), out _));

    [Theory]
    [InlineData("-1000000000.000001")]
    [InlineData("-99999999999999999999")]
    public void Regression_NegativeBeyondTheLargest_IsNegative(string text) =>
        Assert.Equal("is negative; a price is zero or more", Amounts.ReadUnits(Encoding.ASCII.GetBytes(text), out _));

    [Fact]
    public void Law_AnyDecimal_ReadsAsExactArithmeticRoundsIt()
    {
        var decimals =
            from units in Gen.Frequency((6, Gen.Choose(0, 2_000_000_000)), (1, Gen.Choose(999_999_998, 1_000_000_001)))
            from digits in Gen.Choose(0, 12)
            from fraction in Gen.ArrayOf(Gen.Frequency((3, Gen.Choose(0, 9)), (3, Gen.Elements(0, 5, 9))), digits)
            from negative in Gen.Frequency((5, Gen.Constant(false)), (1, Gen.Constant(true)))
            select $"{(negative ? "-" : "")}{units}.{string.Concat(fraction)}";
        Prop.ForAll(decimals.ToArbitrary(), text =>
        {
            var point = text.IndexOf('.', StringComparison.Ordinal);
            var scale = BigInteger.Pow(10, text.Length - point - 1);
            var exact = BigInteger.Abs(BigInteger.Parse(text.Remove(point, 1), CultureInfo.InvariantCulture)) * 1_000_000;
            var quotient = BigInteger.DivRem(exact, scale, out var rest);
            var twice = (rest * 2).CompareTo(scale);
            var micros = twice > 0 || (twice == 0 && !quotient.IsEven) ? quotient + 1 : quotient;
            var wrong = Amounts.ReadUnits(Encoding.ASCII.GetBytes(text), out var read);
            Assert.Equal(micros > Largest || (text[0] == '-' && micros > 0), wrong is not null);
            Assert.True(wrong is not null || micros == read);
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void Law_AnyWholeCents_ReadAsTenThousandMicrosEach() => Prop.ForAll<long>(cents =>
    {
        var text = Encoding.ASCII.GetBytes(cents.ToString(CultureInfo.InvariantCulture));
        var wrong = Amounts.ReadCents(text, out var read);
        Assert.Equal(cents < 0 || cents * (BigInteger)10_000 > Largest, wrong is not null);
        Assert.True(wrong is not null || read == cents * 10_000);
    }).QuickCheckThrowOnFailure();

    [Theory]
    [InlineData("100000000000", null)]
    [InlineData("100000000001", "is above 1000000000 units, the largest amount that is accepted")]
    [InlineData("99999999999999999999999999999999", "is above 1000000000 units, the largest amount that is accepted")]
    [InlineData("-99999999999999999999999999999999", "is negative; a price is zero or more")]
    [InlineData("1.0", "is not a whole number of cents")]
    [InlineData("", "is empty")]
    public void ReadCents_Text_IsReadOrSaid(string text, string? wrong) =>
        Assert.Equal(wrong, Amounts.ReadCents(Encoding.ASCII.GetBytes(text), out _));
}
