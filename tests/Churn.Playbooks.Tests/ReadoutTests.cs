using Churn.Playbooks.Domain;

namespace Churn.Playbooks.Tests;

public sealed class ReadoutTests
{
    private static readonly Dictionary<string, long> None = new(StringComparer.Ordinal);

    [Fact]
    public void Of_TwoSides_AreCompared()
    {
        var readout = Readout.Of([.. Side(false, 850, 900), .. Side(true, 80, 100), .. Pending(25)], 30);
        Assert.Equal((new Arm(900, 850), new Arm(100, 80), 25L), (readout.Treated, readout.HeldOut, readout.Pending));
        Assert.Equal((850 / 900.0) - 0.8, readout.Difference!.Value, 1e-12);
        Assert.Equal(Proportions.Newcombe(850, 900, 80, 100), readout.DifferenceInterval);
        Assert.Equal(Proportions.Fisher(850, 900, 80, 100), readout.PValue);
        Assert.Equal((925L, 100L, 102.5), (readout.SampleRatio.Treated, readout.SampleRatio.HeldOut, Math.Round(readout.SampleRatio.ExpectedHeldOut, 9)));
        Assert.True(readout.SampleRatio.IsInOrder);
        Assert.Equal("After 30 days 94.4% of 900 treated customers pay, and 80.0% of 100 held out: the playbook keeps more of them, by 7.6 to 23.4 points.", readout.Sentence);
    }

    [Fact]
    public void Of_Harm_IsSaid() => Assert.Equal(
        "After 30 days 80.0% of 900 treated customers pay, and 99.0% of 100 held out: the playbook keeps fewer of them, by 13.9 to 21.9 points; pause it.",
        Readout.Of([.. Side(false, 720, 900), .. Side(true, 99, 100)], 30).Sentence);

    [Fact]
    public void Of_NoDifference_ClaimsNone() => Assert.Equal(
        "After 1 day 90.0% of 900 treated customers pay, and 89.0% of 100 held out: no difference is shown; anything from -4.2 to +8.8 points fits what was seen.",
        Readout.Of([.. Side(false, 810, 900), .. Side(true, 89, 100)], 1).Sentence);

    [Fact]
    public void Of_TooFew_SaysSo() => Assert.Equal(
        "After 30 days 90.0% of 100 treated customers pay, and 80.0% of 10 held out: too few to tell whether the playbook changes anything; anything from -6.1 to +41.3 points fits what was seen.",
        Readout.Of([.. Side(false, 90, 100), .. Side(true, 8, 10)], 30).Sentence);

    [Fact]
    public void Of_WrongRatio_IsNotBelieved()
    {
        var readout = Readout.Of([.. Side(false, 900, 980), .. Side(true, 5, 20)], 30);
        Assert.False(readout.SampleRatio.IsInOrder);
        Assert.Equal("Do not believe a difference here: 20 of 1,000 customers were held out where 100 were to be, which chance does not do; find out why first.", readout.Sentence);
    }

    [Fact]
    public void Of_SharesThatChange_AreSummed()
    {
        var readout = Readout.Of([.. Side(false, 90, 90), .. Side(true, 10, 10), .. Side(false, 50, 50, 0.5), .. Side(true, 50, 50, 0.5)], 30);
        Assert.Equal(60, readout.SampleRatio.ExpectedHeldOut, 1e-9);
        Assert.Equal(1, readout.SampleRatio.PValue!.Value, 1e-6);
    }

    [Theory]
    [InlineData(0, 0, 0, 0.1, "Nobody has entered this playbook yet.")]
    [InlineData(5, 0, 0, 0.0, "Nobody was held out, so nobody can tell what this playbook changed; give it a holdout, such as 10%, to learn it.")]
    [InlineData(0, 0, 5, 0.1, "There is nothing to compare yet: the 30 days are not over for any customer.")]
    [InlineData(5, 0, 5, 0.1, "There is nothing to compare yet: the 30 days are not over for any held-out customer.")]
    [InlineData(5, 0, 0, 0.1, "There is nothing to compare: there is not any held-out customer among those who entered.")]
    public void Of_EmptySide_SaysWhy(int treated, int heldOut, int pending, double share, string sentence)
    {
        var readout = Readout.Of([.. Side(false, treated, treated, share), .. Side(true, heldOut, heldOut, share), .. Pending(pending, share)], 30);
        Assert.Equal(sentence, readout.Sentence);
        Assert.Null(readout.Difference);
        Assert.Null(readout.DifferenceInterval);
        Assert.Null(readout.PValue);
        Assert.Empty(readout.Mrr);
    }

