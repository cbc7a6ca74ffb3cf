using Churn.Metrics.Domain;

namespace Churn.Cli.Report.Output.Drawing;

/// <summary>Draws the closing MRR of every month, and under it what moved it: gains upwards, losses downwards.</summary>
internal static class BridgePicture
{
    private const int Width = 1200;
    private const int Height = 680;
    private const double Left = 84;
    private const double Right = Width - 32;
    private const double ClosingTop = 134;
    private const double ClosingBottom = 330;
    private const double MovedTop = 366;
    private const double MovedBottom = 632;

    // Blue for what comes and orange for what goes: told apart by those who cannot tell red from green.
    private static readonly (MovementKind Kind, string Name, string Fill, bool IsGain)[] Kinds =
    [
        (MovementKind.New, "new", "#1d4ed8", true),
        (MovementKind.Expansion, "expansion", "#60a5fa", true),
        (MovementKind.Reactivation, "reactivation", "#bfdbfe", true),
        (MovementKind.Resumed, "resumed", "#a5b4fc", true),
        (MovementKind.TransferIn, "transfer in", "#c4b5fd", true),
        (MovementKind.Churn, "churn", "#c2410c", false),
        (MovementKind.Contraction, "contraction", "#fb923c", false),
        (MovementKind.Paused, "paused", "#fcd34d", false),
        (MovementKind.Completed, "completed", "#a8a29e", false),
        (MovementKind.TransferOut, "transfer out", "#d6d3d1", false),
    ];

    public static string Draw(Figures figures, string subject, string currency)
    {
        var bridges = figures.Months;
        var months = new MonthAxis(figures.Horizon, Left, Right);
        var unit = currency.Length == 0 ? "" : $", {currency}";
        var last = Numerals.Amount(bridges[^1].Closing, Scale.Units);
        var to = Numerals.Month(figures.Horizon.To);
        var svg = new Svg(
            Width, Height, $"MRR bridge: {subject}",
            $"MRR at every month's closing and the movements that led to it. At the closing of {to} MRR is {last}{unit}, of {Numerals.Count(bridges[^1].ClosingCustomers, "customer")}.");
        svg.Heading("MRR and what moved it", $"{subject}{unit}");
        Legend(svg, bridges);
        DrawClosings(svg, bridges, figures.Horizon, months);
        DrawMovements(svg, bridges, figures.Horizon, months);
        months.Draw(svg, MovedBottom);
        return svg.Finish();
    }

    private static void Legend(Svg svg, IReadOnlyList<Bridge> bridges)
    {
        var x = Left;
        foreach (var (kind, name, fill, _) in Kinds.Where(k => k.Kind is <= MovementKind.Churn || bridges.Any(b => b[k.Kind] != 0)))
        {
            svg.Rectangle(x, 80, 12, 12, fill);
            svg.Text(x + 18, 91, name);
            x += 40 + (name.Length * 6.6);
        }
    }

    private static void DrawClosings(Svg svg, IReadOnlyList<Bridge> bridges, Horizon horizon, MonthAxis months)
    {
        var axis = new Axis(0, bridges.Max(b => Units(b.Closing)), ClosingBottom, ClosingTop, ticks: 4);
        Grid(svg, axis);
        svg.Text(Left, ClosingTop - 8, "MRR at closing");
        var width = Math.Min(40, months.Width * 0.72);
        for (var i = 0; i < bridges.Count; i++)
        {
            var y = axis.At(Units(bridges[i].Closing));
            svg.Rectangle(
                months.Middle(i) - (width / 2), y, width, ClosingBottom - y, "#94a3b8",
                $"{Numerals.Month(horizon.From + i)}: {Numerals.Amount(bridges[i].Closing, Scale.Cents)}, {Numerals.Count(bridges[i].ClosingCustomers, "customer")}");
        }

        var end = axis.At(Units(bridges[^1].Closing));
        svg.Text(Math.Min(Right, months.Middle(bridges.Count - 1) + 34), Math.Max(ClosingTop + 4, end) - 6, Numerals.Amount(bridges[^1].Closing, Scale.Units), Anchor.End, Svg.Ink, 13, strong: true);
    }

    private static void DrawMovements(Svg svg, IReadOnlyList<Bridge> bridges, Horizon horizon, MonthAxis months)
    {
        double Side(Bridge bridge, bool gain) => Kinds.Where(k => k.IsGain == gain).Sum(k => Units(bridge[k.Kind]));
        var axis = new Axis(-bridges.Max(b => Side(b, gain: false)), bridges.Max(b => Side(b, gain: true)), MovedBottom, MovedTop);
        Grid(svg, axis);
        svg.Text(Left, MovedTop - 8, "Movements of the month");
        var width = Math.Min(40, months.Width * 0.72);
        for (var i = 0; i < bridges.Count; i++)
        {
            var (up, down) = (0.0, 0.0);
            foreach (var (kind, name, fill, isGain) in Kinds)
            {
                var amount = Units(bridges[i][kind]);
                if (amount == 0)
                {
                    continue;
                }

                var (top, bottom) = isGain ? (up + amount, up) : (down, down - amount);
                (up, down) = isGain ? (top, down) : (up, bottom);
                svg.Rectangle(
                    months.Middle(i) - (width / 2), axis.At(top), width, axis.At(bottom) - axis.At(top), fill,
                    $"{Numerals.Month(horizon.From + i)} {name}: {Numerals.Signed(isGain ? bridges[i][kind] : -bridges[i][kind], Scale.Cents)}, {bridges[i].Count(kind)}");
            }
        }

        svg.Line(Left, axis.At(0), Right, axis.At(0), Svg.FaintInk);
    }

    private static void Grid(Svg svg, Axis axis)
    {
        foreach (var tick in axis.Ticks)
        {
            svg.Line(Left, axis.At(tick), Right, axis.At(tick));
            svg.Text(Left - 8, axis.At(tick) + 4, axis.Amount(tick), Anchor.End);
        }
    }

    private static double Units(Int128 micros) => (double)micros / Money.Unit;
}
