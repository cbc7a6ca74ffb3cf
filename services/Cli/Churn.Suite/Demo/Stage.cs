using System.Globalization;
using Churn.Cli.Report.Output;
using Churn.Cli.Report.Output.Terminal;
using Churn.Metrics.Domain;

namespace Churn.Suite.Demo;

/// <summary>Shows what happens to the rolling figures: those that changed, before and after.</summary>
internal static class Stage
{
    private static readonly (string Name, Func<Bridge, string> Text, Func<Bridge, Int128> Of, Func<Int128, string> Change, bool IsGood)[] Figures =
    [
        Money("MRR", b => b.Closing, isGood: true),
        Count("customers", b => b.ClosingCustomers, isGood: true),
        Money("new MRR", b => b[MovementKind.New], isGood: true),
        Money("expansion MRR", b => b[MovementKind.Expansion], isGood: true),
        Money("churned MRR", b => b[MovementKind.Churn], isGood: false),
        Count("churned customers", b => b.Count(MovementKind.Churn), isGood: false),
        Share("logo churn", b => new Rates(b).LogoChurn, isGood: false),
        Share("NRR", b => new Rates(b).Nrr, isGood: true),
    ];

    /// <summary>Writes what happened, how long it took to show, and what it changed.</summary>
    public static void Show(Canvas canvas, string story, TimeSpan after, Bridge before, Bridge now)
    {
        canvas.Blank();
        canvas.Line(new Piece(story, Ink.Strong));
        canvas.Line(new Piece(string.Create(CultureInfo.InvariantCulture, $"  the figures of the last 30 days, {after.TotalMilliseconds:0} ms after it was sent:"), Ink.Faint));
        var grid = new Grid().Left(2);
        foreach (var (name, text, of, change, isGood) in Figures.Where(f => f.Text(before) != f.Text(now)))
        {
            var delta = of(now) - of(before);
            grid.Add("    " + name, text(before), new Piece("->", Ink.Faint), text(now), new Piece(change(delta), delta > 0 == isGood ? Ink.Gain : Ink.Loss));
        }

        grid.Write(canvas);
    }

    private static (string, Func<Bridge, string>, Func<Bridge, Int128>, Func<Int128, string>, bool) Money(string name, Func<Bridge, Int128> of, bool isGood) =>
        (name, b => Numerals.Amount(of(b), Scale.Cents), of, d => Numerals.Signed(d, Scale.Cents), isGood);

    private static (string, Func<Bridge, string>, Func<Bridge, Int128>, Func<Int128, string>, bool) Count(string name, Func<Bridge, Int128> of, bool isGood) =>
        (name, b => Numerals.Count(of(b)), of, d => (d > 0 ? "+" : "") + Numerals.Count(d), isGood);

    // Two decimals: one customer of thousands is seen in the second.
    private static (string, Func<Bridge, string>, Func<Bridge, Int128>, Func<Int128, string>, bool) Share(string name, Func<Bridge, Ratio> of, bool isGood)
    {
        const long hundredthsOfAPercent = 10_000;
        Int128 Scaled(Bridge bridge) => of(bridge) is { IsDefined: true } ratio ? ratio.Scaled(hundredthsOfAPercent) : 0;
        return (
            name, b => of(b).IsDefined ? Numerals.Times(new Ratio(Scaled(b), 100)) + "%" : Numerals.Undefined,
            Scaled, d => (d > 0 ? "+" : "") + Numerals.Times(new Ratio(d, 100)), isGood);
    }
}
