namespace Churn.Metrics.Tests;

public class NaiveLedgerTests
{
    [Fact]
    public void Law_Everything_EqualsTheNaiveRecomputation() =>
        Law.Holds(Generators.Businesses, b => Cells.AssertSame(new NaiveLedger(b).ToCells(), Cells.Of(b.ToLedger())), 2_000);
}
