using Churn.Metrics.Domain;

namespace Churn.Cli.Report.Output.Terminal;

/// <summary>Shows the last months of a business side by side: the bridge, the rates and the trailing years.</summary>
internal sealed class MonthTables
{
    private const int Months = 12;

    // With fewer months than this a coarser scale is the better choice.
    private const int FewMonths = 6;

    // From here on cents are shown only where they cost no month.
    private const int ManyUnits = 100_000;

    private static readonly (MovementKind Kind, string Label, int Sign)[] Lines =
    [
        (MovementKind.New, "New", 1),
        (MovementKind.Expansion, "Expansion", 1),
        (MovementKind.Reactivation, "Reactivation", 1),
        (MovementKind.Resumed, "Resumed", 1),
        (MovementKind.TransferIn, "Transfer in", 1),
        (MovementKind.Contraction, "Contraction", -1),
        (MovementKind.Churn, "Churn", -1),
        (MovementKind.Paused, "Paused", -1),
        (MovementKind.Completed, "Completed", -1),
        (MovementKind.TransferOut, "Transfer out", -1),
    ];

    private readonly Report _report;
    private readonly Figures _figures;
    private readonly Bridge[] _bridges;
    private readonly Dictionary<int, TrailingYear> _years;
    private readonly Canvas _canvas;
    private readonly string _currency;

    public MonthTables(Canvas canvas, Report report, Figures figures, string currency)
    {
        (_canvas, _report, _figures, _currency) = (canvas, report, figures, currency);
        _bridges = [.. figures.Months.TakeLast(Months)];
        _years = figures.TrailingYears.ToDictionary(y => y.Month);
    }

    /// <summary>Writes the bridge of all months, and the rates and the trailing years of those that fit side by side.</summary>
    public void Write()
    {
        var (grid, shown, scale) = Choose(AddAll);
        WriteEarlier(_bridges.Length - shown.Length, shown.Length, scale);
        grid.Write(_canvas);
        WriteRounding(_bridges, scale);
        if (_report.Server is { } server && _report.IsRunning(_figures.Horizon.To))
        {
            _canvas.Paragraph($"* in progress: to the closing of {Numerals.Day(server.LastDay)}", ink: Ink.Faint);
        }
    }

    /// <summary>Writes the bridge of the months that fit, under another title.</summary>
    public void WriteBridge(string title)
    {
        var (grid, shown, scale) = Choose((grid, shown, scale) => AddBridge(grid, shown, scale, title, _figures.Horizon.To));
        grid.Write(_canvas);
        WriteRounding(shown, scale);
    }

    // On a narrow page the bridge takes several bands; the rates are of the last one.
    private void WriteEarlier(int count, int most, Scale scale)
    {
        var from = 0;
        while (from < count)
        {
            // The remainder comes first, so that the bands below it are full.
            var months = (count - from) % most is > 0 and var rest ? rest : most;
            Grid grid;
            do
            {
                grid = new Grid();
                AddBridge(grid, _bridges[from..(from + months)], scale, "MRR", _figures.Horizon.To - _bridges.Length + from + months);
            }
            while (grid.Width > _canvas.Style.Width && --months > 0);
            grid.Write(_canvas);
            _canvas.Blank();
            from += Math.Max(1, months);
        }
    }

    private void WriteRounding(Bridge[] shown, Scale scale)
    {
        if (!shown.All(b => IsExact(b, scale)))
        {
            var unit = scale switch { Scale.Thousands => " to thousands (k)", Scale.Millions => " to millions (m)", _ => "" };
            _canvas.Paragraph($"Amounts are rounded{unit}: a column may seem to be off by its last digit. {char.ToUpperInvariant(_report.ExactPlace[0])}{_report.ExactPlace[1..]} {(_report.Server is null ? "are" : "is")} exact.", ink: Ink.Faint);
        }
    }

    // The finest scale that leaves room for enough months; where none does, the finest of those that leave room for the most.
    private (Grid Grid, Bridge[] Shown, Scale Scale) Choose(Action<Grid, Bridge[], Scale> add)
    {
        var largest = _bridges.SelectMany(Amounts).Max();
        (Grid Grid, Bridge[] Shown, Scale Scale)? best = null;
        for (var scale = Numerals.Finest(_bridges.SelectMany(Amounts)); scale <= Scale.Millions && Numerals.IsLarge(largest, scale); scale++)
        {
            var isTooFine = scale == Scale.Cents && largest >= ManyUnits * Money.Unit;
            var enough = isTooFine ? _bridges.Length : Math.Min(FewMonths, _bridges.Length);
            var (grid, shown) = Fit(add, scale);
            if (best is null || shown.Length > best.Value.Shown.Length)
            {
                best = (grid, shown, scale);
            }

            if (shown.Length >= enough)
            {
                break;
            }
        }

        return best!.Value;
    }

    // As many of the last months as fit, and the last one in any case.
    private (Grid Grid, Bridge[] Shown) Fit(Action<Grid, Bridge[], Scale> add, Scale scale)
    {
        for (var months = _bridges.Length; ; months--)
        {
            var grid = new Grid();
            var shown = _bridges[^months..];
            add(grid, shown, scale);
            if (months == 1 || grid.Width <= _canvas.Style.Width)
            {
                return (grid, shown);
            }
        }
    }

    private void AddAll(Grid grid, Bridge[] shown, Scale scale)
    {
        AddBridge(grid, shown, scale, "MRR", _figures.Horizon.To);
        AddRates(grid, shown, scale);
        AddYears(grid, shown, scale);
    }

