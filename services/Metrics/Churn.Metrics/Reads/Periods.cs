using System.Globalization;
using Churn.Metrics.Domain;
using Calendar = Churn.Metrics.Domain.Calendar;

namespace Churn.Metrics.Reads;

/// <summary>Reads and writes months, days and instants as the wire has them.</summary>
internal static class Periods
{
    /// <summary>Reads YYYY-MM; null when it is none.</summary>
    public static int? Month(string text) =>
        text.Length == 7 && text[4] == '-'
        && int.TryParse(text.AsSpan(0, 4), NumberStyles.None, CultureInfo.InvariantCulture, out var year)
        && int.TryParse(text.AsSpan(5), NumberStyles.None, CultureInfo.InvariantCulture, out var month)
        && year >= 1 && month is >= 1 and <= 12
            ? Calendar.MonthOf(year, month)
            : null;

    /// <summary>Writes YYYY-MM.</summary>
    public static string MonthText(int month)
    {
        var (year, ofYear) = Calendar.YearAndMonth(month);
        return string.Create(CultureInfo.InvariantCulture, $"{year:0000}-{ofYear:00}");
    }

    /// <summary>Writes YYYY-MM-DD.</summary>
    public static string DayText(int day)
    {
        var (year, month, ofMonth) = Calendar.DateOfDay(day);
        return string.Create(CultureInfo.InvariantCulture, $"{year:0000}-{month:00}-{ofMonth:00}");
    }

    /// <summary>Writes an RFC 3339 instant, with a fraction where it has one.</summary>
    public static string InstantText(long instant)
    {
        var day = Calendar.DayOf(instant);
        var micros = instant - (day * Calendar.Day);
        var (seconds, rest) = (micros / Calendar.Second, micros % Calendar.Second);
        var fraction = rest == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $".{rest:000000}").TrimEnd('0');
        return string.Create(
            CultureInfo.InvariantCulture, $"{DayText(day)}T{seconds / 3600:00}:{seconds / 60 % 60:00}:{seconds % 60:00}{fraction}Z");
    }

    /// <summary>Writes the period of a movement at a grain.</summary>
    public static string Text(Grain grain, long period) => grain switch
    {
        Grain.Month => MonthText((int)period),
        Grain.Day => DayText((int)period),
        _ => InstantText(period),
    };
}
