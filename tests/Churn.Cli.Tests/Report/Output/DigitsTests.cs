using System.Globalization;
using System.Text;
using Churn.Cli.Report.Output;
using FsCheck;
using FsCheck.Fluent;
using Calendar = Churn.Metrics.Domain.Calendar;

namespace Churn.Cli.Tests.Report.Output;

public sealed class DigitsTests
{
    [Theory]
    [InlineData(0, "0.00")]
    [InlineData(1, "0.000001")]
    [InlineData(-1, "-0.000001")]
    [InlineData(10_000, "0.01")]
    [InlineData(100_000, "0.10")]
    [InlineData(1_001_000, "1.001")]
    [InlineData(99_990_000, "99.99")]
    [InlineData(-100_000_000, "-100.00")]
    [InlineData(long.MaxValue, "9223372036854.775807")]
    public void Money_Micros_HasTwoToSixDecimals(long micros, string text) => Assert.Equal(text, Money(micros));

    [Fact]
    public void Law_AnyMoney_IsExact()
    {
        var amounts = Gen.OneOf(
            Any.Long(-long.MaxValue, long.MaxValue), Any.Long(-2_000_000, 2_000_000),
            from digits in Gen.Choose(0, 18) from around in Gen.Choose(-2, 2) select (long)Math.Pow(10, digits) + around);
        Prop.ForAll(amounts.ToArbitrary(), micros =>
        {
            var text = Money(micros);
            Assert.Equal(micros, decimal.Parse(text, CultureInfo.InvariantCulture) * 1_000_000);
            var decimals = text.Length - text.IndexOf('.', StringComparison.Ordinal) - 1;
            Assert.InRange(decimals, 2, 6);
            Assert.True(decimals == 2 || text[^1] != '0');
            Assert.Equal(text, Encoding.ASCII.GetString(new Lines(1).Money(micros).Written));
            Assert.Equal(text, Encoding.ASCII.GetString(new Lines(1).Money((Int128)micros).Written));
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void Law_AnyTimeOfDay_IsThatOfTheFramework() => Prop.ForAll(Any.Long(0, Calendar.Day - 1).ToArbitrary(), ofDay =>
    {
        foreach (var micros in (long[])[ofDay, ofDay / Calendar.Second * Calendar.Second])
        {
            var room = new byte[32];
            var text = Encoding.ASCII.GetString(room[..Digits.Time(room, micros)]);
            var format = micros % Calendar.Second == 0 ? "'T'HH:mm:ss'Z'" : "'T'HH:mm:ss.ffffff'Z'";
            Assert.Equal(DateTime.UnixEpoch.AddTicks(micros * 10).ToString(format, CultureInfo.InvariantCulture), text);
        }
    }).QuickCheckThrowOnFailure();

    private static string Money(long micros)
    {
        Span<byte> room = stackalloc byte[64];
        return Encoding.ASCII.GetString(room[..Digits.Money(room, micros)]);
    }
}
