using System.Globalization;

namespace Churn.Playbooks.Domain;

/// <summary>Holds what became of a customer that entered a playbook, treated or held out.</summary>
/// <param name="HeldOut">Whether it was held out.</param>
/// <param name="HoldoutShare">The share of customers that was to be held out when it entered, 0 to 1.</param>
/// <param name="IsOver">Whether the days to look at are over; what follows counts only then.</param>
/// <param name="Retained">Whether it pays when they are.</param>
/// <param name="Before">MRR at entry, in micros by currency.</param>
/// <param name="After">MRR at the end of the days.</param>
public sealed record CustomerOutcome(
    bool HeldOut, double HoldoutShare, bool IsOver, bool Retained, IReadOnlyDictionary<string, long> Before, IReadOnlyDictionary<string, long> After);

/// <summary>Holds one side of a comparison.</summary>
/// <param name="Customers">The customers whose days are over.</param>
/// <param name="Retained">Those of them who pay then.</param>
public sealed record Arm(long Customers, long Retained)
{
    /// <summary>Gives the share of those who pay; null where there is nobody.</summary>
    public double? Retention => Customers == 0 ? null : (double)Retained / Customers;
}

/// <summary>Says whether the sides have the sizes that the shares lead to. All who entered are counted.</summary>
/// <param name="Treated">Those treated.</param>
/// <param name="HeldOut">Those held out.</param>
/// <param name="ExpectedHeldOut">Those that were to be held out: the sum of the shares in force at each entry.</param>
/// <param name="PValue">The p-value of chi-square with one degree of freedom; null where nobody was to be held out.</param>
public sealed record SampleRatio(long Treated, long HeldOut, double ExpectedHeldOut, double? PValue)
{
    /// <summary>Gives the p-value below which chance is not believed: a check that is looked at often must rarely cry wolf.</summary>
    public const double Least = 0.001;

    /// <summary>Tells whether it is in order.</summary>
    public bool IsInOrder => PValue is not { } p || p >= Least;
}

/// <summary>Compares what was kept of the MRR that customers had when they entered, in micros a customer.</summary>
/// <param name="Currency">The currency.</param>
/// <param name="TreatedMean">The mean change of the treated.</param>
/// <param name="HeldOutMean">The mean change of the held out.</param>
/// <param name="Interval">The 95 % interval of the difference; null where it cannot be told.</param>
/// <param name="Saved">The difference for all treated customers together.</param>
public sealed record MrrDifference(string Currency, double TreatedMean, double HeldOutMean, Interval? Interval, double Saved)
{
    /// <summary>Gives treated less held out.</summary>
    public double Difference => TreatedMean - HeldOutMean;
}

/// <summary>Compares those treated with those held out, each customer once.</summary>
public sealed record Readout
{
    private const int FewestForSilence = 20;
    private const double Sure = 0.05;

    /// <summary>Gives how many days after entry are looked at.</summary>
    public required int AfterDays { get; init; }

    /// <summary>Gives those treated.</summary>
    public required Arm Treated { get; init; }

    /// <summary>Gives those held out.</summary>
    public required Arm HeldOut { get; init; }

    /// <summary>Gives retention of the treated less that of the held out; null while a side is empty.</summary>
    public double? Difference => Treated.Retention - HeldOut.Retention;

    /// <summary>Gives its 95 % interval.</summary>
    public Interval? DifferenceInterval { get; init; }

    /// <summary>Gives the two-sided p-value of no difference.</summary>
    public double? PValue { get; init; }

    /// <summary>Gives the check of the sizes.</summary>
    public required SampleRatio SampleRatio { get; init; }

    /// <summary>Gives the comparison of MRR, by currency in order; empty while a side is.</summary>
    public IReadOnlyList<MrrDifference> Mrr { get; init; } = [];

    /// <summary>Gives the customers whose days are not over.</summary>
    public required long Pending { get; init; }

    /// <summary>Gives all of it in one plain sentence, which says no more than the interval does.</summary>
    public required string Sentence { get; init; }

    /// <summary>Makes the comparison.</summary>
    /// <param name="outcomes">What became of each customer that entered, pending or not.</param>
    /// <param name="afterDays">How many days after entry are looked at.</param>
    /// <param name="isSimulated">Whether nobody was really treated, so that every difference is chance.</param>
    public static Readout Of(IReadOnlyCollection<CustomerOutcome> outcomes, int afterDays, bool isSimulated = false)
    {
        var over = outcomes.Where(outcome => outcome.IsOver).ToLookup(outcome => outcome.HeldOut);
        var (treated, heldOut) = (ArmOf(over[false]), ArmOf(over[true]));
        var both = treated.Customers > 0 && heldOut.Customers > 0;
        var readout = new Readout
        {
            AfterDays = afterDays,
            Treated = treated,
            HeldOut = heldOut,
            DifferenceInterval = both ? Proportions.Newcombe(treated.Retained, treated.Customers, heldOut.Retained, heldOut.Customers) : null,
            PValue = both ? Proportions.Fisher(treated.Retained, treated.Customers, heldOut.Retained, heldOut.Customers) : null,
            SampleRatio = RatioOf(outcomes),
            Mrr = both ? MrrOf([.. over[false]], [.. over[true]]) : [],
            Pending = outcomes.LongCount(outcome => !outcome.IsOver),
            Sentence = "",
        };
        return readout with { Sentence = isSimulated ? readout.SayOfSimulation() : readout.Say() };
    }

