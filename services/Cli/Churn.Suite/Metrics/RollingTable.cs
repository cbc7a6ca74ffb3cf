using System.Text.Json;
using Churn.Cli.Report.Output;
using Churn.Cli.Report.Output.Terminal;
using Churn.Metrics.Domain;
using V1 = Churn.Metrics.V1;

namespace Churn.Suite.Metrics;

/// <summary>Holds the figures of one window and segment.</summary>
/// <param name="Wire">As the server sent them.</param>
/// <param name="Bridge">Their bridge.</param>
/// <param name="Imbalance">What the bridge is off by.</param>
internal sealed record Rolling(V1.RollingFigures Wire, Bridge Bridge, Int128 Imbalance)
{
    public static Rolling Of(V1.RollingFigures figures)
    {
        var (bridge, imbalance) = Metrics.Wire.BridgeOf(figures.Bridge);
        return new Rolling(figures, bridge, imbalance);
    }

    /// <summary>Tells figures apart: a segment and a window.</summary>
    public (string Segment, V1.Window Window) Key => (Wire.Segment?.Value ?? "", Wire.Window);
}

/// <summary>Shows rolling windows: side by side, or segment under segment where they are split.</summary>
internal static class RollingTable
{
    private const int MostSegments = 40;

    // From here on cents say little.
    private const int ManyUnits = 100_000;

    /// <summary>Names the columns that <see cref="WriteCsv"/> writes, behind the segment.</summary>
    public static readonly string Header = string.Join(',',
    [
        "window", "from_day", "to_day", "opening_mrr", "opening_customers",
        .. Enum.GetValues<MovementKind>().SelectMany(k => new[] { Columns.Of(k) + "_mrr", Columns.Of(k) + "_n" }),
        "closing_mrr", "closing_customers", .. Columns.Ratios.Select(r => r.Name.Replace("_month", "", StringComparison.Ordinal)), "arpa", "reconcile",
    ]);

    public static void WriteCsv(Lines lines, Rolling rolling, bool segmented)
    {
        if (segmented)
        {
            lines.Cell(rolling.Key.Segment).Comma();
        }

        var bridge = rolling.Bridge;
        lines.Cell(Wire.WordOf(rolling.Wire.Window)).Comma().Cell(rolling.Wire.FromDay).Comma().Cell(rolling.Wire.ToDay)
            .Comma().Money(bridge.Opening).Comma().Number(bridge.OpeningCustomers);
        foreach (var kind in Enum.GetValues<MovementKind>())
        {
            lines.Comma().Money(bridge[kind]).Comma().Number(bridge.Count(kind));
        }

        lines.Comma().Money(bridge.Closing).Comma().Number(bridge.ClosingCustomers);
        var rates = new Rates(bridge);
        foreach (var (_, ratio) in Columns.Ratios)
        {
            lines.Comma().Ratio(ratio(rates));
        }

        lines.Comma().MoneyRatio(rates.Arpa).Comma();
        _ = (rolling.Imbalance == 0 ? lines.Number(0) : lines.Money(rolling.Imbalance)).End();
    }

    public static void WriteJson(Utf8JsonWriter json, JsonFigures figures, Rolling rolling)
    {
        json.WriteString("segment", rolling.Wire.Segment?.Value);
        json.WriteString("window", Wire.WordOf(rolling.Wire.Window));
        json.WriteString("from_day", rolling.Wire.FromDay);
        json.WriteString("to_day", rolling.Wire.ToDay);
        figures.Bridge(rolling.Bridge);
    }

    /// <summary>Writes the table.</summary>
    /// <param name="canvas">Where it goes.</param>
    /// <param name="figures">The figures, by segment, then window.</param>
    /// <param name="by">What they are split by, or null.</param>
    /// <param name="currency">Their currency, or nothing.</param>
    public static void Write(Canvas canvas, IReadOnlyList<Rolling> figures, string? by, string currency)
    {
        if (figures.Count == 0)
        {
            canvas.Line("No figures yet.");
        }
        else if (by is null)
        {
            WriteWindows(canvas, figures, currency);
        }
        else
        {
            WriteSegments(canvas, figures, by);
        }
    }

