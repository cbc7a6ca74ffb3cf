namespace Churn.Metrics.Domain;

/// <summary>Turns instants into days and months of the proleptic Gregorian calendar, and back.</summary>
/// <remarks>
/// An instant is a count of microseconds since 1970-01-01T00:00Z, a day a count of days and a month a count of months
/// since the same moment; all of them may be negative. A day or month is half-open: it holds its first instant and not
/// the first instant of the next.
/// </remarks>
public static class Calendar
{
    /// <summary>Gives the length of a UTC day in microseconds.</summary>
    public const long Day = 86_400_000_000;

    /// <summary>Gives the length of a second in microseconds.</summary>
    public const long Second = 1_000_000;

    /// <summary>Stands for "still running": later than every instant a calendar knows.</summary>
    public const long Open = long.MaxValue;

    // Every step of every customer is asked for its month; the days of 1970 to 2099 are looked up.
    private const int TableStart = 0;
    private static readonly short[] MonthTable = TabulateMonths();

    /// <summary>Finds the day that holds an instant.</summary>
    public static int DayOf(long instant)
    {
        var day = instant / Day;
        return (int)(instant < 0 && day * Day != instant ? day - 1 : day);
    }

    /// <summary>Finds the month that holds an instant; <see cref="int.MaxValue"/> for <see cref="Open"/>.</summary>
    public static int MonthOf(long instant) => instant == Open ? int.MaxValue : MonthOfDay(DayOf(instant));

    /// <summary>Finds the month that holds a day.</summary>
    public static int MonthOfDay(int day)
    {
        var at = day - TableStart;
        if (at >= 0 && at < MonthTable.Length)
        {
            return MonthTable[at];
        }

        var (year, month, _) = DateOfDay(day);
        return MonthOf(year, month);
    }

    /// <summary>Gives the month of a year and a month of it (1 to 12).</summary>
    public static int MonthOf(int year, int month) => ((year - 1970) * 12) + month - 1;

    /// <summary>Gives the year and the month of it (1 to 12) of a month.</summary>
    public static (int Year, int Month) YearAndMonth(int month)
    {
        var year = 1970 + FloorDiv(month, 12);
        return (year, month - ((year - 1970) * 12) + 1);
    }

    /// <summary>Gives the first day of a month.</summary>
    public static int FirstDay(int month)
    {
        var (year, ofYear) = YearAndMonth(month);
        return DayOf(year, ofYear, 1);
    }

    /// <summary>Gives the first instant of a month.</summary>
    public static long Start(int month) => FirstDay(month) * Day;

    /// <summary>Gives the day of a date; the day of the month may exceed the month's length and then runs on.</summary>
    /// <remarks>Source: H. Hinnant, "chrono-compatible low-level date algorithms", days_from_civil.</remarks>
    public static int DayOf(int year, int month, int dayOfMonth)
    {
        // Years begin in March here, so that a leap day is the last day of its year.
        var y = month <= 2 ? year - 1 : year;
        var era = FloorDiv(y, 400);
        var yearOfEra = y - (era * 400);
        var dayOfYear = (((153 * (month > 2 ? month - 3 : month + 9)) + 2) / 5) + dayOfMonth - 1;
        var dayOfEra = (yearOfEra * 365) + (yearOfEra / 4) - (yearOfEra / 100) + dayOfYear;
        return (era * 146_097) + dayOfEra - 719_468;
    }

    /// <summary>Gives the date of a day.</summary>
    /// <remarks>Source: as for <see cref="DayOf(int, int, int)"/>, civil_from_days.</remarks>
    public static (int Year, int Month, int DayOfMonth) DateOfDay(int day)
    {
        var z = day + 719_468;
        var era = FloorDiv(z, 146_097);
        var dayOfEra = z - (era * 146_097);
        var yearOfEra = (dayOfEra - (dayOfEra / 1_460) + (dayOfEra / 36_524) - (dayOfEra / 146_096)) / 365;
        var dayOfYear = dayOfEra - ((365 * yearOfEra) + (yearOfEra / 4) - (yearOfEra / 100));
        var fromMarch = ((5 * dayOfYear) + 2) / 153;
        var month = fromMarch < 10 ? fromMarch + 3 : fromMarch - 9;
        return (yearOfEra + (era * 400) + (month <= 2 ? 1 : 0), month, dayOfYear - (((153 * fromMarch) + 2) / 5) + 1);
    }

    /// <summary>Gives the number of days of a month of a year.</summary>
    public static int DaysInMonth(int year, int month) => DayOf(year, month + 1, 1) - DayOf(year, month, 1);

    /// <summary>Moves a day by whole months, to the last day of the month reached where that month is shorter.</summary>
    public static int AddMonths(int day, int months)
    {
        var (year, month, dayOfMonth) = DateOfDay(day);
        var (toYear, toMonth) = YearAndMonth(MonthOf(year, month) + months);
        return DayOf(toYear, toMonth, Math.Min(dayOfMonth, DaysInMonth(toYear, toMonth)));
    }

    private static short[] TabulateMonths()
    {
        var table = new short[DayOf(2100, 1, 1) - TableStart];
        for (int at = 0, month = MonthOf(1970, 1); at < table.Length; month++)
        {
            var end = Math.Min(table.Length, FirstDay(month + 1) - TableStart);
            table.AsSpan(at..end).Fill((short)month);
            at = end;
        }

        return table;
    }

    private static int FloorDiv(int a, int b) => a >= 0 ? a / b : ((a + 1) / b) - 1;
}
