using System.Numerics;
using System.Text;
using Churn.Cli.Report.Output;
using Churn.Metrics.Domain;
using FsCheck;
using FsCheck.Fluent;

namespace Churn.Cli.Tests.Report.Output;

public sealed class LinesTests
{
    [Theory]
    [InlineData("", "")]
    [InlineData("plain text", "plain text")]
    [InlineData("a,b", "\"a,b\"")]
    [InlineData("say \"a\"", "\"say \"\"a\"\"\"")]
    [InlineData("\"", "\"\"\"\"")]
    [InlineData("two\nlines\r", "\"two\nlines\r\"")]
    public void Cell_Text_IsQuotedWhereItMustBe(string text, string cell) => Assert.Equal(cell, Written(new Lines(1).Cell(text)));

    [Theory]
    [InlineData(1, 3, "0.333333333333")]
    [InlineData(2, 3, "0.666666666667")]
    [InlineData(-2, 3, "-0.666666666667")]
    [InlineData(1, 8_000_000_000_000, "0.000000000000")]
    [InlineData(1, 2_000_000_000_000, "0.000000000000")]
    [InlineData(3, 2_000_000_000_000, "0.000000000002")]
    [InlineData(12, 1, "12.000000000000")]
    [InlineData(1, 0, "")]
    public void Ratio_TwelveDecimals_HalfToEven(long over, long under, string text) =>
        Assert.Equal(text, Written(new Lines(1).Ratio(new Ratio(over, under))));

    [Theory]
    [InlineData(55_000_000, 1, "55.00")]
    [InlineData(100_000_000, 3, "33.33333333")]
    [InlineData(200_000_000, 3, "66.66666667")]
    [InlineData(1, 200, "0.00")]
    [InlineData(3, 200, "0.00000002")]
    [InlineData(5, 0, "")]
    public void MoneyRatio_TwoToEightDecimals_HalfToEven(long micros, long count, string text) =>
        Assert.Equal(text, Written(new Lines(1).MoneyRatio(new Ratio(micros, count))));

    [Fact]
    public void Money_BeyondAnInt64_IsExact()
    {
        Assert.Equal("9223372036854.775808", Written(new Lines(1).Money((Int128)long.MaxValue + 1)));
        Assert.Equal("-92233720368547758.07", Written(new Lines(1).Money((Int128)long.MaxValue * -10_000)));
        Assert.Equal("-9223372036854.775808", Written(new Lines(1).Money((Int128)long.MinValue)));
    }

    [Fact]
    public void Law_AnyRatio_IsExactArithmeticRoundedHalfToEven()
    {
        var ratios = from over in Any.Long(0, 1_000_000_000_000_000) from under in Gen.OneOf(Any.Long(1, 100), Any.Long(1, 1_000_000_000_000_000)) select (Over: over, Under: under);
        Prop.ForAll(ratios.ToArbitrary(), r =>
        {
            var quotient = BigInteger.DivRem(r.Over * BigInteger.Pow(10, 12), r.Under, out var rest);
            var twice = (rest * 2).CompareTo(r.Under);
            var rounded = twice > 0 || (twice == 0 && !quotient.IsEven) ? quotient + 1 : quotient;
            Assert.Equal(rounded, BigInteger.Parse(Written(new Lines(1).Ratio(new Ratio(r.Over, r.Under))).Replace(".", "", StringComparison.Ordinal), System.Globalization.CultureInfo.InvariantCulture));
        }).QuickCheckThrowOnFailure();
    }

    [Theory]
    [InlineData(1900, 1, "1900-01")]
    [InlineData(1969, 12, "1969-12")]
    [InlineData(2199, 10, "2199-10")]
    public void Month_AnyYear_IsWrittenInFull(int year, int month, string text) =>
        Assert.Equal(text, Written(new Lines(1).Month(Calendar.MonthOf(year, month))));

    private static string Written(Lines lines) => Encoding.UTF8.GetString(lines.Written);
}
