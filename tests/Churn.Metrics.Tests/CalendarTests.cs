using Churn.Metrics.Domain;

namespace Churn.Metrics.Tests;

public class CalendarTests
{
    private const int DaysOfEra = 146_097;

    [Fact]
    public void Days_Of1900To2200_EqualDateOnly() =>
        EachDay(new DateOnly(1900, 1, 1), new DateOnly(2200, 12, 31), (day, date) =>
        {
            Assert.Equal(day, Calendar.DayOf(date.Year, date.Month, date.Day));
            Assert.Equal((date.Year, date.Month, date.Day), Calendar.DateOfDay(day));
            var month = Calendar.MonthOf(date.Year, date.Month);
            Assert.Equal(month, Calendar.MonthOfDay(day));
            Assert.Equal((date.Year, date.Month), Calendar.YearAndMonth(month));
            Assert.Equal(day - date.Day + 1, Calendar.FirstDay(month));
            Assert.Equal(DateTime.DaysInMonth(date.Year, date.Month), Calendar.DaysInMonth(date.Year, date.Month));
            var micros = (new DateTime(date, TimeOnly.MinValue) - DateTime.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;
            Assert.Equal(micros, day * Calendar.Day);
        });

    [Theory]
    [InlineData(-1)]
    [InlineData(-6)]
    [InlineData(-100)]
    [InlineData(25)]
    public void Days_ErasAway_AreThoseOf1900To2200(int eras) =>
        EachDay(new DateOnly(1900, 1, 1), new DateOnly(2200, 12, 31), (day, date) =>
        {
            var (there, year) = (day + (eras * DaysOfEra), date.Year + (eras * 400));
            Assert.Equal(there, Calendar.DayOf(year, date.Month, date.Day));
            Assert.Equal((year, date.Month, date.Day), Calendar.DateOfDay(there));
            Assert.Equal(Calendar.MonthOf(year, date.Month), Calendar.MonthOfDay(there));
            Assert.Equal((year, date.Month), Calendar.YearAndMonth(Calendar.MonthOf(year, date.Month)));
        });

    [Theory]
    [InlineData(-1, -1)]
    [InlineData(0, 0)]
    [InlineData(Calendar.Day / 2, 0)]
    [InlineData(Calendar.Day - 1, 0)]
    [InlineData(Calendar.Day, 1)]
    [InlineData(-Calendar.Day - 1, -2)]
    [InlineData(-Calendar.Day, -1)]
    [InlineData(-Calendar.Day / 2, -1)]
    public void DayOf_Instant_HoldsItsFirstAndNotTheNextsFirst(long instant, int expected) => Assert.Equal(expected, Calendar.DayOf(instant));

    [Theory]
    [InlineData(1969, 12)]
    [InlineData(1970, 1)]
    [InlineData(2024, 2)]
    [InlineData(2099, 12)]
    [InlineData(2100, 1)]
    [InlineData(2100, 2)]
    [InlineData(-4, 2)]
    public void MonthOf_Instant_HoldsItsFirstAndNotTheNextsFirst(int year, int ofYear)
    {
        var month = Calendar.MonthOf(year, ofYear);
        var (start, end) = (Calendar.Start(month), Calendar.Start(month + 1));
        Assert.Equal(month - 1, Calendar.MonthOf(start - 1));
        Assert.Equal(month, Calendar.MonthOf(start));
        Assert.Equal(month, Calendar.MonthOf(start + ((end - start) / 2)));
        Assert.Equal(month, Calendar.MonthOf(end - 1));
        Assert.Equal(month + 1, Calendar.MonthOf(end));
    }

    [Fact]
    public void MonthOf_Open_IsLaterThanAll()
    {
        Assert.Equal(int.MaxValue, Calendar.MonthOf(Calendar.Open));
        Assert.True(Calendar.MonthOf(Calendar.Open - 1) < int.MaxValue);
        Assert.True(Calendar.MonthOf(long.MinValue) < Calendar.MonthOf(0));
    }

    [Fact]
    public void Regression_MonthOfDay_BeforeItsTable_IsFound() => Assert.Equal(-1, Calendar.MonthOfDay(-1));

    [Fact]
    public void AddMonths_Days_EqualDateOnly() =>
        EachDay(new DateOnly(2023, 1, 1), new DateOnly(2024, 12, 31), (day, date) =>
        {
            foreach (var months in new[] { -25, -12, -1, 0, 1, 2, 11, 12, 13, 49 })
            {
                Assert.Equal(DayNumber(date.AddMonths(months)), Calendar.AddMonths(day, months));
            }
        });

    [Fact]
    public void DayOf_DayPastTheMonthsEnd_RunsOn()
    {
        Assert.Equal(Calendar.DayOf(2023, 3, 1), Calendar.DayOf(2023, 2, 29));
        Assert.Equal(Calendar.DayOf(2024, 3, 1), Calendar.DayOf(2024, 2, 30));
        Assert.Equal(Calendar.DayOf(2025, 1, 1), Calendar.DayOf(2024, 12, 32));
    }

    private static void EachDay(DateOnly from, DateOnly to, Action<int, DateOnly> check)
    {
        for (var date = from; date <= to; date = date.AddDays(1))
        {
            check(DayNumber(date), date);
        }
    }

    private static int DayNumber(DateOnly date) => date.DayNumber - new DateOnly(1970, 1, 1).DayNumber;
}
