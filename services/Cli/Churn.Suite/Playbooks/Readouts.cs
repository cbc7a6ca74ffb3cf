using System.Globalization;
using Churn.Cli.Report.Output;
using Churn.Cli.Report.Output.Terminal;
using Churn.Playbooks.V1;
using Churn.Suite.Calls;

namespace Churn.Suite.Playbooks;

/// <summary>Shows what came of a playbook: those treated against those held out.</summary>
internal static class Readouts
{
    private const double Least = 0.001;

    /// <summary>Writes the comparison, and its sentence last.</summary>
    public static void Write(Canvas canvas, Readout readout, bool isSimulated = false)
    {
        if (readout.Treated is { CustomerCount: > 0 } || readout.HeldOut is { CustomerCount: > 0 })
        {
            WriteArms(canvas, readout, isSimulated);
        }

        if (readout.HasRetentionDifference)
        {
            var interval = readout.HasDifferenceLow && readout.HasDifferenceHigh
                ? $", 95% interval {Points(readout.DifferenceLow)} to {Points(readout.DifferenceHigh)}" : "";
            var p = readout.HasPValue ? $", p {P(readout.PValue)}" : "";
            canvas.Paragraph($"Difference {Points(readout.RetentionDifference)} points{interval}{p}");
        }

        foreach (var mrr in readout.Mrr)
        {
            var interval = mrr.HasDifferenceLowMicros && mrr.HasDifferenceHighMicros
                ? $", 95% interval {Money(mrr.DifferenceLowMicros)} to {Money(mrr.DifferenceHighMicros)}" : "";
            var kept = isSimulated ? "" : $"; in all {Money(mrr.SavedMicros)}";
            canvas.Paragraph(
                $"MRR a customer, {Shown.Safe(canvas, mrr.Currency)}: treated {Money(mrr.TreatedMeanMicros)}, held out {Money(mrr.HeldOutMeanMicros)}, "
                + $"difference {Money(mrr.DifferenceMicros)}{interval}{kept}");
        }

        if (readout.SampleRatio is { } ratio && ratio.TreatedCount + ratio.HeldOutCount > 0)
        {
            var p = ratio.HasPValue ? $", p {P(ratio.PValue)}" : "";
            var expected = ratio.ExpectedHeldOut.ToString("#,0.0", CultureInfo.InvariantCulture);
            canvas.Paragraph(
                $"Sample ratio: {Numerals.Count(ratio.HeldOutCount)} of {Numerals.Count(ratio.TreatedCount + ratio.HeldOutCount)} held out, {expected} expected{p}: "
                + (ratio.Ok ? "in order" : "NOT IN ORDER, something but chance filled the groups: do not believe a difference"),
                ink: ratio.Ok ? Ink.Plain : Ink.Loss);
        }

        if (readout.PendingCount > 0)
        {
            canvas.Paragraph(
                FormattableString.Invariant($"{Numerals.Count(readout.PendingCount)} more entered, and their {readout.AfterDays} days are not over"), ink: Ink.Faint);
        }

        if (readout.SampleRatio is { } entered && entered.TreatedCount + entered.HeldOutCount > 0)
        {
            canvas.Blank();
        }

        canvas.Paragraph(Shown.Safe(canvas, readout.Sentence), indent: 1, Ink.Strong);
    }

    /// <summary>Writes a share with one decimal.</summary>
    public static string Percent(double share) => (share * 100).ToString("0.0", CultureInfo.InvariantCulture) + "%";

    private static void WriteArms(Canvas canvas, Readout readout, bool isSimulated)
    {
        var grid = new Grid();
        grid.Add(
            new Piece(FormattableString.Invariant($"{readout.AfterDays} days after entry"), Ink.Faint), new Piece("customers", Ink.Faint), new Piece("pay then", Ink.Faint),
            new Piece("retention", Ink.Faint));
        Add(grid, isSimulated ? "would be treated" : "treated", readout.Treated ?? new Arm());
        Add(grid, isSimulated ? "would be held out" : "held out", readout.HeldOut ?? new Arm());
        grid.Write(canvas);
    }

    private static void Add(Grid grid, string name, Arm arm) => grid.Add(
        name, Numerals.Count(arm.CustomerCount), Numerals.Count(arm.RetainedCount), arm.HasRetention ? Percent(arm.Retention) : Numerals.Undefined);

    // Points of a percent, with their sign.
    private static string Points(double difference)
    {
        var text = (difference * 100).ToString("+0.0;-0.0;0.0", CultureInfo.InvariantCulture);
        return text is "+0.0" or "-0.0" ? "0.0" : text;
    }

    private static string P(double value) => value < Least ? "below 0.001" : value.ToString("0.000", CultureInfo.InvariantCulture);

    private static string Money(double micros) => Numerals.Signed((Int128)Math.Round(micros), Scale.Cents);
}