    private static Arm ArmOf(IEnumerable<CustomerOutcome> outcomes) =>
        outcomes.Aggregate(new Arm(0, 0), (arm, outcome) => new Arm(arm.Customers + 1, arm.Retained + (outcome.Retained ? 1 : 0)));

    private static SampleRatio RatioOf(IReadOnlyCollection<CustomerOutcome> outcomes)
    {
        var heldOut = outcomes.LongCount(outcome => outcome.HeldOut);
        var treated = outcomes.Count - heldOut;
        var expected = outcomes.Sum(outcome => outcome.HoldoutShare);
        var off = heldOut - expected;
        return new SampleRatio(treated, heldOut, expected, expected > 0 && expected < outcomes.Count
            ? Distributions.ChiSquareAbove((off * off / expected) + (off * off / (outcomes.Count - expected)))
            : null);
    }

    private static List<MrrDifference> MrrOf(IReadOnlyList<CustomerOutcome> treated, IReadOnlyList<CustomerOutcome> heldOut)
    {
        var currencies = treated.Concat(heldOut).SelectMany(outcome => outcome.Before.Keys.Concat(outcome.After.Keys)).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal);
        return [.. currencies.Select(currency =>
        {
            var (first, second) = (Changes(treated, currency), Changes(heldOut, currency));
            var difference = Means.Of(first) - Means.Of(second);
            return new MrrDifference(currency, Means.Of(first), Means.Of(second), Means.Welch(first, second), difference * treated.Count);
        })];

        static double[] Changes(IReadOnlyList<CustomerOutcome> outcomes, string currency) =>
            [.. outcomes.Select(outcome => (double)((Int128)outcome.After.GetValueOrDefault(currency) - outcome.Before.GetValueOrDefault(currency)))];
    }

    private string Say()
    {
        if (Treated.Customers + HeldOut.Customers + Pending == 0)
        {
            return "Nobody has entered this playbook yet.";
        }

        if (!SampleRatio.IsInOrder)
        {
            return $"Do not believe a difference here: {Count(SampleRatio.HeldOut)} of {Count(SampleRatio.Treated + SampleRatio.HeldOut)} customers were held out where "
                + $"{SampleRatio.ExpectedHeldOut.ToString("#,0", CultureInfo.InvariantCulture)} were to be, which chance does not do; find out why first.";
        }

        if (SampleRatio.HeldOut == 0 && SampleRatio.ExpectedHeldOut <= 0)
        {
            return "Nobody was held out, so nobody can tell what this playbook changed; give it a holdout, such as 10%, to learn it.";
        }

        if (Treated.Customers == 0 || HeldOut.Customers == 0)
        {
            var side = Treated.Customers + HeldOut.Customers == 0 ? "any customer" : Treated.Customers == 0 ? "any treated customer" : "any held-out customer";
            return Pending > 0
                ? $"There is nothing to compare yet: the {Days()} are not over for {side}."
                : $"There is nothing to compare: there is not {side} among those who entered.";
        }

        var pay = $"After {Days()} {Share(Treated.Retention!.Value)} of {Count(Treated.Customers)} treated customers pay, and {Share(HeldOut.Retention!.Value)} of {Count(HeldOut.Customers)} held out";
        var interval = DifferenceInterval!.Value;
        if (interval.ExcludesZero && PValue < Sure)
        {
            return interval.Low > 0
                ? $"{pay}: the playbook keeps more of them, by {Points(interval.Low)} to {Points(interval.High)} points."
                : $"{pay}: the playbook keeps fewer of them, by {Points(-interval.High)} to {Points(-interval.Low)} points; pause it.";
        }

        return Math.Min(Treated.Customers, HeldOut.Customers) < FewestForSilence
            ? $"{pay}: too few to tell whether the playbook changes anything; anything from {Signed(interval.Low)} to {Signed(interval.High)} points fits what was seen."
            : $"{pay}: no difference is shown; anything from {Signed(interval.Low)} to {Signed(interval.High)} points fits what was seen.";
    }

    private string SayOfSimulation()
    {
        if (Treated.Customers + HeldOut.Customers + Pending == 0)
        {
            return "Nobody would have entered in this time.";
        }

        if (Treated.Customers == 0 || HeldOut.Customers == 0)
        {
            return "In this simulation one side is empty, so it cannot show how small an effect could be seen; take a longer time, or a larger holdout.";
        }

        var interval = DifferenceInterval!.Value;
        return $"Nobody was treated in this simulation, so the difference of {Signed(Difference!.Value)} points is chance; with as many customers an effect of less than about "
            + $"{Points((interval.High - interval.Low) / 2)} points would not be seen.";
    }

    private string Days() => AfterDays == 1 ? "1 day" : $"{Count(AfterDays)} days";

    private static string Count(long count) => count.ToString("#,0", CultureInfo.InvariantCulture);

    private static string Share(double share) => (share * 100).ToString("0.0", CultureInfo.InvariantCulture) + "%";

    // An end that is not zero is never written as zero: the sentence would contradict itself.
    private static string Points(double share)
    {
        var points = share * 100;
        return points is > 0 and < 0.05 ? "less than 0.1" : points.ToString("0.0", CultureInfo.InvariantCulture);
    }

    private static string Signed(double share) => (share * 100).ToString("+0.0;-0.0;0.0", CultureInfo.InvariantCulture) is var text && text is "+0.0" or "-0.0" ? "0.0" : text;
}