    [Fact]
    public void Of_Simulation_SaysThatItIsChance()
    {
        var readout = Readout.Of([.. Side(false, 810, 900), .. Side(true, 89, 100)], 30, isSimulated: true);
        Assert.Equal(
            "Nobody was treated in this simulation, so the difference of +1.0 points is chance; with as many customers an effect of less than about 6.5 points would not be seen.",
            readout.Sentence);
        Assert.Equal("Nobody would have entered in this time.", Readout.Of([], 30, isSimulated: true).Sentence);
        Assert.StartsWith("In this simulation one side is empty", Readout.Of([.. Side(true, 1, 1)], 30, isSimulated: true).Sentence, StringComparison.Ordinal);
    }

    [Fact]
    public void Of_Mrr_IsByCurrencyOverAllCustomersOfASide()
    {
        CustomerOutcome[] outcomes =
        [
            new(false, 0.5, true, true, In("EUR", 10), In("EUR", 12)),
            new(false, 0.5, true, false, In("EUR", 10), None),
            new(false, 0.5, true, true, In("USD", 50), In("USD", 50)),
            new(true, 0.5, true, false, In("EUR", 20), None),
            new(true, 0.5, true, true, In("EUR", 20), In("EUR", 20)),
            new(true, 0.5, false, true, In("EUR", 9_000), None),
        ];
        var mrr = Readout.Of(outcomes, 30).Mrr;
        Assert.Equal(["EUR", "USD"], mrr.Select(of => of.Currency));
        Assert.Equal((-8 / 3.0, -10.0), (mrr[0].TreatedMean, mrr[0].HeldOutMean));
        Assert.Equal((10 - (8 / 3.0)) * 3, mrr[0].Saved, 1e-9);
        Assert.Equal(Means.Welch([2, -10, 0], [-20, 0]), mrr[0].Interval);
        Assert.Null(mrr[1].Interval);
    }

    [Fact]
    public void Of_LargestAmounts_DoNotOverflow()
    {
        var readout = Readout.Of([.. Enumerable.Repeat(new CustomerOutcome(false, 0.5, true, true, In("EUR", long.MinValue), In("EUR", long.MaxValue)), 10), .. Side(true, 5, 10, 0.5)], 30);
        Assert.Equal(1.8446744073709552e19, readout.Mrr.Single().TreatedMean, 1e6);
    }

    [Fact]
    public void Law_Sentence_ClaimsOnlyWhatTheIntervalSupports() => Law.OfTables((a, m, b, n) =>
    {
        var readout = Readout.Of([.. Side(false, (int)a, (int)m, (double)n / (m + n)), .. Side(true, (int)b, (int)n, (double)n / (m + n))], 30);
        var claims = readout.Sentence.Contains("the playbook keeps", StringComparison.Ordinal);
        Assert.Equal(readout.DifferenceInterval!.Value.ExcludesZero && readout.PValue < 0.05, claims);
        Assert.Equal(claims && readout.Difference > 0, readout.Sentence.Contains("keeps more", StringComparison.Ordinal));
    });

    private static IEnumerable<CustomerOutcome> Side(bool heldOut, int retained, int all, double share = 0.1) =>
        Enumerable.Range(0, all).Select(i => new CustomerOutcome(heldOut, share, true, i < retained, None, None));

    private static IEnumerable<CustomerOutcome> Pending(int all, double share = 0.1) => Enumerable.Repeat(new CustomerOutcome(false, share, false, false, None, None), all);

    private static Dictionary<string, long> In(string currency, long micros) => new(StringComparer.Ordinal) { [currency] = micros };
}
