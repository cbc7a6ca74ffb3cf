using Churn.Metrics.Domain;

namespace Churn.Metrics.Tests;

public class LedgerLaws
{
    [Fact]
    public void Law_Everything_EqualsTheNaiveRecomputation() =>
        Law.Holds(Generators.Businesses, business => Cells.AssertSame(new NaiveLedger(business).ToCells(), Cells.Of(business.ToLedger())), 2_000);
}
