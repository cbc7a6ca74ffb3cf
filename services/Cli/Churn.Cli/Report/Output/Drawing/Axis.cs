using System.Globalization;
using Churn.Metrics.Domain;

namespace Churn.Cli.Report.Output.Drawing;

/// <summary>Maps values to places between two edges, with a few round ticks.</summary>
internal sealed class Axis
{
    private readonly double _low;
    private readonly double _high;
    private readonly double _from;
    private readonly double _to;

    /// <summary>Makes an axis that holds two values, widened to round ones.</summary>
    /// <param name="low">The smallest value.</param>
    /// <param name="high">The largest value.</param>
    /// <param name="from">The place of the smallest round value.</param>
    /// <param name="to">The place of the largest.</param>
    /// <param name="ticks">About how many steps to take.</param>
    public Axis(double low, double high, double from, double to, int ticks = 6)
    {
        // All the same, for example all zero: an axis needs some length.
        high = high > low ? high : low + 1;
        var rough = (high - low) / ticks;
        var power = Math.Pow(10, Math.Floor(Math.Log10(rough)));
        Step = (rough / power) switch { <= 1 => power, <= 2 => 2 * power, <= 5 => 5 * power, _ => 10 * power };
        (_low, _high) = (Math.Floor(low / Step) * Step, Math.Ceiling(high / Step) * Step);
        (_from, _to) = (from, to);
    }

    /// <summary>Gives the distance between two ticks.</summary>
    public double Step { get; }

    /// <summary>Gives the values to mark.</summary>
    public IEnumerable<double> Ticks => Enumerable.Range(0, (int)Math.Round((_high - _low) / Step) + 1).Select(i => _low + (i * Step));

    /// <summary>Gives the place of a value.</summary>
    public double At(double value) => _from + ((value - _low) / (_high - _low) * (_to - _from));

    /// <summary>Writes a tick's amount in units, short: 1.5k, 20m.</summary>
    public string Amount(double value)
    {
        var (unit, sign) = Math.Max(Math.Abs(_low), Math.Abs(_high)) switch
        {
            >= 5e9 => (1e9, "bn"),
            >= 5e6 => (1e6, "m"),
            >= 5e3 => (1e3, "k"),
            _ => (1.0, ""),
        };
        return Math.Round(value / unit, 6).ToString("#,0.######", CultureInfo.InvariantCulture) + (Math.Abs(value) < Step / 2 ? "" : sign);
    }

    /// <summary>Writes a tick's share as a percentage.</summary>
    public static string Percent(double value) => Math.Round(value * 100, 4).ToString("#,0.####", CultureInfo.InvariantCulture) + "%";
}

/// <summary>Places months side by side and names those that there is room for.</summary>
internal sealed class MonthAxis(Horizon horizon, double left, double right)
{
    private const double LabelWidth = 58;

    /// <summary>Gives the room of a month.</summary>
    public double Width { get; } = (right - left) / horizon.Months;

    /// <summary>Gives the middle of a month, by its place in the horizon.</summary>
    public double Middle(int index) => left + ((index + 0.5) * Width);

    /// <summary>Writes the names under the axis: all, or those of every quarter or year.</summary>
    public void Draw(Svg svg, double y)
    {
        int[] strides = [1, 2, 3, 6, 12, 24, 60, 120];
        var stride = strides.FirstOrDefault(s => s * Width >= LabelWidth, 240);
        for (var i = 0; i < horizon.Months; i++)
        {
            // Counted so that a stride of a year names Januaries; one month alone is always named.
            if (horizon.Months == 1 || (horizon.From + i) % stride == 0)
            {
                svg.Line(Middle(i), y, Middle(i), y + 4, Svg.FaintInk);
                svg.Text(Middle(i), y + 18, Numerals.Month(horizon.From + i), Anchor.Middle);
            }
        }
    }
}