    private static void WriteWindows(Canvas canvas, IReadOnlyList<Rolling> figures, string currency)
    {
        var scale = ScaleOf(figures.SelectMany(f => Amounts(f.Bridge)));
        var bands = new Bands();
        void Add(string label, Func<Rolling, Piece> cell, Ink ink = Ink.Plain) => bands.Add(new Piece(label, ink), figures.Select(cell));
        Piece Text(string text, Ink ink = Ink.Plain) => new(text, text == Numerals.Undefined ? Ink.Faint : ink);

        bands.Add(new Piece(currency.Length == 0 ? "MRR" : $"MRR, {currency}", Ink.Strong), figures.Select(f => new Piece(Wire.NameOf(f.Wire.Window), Ink.Strong)));
        Add("  from", f => new Piece(Cells.Name(f.Wire.FromDay, unicode: false), Ink.Faint), Ink.Faint);
        Add("  to", f => new Piece(Cells.Name(f.Wire.ToDay, unicode: false), Ink.Faint), Ink.Faint);
        Add("Opening", f => Text(Numerals.Amount(f.Bridge.Opening, scale)));
        foreach (var kind in new[]
        {
            MovementKind.New, MovementKind.Expansion, MovementKind.Reactivation, MovementKind.Resumed, MovementKind.Contraction,
            MovementKind.Churn, MovementKind.Paused, MovementKind.Completed,
        })
        {
            if (kind <= MovementKind.Churn || figures.Any(f => f.Bridge.Count(kind) > 0))
            {
                var sign = Words.IsGain(kind) ? 1 : -1;
                Add(char.ToUpperInvariant(Words.Of(kind)[0]) + Words.Of(kind)[1..], f => Change(f.Bridge[kind] * sign, scale));
            }
        }

        Add("Closing", f => Text(Numerals.Amount(f.Bridge.Closing, scale), Ink.Strong), Ink.Strong);
        Add("Customers", f => Text(Numerals.Count(f.Bridge.ClosingCustomers)));
        bands.Add("", figures.Select(_ => new Piece("")));
        Add("Logo churn", f => Text(Numerals.Percent(new Rates(f.Bridge).LogoChurn), Ink.Strong), Ink.Strong);
        Add("  churned", f => Text(Numerals.Count(f.Bridge.Count(MovementKind.Churn)), Ink.Faint), Ink.Faint);
        Add("  of customers", f => Text(Numerals.Count(f.Bridge.OpeningCustomers), Ink.Faint), Ink.Faint);
        Add("Gross MRR churn", f => Text(Numerals.Percent(new Rates(f.Bridge).GrossMrrChurn)));
        Add("Net MRR churn", f => Text(Numerals.Percent(new Rates(f.Bridge).NetMrrChurn)));
        Add("NRR", f => Text(Numerals.Percent(new Rates(f.Bridge).Nrr)));
        Add("GRR", f => Text(Numerals.Percent(new Rates(f.Bridge).Grr)));
        Add("Quick ratio", f => Text(Numerals.Times(new Rates(f.Bridge).QuickRatio)));
        Add("ARPA", f => Text(Numerals.Amount(new Rates(f.Bridge).Arpa, Scale.Cents)));
        bands.Write(canvas);
    }

    private static void WriteSegments(Canvas canvas, IReadOnlyList<Rolling> figures, string by)
    {
        var unicode = canvas.Style.Unicode;
        var title = Cells.Name(by, unicode);
        var isFirst = true;
        foreach (var window in figures.GroupBy(f => f.Wire.Window))
        {
            if (!isFirst)
            {
                canvas.Blank();
            }

            isFirst = false;
            var rows = window.OrderByDescending(f => f.Bridge.Closing).ToArray();
            var scale = ScaleOf(rows.Select(f => f.Bridge.Closing));
            var total = rows.Aggregate(Int128.Zero, (sum, f) => sum + f.Bridge.Closing);
            var days = $", {Cells.Name(rows[0].Wire.FromDay, unicode)} to {Cells.Name(rows[0].Wire.ToDay, unicode)}";
            canvas.Line(new Piece($"By {title}, {Wire.NameOf(window.Key)}", Ink.Strong), new Piece(days, Ink.Faint));
            var bands = new Bands();
            bands.Add(
                new Piece(title, Ink.Faint),
                ((string[])["MRR", "share", "customers", "logo churn", "gross", "net", "NRR", "GRR", "quick ratio", "ARPA"]).Select(c => new Piece(c, Ink.Faint)));
            foreach (var row in rows.Take(MostSegments))
            {
                var rates = new Rates(row.Bridge);
                string[] cells =
                [
                    Numerals.Amount(row.Bridge.Closing, scale), Numerals.Percent(new Ratio(row.Bridge.Closing, total)),
                    Numerals.Count(row.Bridge.ClosingCustomers), Numerals.Percent(rates.LogoChurn), Numerals.Percent(rates.GrossMrrChurn),
                    Numerals.Percent(rates.NetMrrChurn), Numerals.Percent(rates.Nrr), Numerals.Percent(rates.Grr), Numerals.Times(rates.QuickRatio),
                    Numerals.Amount(rates.Arpa, Scale.Cents),
                ];
                bands.Add(Answer.NameOf(row.Wire.Segment, canvas), cells.Select(c => new Piece(c, c == Numerals.Undefined ? Ink.Faint : Ink.Plain)));
            }

            bands.Write(canvas);
            if (rows.Length > MostSegments)
            {
                canvas.Paragraph($"... and {Numerals.Count(rows.Length - MostSegments, "segment")} more: --format csv has them.", ink: Ink.Faint);
            }
        }
    }

    private static Scale ScaleOf(IEnumerable<Int128> amounts)
    {
        var all = amounts.ToArray();
        return all.Any(a => Int128.Abs(a) >= ManyUnits * Money.Unit) ? Scale.Units : Numerals.Finest(all);
    }

    private static Piece Change(Int128 micros, Scale scale) =>
        new(Numerals.Signed(micros, scale), micros == 0 ? Ink.Faint : micros > 0 ? Ink.Gain : Ink.Loss);

    private static IEnumerable<Int128> Amounts(Bridge bridge) =>
        Enum.GetValues<MovementKind>().Select(k => bridge[k]).Append(bridge.Opening).Append(bridge.Closing);
}
