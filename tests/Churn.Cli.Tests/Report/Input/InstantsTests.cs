using System.Globalization;
using System.Text;
using Churn.Cli.Report.Input;
using FsCheck;
using FsCheck.Fluent;

namespace Churn.Cli.Tests.Report.Input;

public sealed class InstantsTests
{
    private static readonly DateTimeOffset First = new(1900, 1, 2, 0, 0, 0, TimeSpan.Zero);
    private static readonly DateTimeOffset Last = new(2199, 12, 30, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Law_AnyInstantAtAnyOffset_IsThatOfTheFramework()
    {
        var instants =
            from micros in Any.Long(0, (Last - First).Ticks / 10)
            from offset in Gen.Choose(-14 * 60, 14 * 60)
            from digits in Gen.Choose(0, 6)
            from separator in Gen.Elements('T', 't', ' ')
            select (Micros: micros, Offset: offset, Digits: digits, Separator: separator);
        Prop.ForAll(instants.ToArbitrary(), x =>
        {
            var unit = (long)Math.Pow(10, 7 - x.Digits);
            var instant = First.AddTicks(x.Micros * 10 / unit * unit).ToOffset(TimeSpan.FromMinutes(x.Offset));
            var fraction = x.Digits == 0 ? "" : "." + new string('f', x.Digits);
            var zone = x.Offset == 0 ? "'Z'" : "zzz";
            var text = instant.ToString($"yyyy-MM-dd'{x.Separator}'HH:mm:ss{fraction}{zone}", CultureInfo.InvariantCulture);
            Assert.Null(Instants.Read(Encoding.ASCII.GetBytes(text), out var read));
            Assert.Equal((instant.UtcTicks - DateTimeOffset.UnixEpoch.Ticks) / 10, read);
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void Read_EveryDayOfEveryYear_IsThatOfTheFramework()
    {
        for (var day = new DateTime(1900, 1, 1, 0, 0, 0, DateTimeKind.Utc); day.Year < 2200; day = day.AddDays(1))
        {
            Assert.Null(Instants.Read(Encoding.ASCII.GetBytes(day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)), out var read));
            Assert.Equal((day.Ticks - DateTime.UnixEpoch.Ticks) / 10, read);
        }
    }

    [Theory]
    [InlineData("2023-01-10T00:00:00.1234567Z", "2023-01-10T00:00:00.123456Z")]
    [InlineData("2023-01-10T00:00:00.9999999999999999999Z", "2023-01-10T00:00:00.999999Z")]
    [InlineData("2016-12-31T23:59:60Z", "2017-01-01T00:00:00Z")]
    [InlineData("2023-01-10t00:00:00z", "2023-01-10T00:00:00Z")]
    [InlineData("2023-01-10T00:00:00-00:00", "2023-01-10T00:00:00Z")]
    [InlineData("2023-01-10T00:00:00+23:59", "2023-01-09T00:01:00Z")]
    public void Read_TwoWritings_AreOneInstant(string text, string same)
    {
        Assert.Null(Instants.Read(Encoding.ASCII.GetBytes(text), out var read));
        Assert.Null(Instants.Read(Encoding.ASCII.GetBytes(same), out var other));
        Assert.Equal(other, read);
    }

    [Theory]
    [InlineData("2023-1-10")]
    [InlineData("20230110")]
    [InlineData("2023/01/10")]
    [InlineData("01/10/2023")]
    [InlineData("2023-01-10T")]
    [InlineData("2023-01-10T10")]
    [InlineData("2023-01-10T10:00:00.Z")]
    [InlineData("2023-01-10T10:00:00.")]
    [InlineData("2023-01-10T10:00:00+0200")]
    [InlineData("2023-01-10T10:00:00+24:00")]
    [InlineData("2023-01-10T10:00:00+02:60")]
    [InlineData("2023-01-10T10:60:00Z")]
    [InlineData("2023-01-10T10:00:61Z")]
    [InlineData("2023-01-10T10:00:00ZZ")]
    [InlineData("2023-01-10 ")]
    [InlineData("2023-00-10")]
    [InlineData("2023-01-00")]
    [InlineData("2100-02-29")]
    [InlineData("0000-01-01")]
    [InlineData("\u0662\u0660\u0662\u0663-01-10")]
    public void Read_NoInstant_SaysSo(string text) => Assert.NotNull(Instants.Read(Encoding.UTF8.GetBytes(text), out _));

    [Theory]
    [InlineData("9999-12-31", true)]
    [InlineData("2200-01-01T00:00:00+02:00", true)]
    [InlineData("2204-02-29", true)]
    [InlineData("2200-02-29", false)]
    [InlineData("2199-12-31", false)]
    [InlineData("9999-99-99", false)]
    [InlineData("9999-12-31T", false)]
    [InlineData("9999", false)]
    public void IsNever_Text_IsADateBeyondTheYears(string text, bool never) => Assert.Equal(never, Instants.IsNever(Encoding.ASCII.GetBytes(text)));

    [Fact]
    public void Law_AnyText_IsReadOrSaidAndNeverThrows() => Prop.ForAll<string>(text =>
    {
        var bytes = Encoding.UTF8.GetBytes("2023-01-10" + text);
        _ = Instants.Read(bytes, out _);
        _ = Instants.IsNever(bytes);
    }).QuickCheckThrowOnFailure();
}