    private void AddBridge(Grid grid, Bridge[] shown, Scale scale, string title, int last)
    {
        var unit = $"{_currency} {Numerals.Sign(scale)}".Trim();
        AddHeading(grid, shown, unit.Length == 0 ? title : $"{title}, {unit}", shown.Length > 1 ? $"{shown.Length} months" : null, last);
        AddRow(grid, shown, "Opening", b => Numerals.Amount(b.Opening, scale), Ink.Plain, Numerals.Amount(shown[0].Opening, scale));
        foreach (var (kind, label, sign) in Lines)
        {
            // The kinds that few businesses have are shown to those that have them.
            if (kind <= MovementKind.Churn || shown.Any(b => b[kind] != 0))
            {
                var total = Total(shown, kind) * sign;
                Add(grid, shown, label, b => Change(b[kind] * sign, scale), Change(total, scale));
            }
        }

        AddRow(grid, shown, "Closing", b => Numerals.Amount(b.Closing, scale), Ink.Strong, Numerals.Amount(shown[^1].Closing, scale));
        AddRow(grid, shown, "Customers", b => Numerals.Count(b.ClosingCustomers), Ink.Plain, Numerals.Count(shown[^1].ClosingCustomers));
    }

    private void AddRates(Grid grid, Bridge[] shown, Scale scale)
    {
        grid.Add("");
        AddHeading(grid, shown, "Rates", null, _figures.Horizon.To);
        AddRow(grid, shown, "Logo churn", b => Numerals.Percent(new Rates(b).LogoChurn), Ink.Strong);
        AddRow(grid, shown, "  churned", b => Numerals.Count(b.Count(MovementKind.Churn)), Ink.Faint);
        AddRow(grid, shown, "  of customers", b => Numerals.Count(b.OpeningCustomers), Ink.Faint);
        AddRow(grid, shown, "Gross MRR churn", b => Numerals.Percent(new Rates(b).GrossMrrChurn));
        AddRow(grid, shown, "Net MRR churn", b => Numerals.Percent(new Rates(b).NetMrrChurn));
        AddRow(grid, shown, "NRR", b => Numerals.Percent(new Rates(b).Nrr));
        AddRow(grid, shown, "GRR", b => Numerals.Percent(new Rates(b).Grr));
        AddRow(grid, shown, "Quick ratio", b => Numerals.Times(new Rates(b).QuickRatio));
        AddRow(grid, shown, "ARPA", b => Numerals.Amount(new Rates(b).Arpa, scale <= Scale.Units ? Scale.Cents : Scale.Units));
    }

    private void AddYears(Grid grid, Bridge[] shown, Scale scale)
    {
        var first = _figures.Horizon.To - shown.Length + 1;
        if (!_years.Keys.Any(m => m >= first))
        {
            return;
        }

        string Of(int i, Func<TrailingYear, string> text) => _years.TryGetValue(first + i, out var year) ? text(year) : Numerals.Undefined;
        void AddYear(string label, Func<TrailingYear, string> text, Ink ink = Ink.Plain) =>
            grid.Add([new Piece(label, ink), .. Enumerable.Range(0, shown.Length).Select(i => Rate(Of(i, text), ink))]);

        grid.Add("");
        AddHeading(grid, shown, "Over 12 months", null, _figures.Horizon.To);
        AddYear("NRR", y => Numerals.Percent(y.Nrr), Ink.Strong);
        AddYear("GRR", y => Numerals.Percent(y.Grr), Ink.Strong);
        AddYear("  of MRR", y => Numerals.Amount(y.BaseMrr, scale), Ink.Faint);
        AddYear("Logo retention", y => Numerals.Percent(y.LogoRetention));
        AddYear("  of customers", y => Numerals.Count(y.BaseCustomers), Ink.Faint);
    }

    private void AddHeading(Grid grid, Bridge[] shown, string title, string? total, int last)
    {
        var first = last - shown.Length + 1;
        var row = Enumerable.Range(first, shown.Length).Select(m => new Piece(Numerals.Month(m) + (_report.IsRunning(m) ? "*" : ""), Ink.Faint)).Prepend(new Piece(title, Ink.Strong));
        grid.Add([.. total is null ? row : row.Append(new Piece(total, Ink.Faint))]);
    }

    private static void AddRow(Grid grid, Bridge[] shown, string label, Func<Bridge, string> text, Ink ink = Ink.Plain, string? total = null) =>
        Add(grid, shown, new Piece(label, ink), b => Rate(text(b), ink), total is null ? default(Piece?) : new Piece(total, ink));

    private static void Add(Grid grid, Bridge[] shown, Piece label, Func<Bridge, Piece> cell, Piece? total)
    {
        var row = shown.Select(cell).Prepend(label);
        grid.Add([.. total is { } last && shown.Length > 1 ? row.Append(last) : row]);
    }

    private static Piece Rate(string text, Ink ink) => new(text, text == Numerals.Undefined ? Ink.Faint : ink);

    private static Piece Change(Int128 micros, Scale scale) =>
        new(Numerals.Signed(micros, scale), micros == 0 ? Ink.Faint : micros > 0 ? Ink.Gain : Ink.Loss);

    private static Int128 Total(Bridge[] shown, MovementKind kind) => shown.Aggregate(Int128.Zero, (sum, b) => sum + b[kind]);

    private static bool IsExact(Bridge bridge, Scale scale) => Amounts(bridge).All(a => Numerals.IsExact(a, scale));

    private static IEnumerable<Int128> Amounts(Bridge bridge) =>
        Lines.Select(l => bridge[l.Kind]).Append(bridge.Opening).Append(bridge.Closing);
}
