using System.Globalization;
using Churn.Metrics.Domain;

namespace Churn.Cli.Report.Output;

/// <summary>Names the unit in which amounts are shown to people; rounded half to even.</summary>
internal enum Scale
{
    Cents,
    Units,
    Thousands,
    Millions,
}

/// <summary>Writes numbers for people: grouped and rounded. The files hold the exact ones.</summary>
internal static class Numerals
{
    /// <summary>Stands for a rate whose denominator is zero.</summary>
    public const string Undefined = "n/a";

    public static string Month(int month)
    {
        var (year, ofYear) = Metrics.Domain.Calendar.YearAndMonth(month);
        return string.Create(CultureInfo.InvariantCulture, $"{year:D4}-{ofYear:D2}");
    }

    public static string Day(int day)
    {
        var (year, month, ofMonth) = Metrics.Domain.Calendar.DateOfDay(day);
        return string.Create(CultureInfo.InvariantCulture, $"{year:D4}-{month:D2}-{ofMonth:D2}");
    }

    /// <summary>Writes an instant to the second.</summary>
    public static string Instant(long instant)
    {
        var day = Metrics.Domain.Calendar.DayOf(instant);
        var second = (instant - (day * Metrics.Domain.Calendar.Day)) / Metrics.Domain.Calendar.Second;
        return string.Create(CultureInfo.InvariantCulture, $"{Day(day)} {second / 3_600:D2}:{second / 60 % 60:D2}:{second % 60:D2} UTC");
    }

    public static string Months(Horizon horizon) =>
        horizon.Months == 1 ? Month(horizon.From) : $"{Month(horizon.From)} to {Month(horizon.To)}";

    public static string Count(Int128 count) => count.ToString("#,0", CultureInfo.InvariantCulture);

    /// <summary>Writes "1 row", "2 rows".</summary>
    public static string Count(long count, string noun) => $"{Count(count)} {noun}{(count == 1 ? "" : "s")}";

    public static string Amount(Int128 micros, Scale scale) => Amount(new Ratio(micros, 1), scale);

    /// <summary>Writes a mean of micros.</summary>
    public static string Amount(Ratio micros, Scale scale)
    {
        if (!micros.IsDefined)
        {
            return Undefined;
        }

        var rounded = (micros with { Denominator = micros.Denominator * Divisor(scale) }).Scaled(1);
        return Fixed(rounded, Decimals(scale));
    }

    /// <summary>Writes an amount with its sign, so that a column can be added up by eye.</summary>
    public static string Signed(Int128 micros, Scale scale)
    {
        var text = Amount(micros, scale);
        return micros == 0 ? "0" : micros > 0 ? "+" + text : text;
    }

    public static string Percent(Ratio ratio) => ratio.IsDefined ? Fixed(ratio.Scaled(1_000), 1) + "%" : Undefined;

    public static string WholePercent(Ratio ratio) => ratio.IsDefined ? Count(ratio.Scaled(100)) + "%" : Undefined;

    public static string Times(Ratio ratio) => ratio.IsDefined ? Fixed(ratio.Scaled(100), 2) : Undefined;

    /// <summary>Gives the finest scale worth showing: cents, or units where no amount has any.</summary>
    public static Scale Finest(IEnumerable<Int128> micros) => micros.All(m => m % Money.Unit == 0) ? Scale.Units : Scale.Cents;

    /// <summary>Tells whether an amount is shown as it is.</summary>
    public static bool IsExact(Int128 micros, Scale scale) => micros % Divisor(scale) == 0;

    /// <summary>Tells whether an amount has enough digits in a scale to be worth showing in it.</summary>
    public static bool IsLarge(Int128 micros, Scale scale) => scale < Scale.Thousands || Int128.Abs(micros) >= 100 * Divisor(scale);

    /// <summary>Gives the sign of a scale behind a currency.</summary>
    public static string Sign(Scale scale) => scale switch { Scale.Thousands => "k", Scale.Millions => "m", _ => "" };

    private static int Decimals(Scale scale) => scale switch { Scale.Cents or Scale.Millions => 2, Scale.Units => 0, _ => 1 };

    // Micros in the last digit that is shown.
    private static Int128 Divisor(Scale scale) => scale switch
    {
        Scale.Cents => Money.Unit / 100,
        Scale.Units => Money.Unit,
        Scale.Thousands => 100 * Money.Unit,
        _ => 10_000 * Money.Unit,
    };

    // A number scaled by a power of ten, with so many decimals.
    private static string Fixed(Int128 scaled, int decimals)
    {
        if (decimals == 0)
        {
            return Count(scaled);
        }

        var unit = decimals == 1 ? 10 : 100;
        var absolute = Int128.Abs(scaled);
        var fraction = (int)(absolute % unit);
        return string.Create(CultureInfo.InvariantCulture, $"{(scaled < 0 ? "-" : "")}{Count(absolute / unit)}.{fraction.ToString(decimals == 1 ? "D1" : "D2", CultureInfo.InvariantCulture)}");
    }
}
