namespace Churn.Metrics.Domain;

/// <summary>Names a stretch of days that ends with a given day, or with the month before it.</summary>
public enum WindowKind : byte
{
    /// <summary>Takes the 7 days that end with the day.</summary>
    Days7,

    /// <summary>Takes the last 30 days.</summary>
    Days30,

    /// <summary>Takes the last 90 days.</summary>
    Days90,

    /// <summary>Takes the last 365 days.</summary>
    Days365,

    /// <summary>Takes the days from the first of the day's month.</summary>
    MonthToDate,

    /// <summary>Takes the days from the first of the day's quarter.</summary>
    QuarterToDate,

    /// <summary>Takes the days from the first of the day's year.</summary>
    YearToDate,

    /// <summary>Takes the whole month before the day's.</summary>
    LastMonth,
}

/// <summary>Holds a stretch of whole days, <c>[FromDay, EndDay)</c>, over which a customer's changes are netted into one movement.</summary>
/// <remarks>
/// Days are those of the policy's time zone, as <see cref="Calendar"/> counts them. The window's unit says which closings before it
/// make a customer one that paid: of days for windows of days, of months, quarters or years for those of a calendar period, so that the
/// last month is the month of a report.
/// </remarks>
public readonly record struct Window
{
    /// <summary>Gives the number of kinds of windows.</summary>
    public const int Kinds = (int)WindowKind.LastMonth + 1;

    private readonly int _monthsInUnit;

    private Window(WindowKind kind, int fromDay, int endDay, int monthsInUnit)
    {
        (Kind, FromDay, EndDay, _monthsInUnit) = (kind, fromDay, endDay, monthsInUnit);
    }

    /// <summary>Gives the kind.</summary>
    public WindowKind Kind { get; }

    /// <summary>Gives the first day.</summary>
    public int FromDay { get; }

    /// <summary>Gives the first day after it.</summary>
    public int EndDay { get; }

    /// <summary>Gives the first instant.</summary>
    public long From => FromDay * Calendar.Day;

    /// <summary>Gives the first instant after it.</summary>
    public long End => EndDay * Calendar.Day;

    /// <summary>Gives the window of a kind that ends with a day, or with the month before it.</summary>
    public static Window At(WindowKind kind, int day)
    {
        var month = Calendar.MonthOfDay(day);
        return kind switch
        {
            WindowKind.Days7 => new Window(kind, day - 6, day + 1, 0),
            WindowKind.Days30 => new Window(kind, day - 29, day + 1, 0),
            WindowKind.Days90 => new Window(kind, day - 89, day + 1, 0),
            WindowKind.Days365 => new Window(kind, day - 364, day + 1, 0),
            WindowKind.MonthToDate => new Window(kind, Calendar.FirstDay(month), day + 1, 1),
            WindowKind.QuarterToDate => new Window(kind, Calendar.FirstDay(FirstOf(month, 3)), day + 1, 3),
            WindowKind.YearToDate => new Window(kind, Calendar.FirstDay(FirstOf(month, 12)), day + 1, 12),
            WindowKind.LastMonth => new Window(kind, Calendar.FirstDay(month - 1), Calendar.FirstDay(month), 1),
            _ => throw new ArgumentOutOfRangeException(nameof(kind)),
        };
    }

    /// <summary>Gives the number of the unit that holds an instant.</summary>
    internal int UnitOf(long instant) =>
        _monthsInUnit == 0 ? Calendar.DayOf(instant) : FirstOf(Calendar.MonthOf(instant), _monthsInUnit);

    private static int FirstOf(int month, int months) => month - (((month % months) + months) % months);
}
