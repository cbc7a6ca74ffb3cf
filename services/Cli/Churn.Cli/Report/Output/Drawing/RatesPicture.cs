using Churn.Metrics.Domain;

namespace Churn.Cli.Report.Output.Drawing;

/// <summary>Draws retention over twelve months, and under it the churn of every month.</summary>
internal static class RatesPicture
{
    private const int Width = 1200;
    private const int Height = 680;
    private const double Left = 84;
    private const double Right = Width - 150;
    private const double YearTop = 106;
    private const double YearBottom = 336;
    private const double MonthTop = 386;
    private const double MonthBottom = 632;

    private sealed record Curve(string Name, string Stroke, string? Dashes, Func<int, Ratio> At);

    public static string Draw(Figures figures, string subject)
    {
        var bridges = figures.Months;
        var years = figures.TrailingYears.ToDictionary(y => y.Month - figures.Horizon.From);
        Ratio OfYear(int i, Func<TrailingYear, Ratio> of) => years.TryGetValue(i, out var year) ? of(year) : default;
        Curve[] retention =
        [
            new("NRR", "#1d4ed8", null, i => OfYear(i, y => y.Nrr)),
            new("GRR", "#0891b2", null, i => OfYear(i, y => y.Grr)),
            new("logo retention", "#64748b", "5 4", i => OfYear(i, y => y.LogoRetention)),
        ];
        Curve[] churn =
        [
            new("logo churn", "#7c3aed", null, i => new Rates(bridges[i]).LogoChurn),
            new("gross MRR churn", "#c2410c", null, i => new Rates(bridges[i]).GrossMrrChurn),
            new("net MRR churn", "#d97706", "5 4", i => new Rates(bridges[i]).NetMrrChurn),
        ];

        var last = figures.Horizon.Months - 1;
        var facts = retention.Concat(churn).Select(c => $"{c.Name} {Numerals.Percent(c.At(last))}");
        var svg = new Svg(
            Width, Height, $"Churn and retention: {subject}",
            $"Retention over twelve months and churn by month. In {Numerals.Month(figures.Horizon.To)}: {string.Join(", ", facts)}.");
        svg.Heading("Retention and churn", subject);
        var months = new MonthAxis(figures.Horizon, Left, Right);
        Panel(svg, "Retention over 12 months, point to point", retention, months, figures.Horizon.Months, YearTop, YearBottom, full: true);
        Panel(svg, "Churn of the month", churn, months, figures.Horizon.Months, MonthTop, MonthBottom, full: false);
        months.Draw(svg, MonthBottom);
        return svg.Finish();
    }

    private static void Panel(Svg svg, string title, Curve[] curves, MonthAxis months, int count, double top, double bottom, bool full)
    {
        svg.Text(Left, top - 10, title);
        var values = curves.Select(c => Enumerable.Range(0, count).Select(i => c.At(i).Approximate).ToArray()).ToArray();
        var known = values.SelectMany(v => v).OfType<double>().ToArray();
        if (known.Length == 0)
        {
            svg.Rectangle(Left, top, Right - Left, bottom - top, "#f9fafb");
            svg.Text((Left + Right) / 2, (top + bottom) / 2, full ? "not defined: no closing twelve months before with MRR" : "not defined: no opening MRR", Anchor.Middle);
            return;
        }

        // Churn is read from zero, retention against one hundred.
        var axis = new Axis(Math.Min(known.Min(), full ? 1 : 0), Math.Max(known.Max(), full ? 1 : 0), bottom, top, ticks: 5);
        foreach (var tick in axis.Ticks)
        {
            svg.Line(Left, axis.At(tick), Right, axis.At(tick));
            svg.Text(Left - 8, axis.At(tick) + 4, Axis.Percent(tick), Anchor.End);
        }

        svg.Line(Left, axis.At(full ? 1 : 0), Right, axis.At(full ? 1 : 0), Svg.FaintInk);
        for (var i = 0; i < curves.Length; i++)
        {
            var points = values[i];
            svg.Path(points.Select((v, at) => v is { } value ? (months.Middle(at), axis.At(value)) : default((double, double)?)), curves[i].Stroke, curves[i].Dashes);
        }

        Labels(svg, curves, values, axis, top, bottom);
    }

    // At the lines' ends, moved apart where they would cover each other: each is read without a legend.
    private static void Labels(Svg svg, Curve[] curves, double?[][] values, Axis axis, double top, double bottom)
    {
        const double height = 30;
        var ends = curves.Select((c, i) => (Curve: c, Value: values[i][^1]))
            .Select(e => (e.Curve, e.Value, Y: axis.At(e.Value ?? 0)))
            .OrderBy(e => e.Y).ToArray();
        var room = bottom - (height * (ends.Length - 1));
        var y = double.MinValue;
        foreach (var (curve, value, at) in ends)
        {
            y = Math.Max(Math.Clamp(at, top, room), y + height);
            room += height;
            svg.Text(Right + 10, y, curve.Name, fill: curve.Stroke, strong: true);
            svg.Text(Right + 10, y + 14, value is null ? Numerals.Undefined : Numerals.Percent(curve.At(values[0].Length - 1)), fill: curve.Stroke);
        }
    }
}
