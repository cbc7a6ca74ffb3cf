using Churn.Metrics.Domain;

namespace Churn.Cli.Report.Output.Drawing;

/// <summary>Draws what is left of those who began together as a heat map.</summary>
internal static class CohortsPicture
{
    private const int Width = 1200;
    private const double Left = 150;
    private const double Right = Width - 32;
    private const double Top = 128;
    private const int MostMonths = 84;
    private const int MostRows = 60;
    private const double NarrowestText = 24;
    private const double NarrowestSign = 36;
    private const double LowestText = 13;

    // From little that is left to more than there was; one hue, so that it is read without telling red from green.
    private static readonly (double Below, string Fill, string Ink, string Name)[] Shades =
    [
        (0.5, "#dbeafe", Svg.Ink, "below 50%"),
        (0.7, "#bfdbfe", Svg.Ink, "from 50%"),
        (0.85, "#93c5fd", Svg.Ink, "from 70%"),
        (0.95, "#60a5fa", Svg.Ink, "from 85%"),
        (1.05, "#2563eb", "#ffffff", "from 95%"),
        (double.PositiveInfinity, "#172f7a", "#ffffff", "from 105%"),
    ];

    public static string Draw(Figures figures, string subject)
    {
        var groups = Groups(figures);
        var step = groups.Length == 0 ? 1 : groups[0].Step;
        var ages = groups.Length == 0 ? 1 : groups.Max(g => g.Ages.Count());
        var cellHeight = Math.Clamp(700.0 / Math.Max(1, groups.Length), 10, 34);
        var cellWidth = Math.Min(86, (Right - Left) / ages);
        var height = (int)Math.Ceiling(Top + (cellHeight * Math.Max(3, groups.Length)) + 28);
        var unit = CohortGroup.NameOf(step);
        var svg = new Svg(
            Width, height, $"MRR retention by cohort: {subject}",
            $"A line for each {unit} of first paid closing; along it the MRR after so many months, as a share of the MRR at the first closing.");
        svg.Heading("MRR retention by cohort", $"{subject}; by {unit} of first paid closing, after so many months");
        if (groups.Length == 0)
        {
            svg.Text(Width / 2.0, Top + 40, "no customer has paid at a closing", Anchor.Middle);
            return svg.Finish();
        }

        Legend(svg);
        svg.Text(Left - 14, Top - 10, "customers", Anchor.End);
        var stride = Math.Max(1, (int)Math.Ceiling(26 / cellWidth));
        for (var i = 0; i < ages; i += stride)
        {
            svg.Text(Left + ((i + 0.5) * cellWidth), Top - 10, Numerals.Count(i * step), Anchor.Middle);
        }

        var rowStride = cellHeight >= 14 ? 1 : 3;
        for (var row = 0; row < groups.Length; row++)
        {
            if ((groups.Length - 1 - row) % rowStride == 0)
            {
                var baseline = Top + ((row + 0.5) * cellHeight) + 4;
                svg.Text(32, baseline, groups[row].Name, fill: Svg.Ink);
                svg.Text(Left - 14, baseline, Numerals.Count(groups[row].Customers), Anchor.End);
            }

            DrawRow(svg, groups[row], Top + (row * cellHeight), cellWidth, cellHeight);
        }

        return svg.Finish();
    }

    private static CohortGroup[] Groups(Figures figures)
    {
        var months = CohortGroup.Of(figures, 1);
        var length = months.Length == 0 ? 0 : figures.Horizon.To - months[0].Month + 1;
        return length <= MostMonths ? months
            : length <= MostRows * CohortGroup.Quarter ? CohortGroup.Of(figures, CohortGroup.Quarter)
            : [.. CohortGroup.Of(figures, CohortGroup.Year).TakeLast(MostRows)];
    }

    private static void DrawRow(Svg svg, CohortGroup group, double y, double cellWidth, double cellHeight)
    {
        var baseline = y + (cellHeight / 2) + 4;
        var x = Left;
        foreach (var age in group.Ages)
        {
            var retention = group.Retention(age);
            var (_, fill, ink, _) = Shades.First(s => (retention.Approximate ?? 0) < s.Below);
            svg.Rectangle(x, y, cellWidth - 1, cellHeight - 1, fill, $"{group.Name} after {Numerals.Count(age, "month")}: {Numerals.Percent(retention)}");

            if (cellWidth >= NarrowestText && cellHeight >= LowestText && retention.IsDefined)
            {
                // Where cells are narrow the sign is left out of all of them.
                var isWide = cellWidth >= NarrowestSign;
                var text = Numerals.WholePercent(retention);
                svg.Text(x + ((cellWidth - 1) / 2), baseline - (isWide ? 0 : 0.5), isWide ? text : text[..^1], Anchor.Middle, ink, isWide ? 12 : 10);
            }

            x += cellWidth;
        }
    }

    private static void Legend(Svg svg)
    {
        var x = Left;
        foreach (var (_, fill, _, name) in Shades)
        {
            svg.Rectangle(x, 76, 24, 12, fill);
            svg.Text(x + 30, 87, name);
            x += 48 + (name.Length * 7);
        }
    }
}
