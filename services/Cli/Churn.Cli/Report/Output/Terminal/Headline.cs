using Churn.Metrics.Domain;

namespace Churn.Cli.Report.Output.Terminal;

/// <summary>Shows the few figures that are asked for first, and how MRR got there.</summary>
internal static class Headline
{
    private const string Gap = "   ";

    public static void Write(Canvas canvas, Report report, Figures figures)
    {
        var months = figures.Months;
        var last = months[^1];
        var scale = last.Closing < 100_000 * Money.Unit ? Numerals.Finest([last.Closing]) : Scale.Units;
        var currency = report.Currency.Length == 0 ? "" : " " + report.Currency;
        var facts = new List<(string Label, string Value)>
        {
            ("MRR", Numerals.Amount(last.Closing, scale) + currency),
            ("customers", Numerals.Count(last.ClosingCustomers)),
            ("ARPA", Numerals.Amount(new Rates(last).Arpa, Scale.Cents)),
            (report.IsRunning(figures.Horizon.To) ? "logo churn so far" : "logo churn", Numerals.Percent(new Rates(last).LogoChurn)),
        };
        if (figures.TrailingYears is [.., var year] && year.Month == figures.Horizon.To)
        {
            facts.Add(("12-month NRR", Numerals.Percent(year.Nrr)));
            facts.Add(("GRR", Numerals.Percent(year.Grr)));
        }

        var room = canvas.Style.Width;
        var line = new List<Piece>();
        foreach (var (label, value) in facts)
        {
            var width = Gap.Length + label.Length + 1 + value.Length;
            if (line.Count > 0 && room < width)
            {
                canvas.Line([.. line]);
                line.Clear();
                room = canvas.Style.Width;
            }

            line.AddRange([new Piece((line.Count == 0 ? "" : Gap) + label + " ", Ink.Faint), new Piece(value, Ink.Strong)]);
            room -= width;
        }

        canvas.Line([.. line]);
        WriteSparkline(canvas, figures, [.. months.Select(m => m.Closing)]);
    }

    private static void WriteSparkline(Canvas canvas, Figures figures, Int128[] closings)
    {
        if (!canvas.Style.Unicode || closings.Length < 2)
        {
            return;
        }

        const int most = 60;
        var label = $"{Numerals.Month(figures.Horizon.From)} ";
        var room = Math.Min(most, canvas.Style.Width - (2 * label.Length));
        if (room < 2)
        {
            return;
        }

        // A long horizon is sampled: its first and last closing are always there.
        var points = Math.Min(room, closings.Length);
        var top = closings.Max();
        var line = string.Concat(Enumerable.Range(0, points).Select(i => Block(closings[(int)((long)i * (closings.Length - 1) / (points - 1))], top)));
        canvas.Line(new Piece(label, Ink.Faint), line, new Piece($" {Numerals.Month(figures.Horizon.To)}", Ink.Faint));
    }

    private static char Block(Int128 closing, Int128 top) =>
        top == 0 ? '\u2581' : (char)('\u2581' + (int)new Ratio(closing, top).Scaled(7));
}
