using Churn.Ingestion.Domain;

namespace Churn.Ingestion.Tests;

public sealed class CurrenciesTests
{
    [Theory]
    [InlineData("EUR", true)]
    [InlineData("USD", true)]
    [InlineData("XAF", true)]
    [InlineData("SLE", true)]
    [InlineData("ZWG", true)]
    [InlineData("DEM", true)]
    [InlineData("HRK", true)]
    [InlineData("AAA", false)]
    [InlineData("ZZZ", false)]
    [InlineData("BTC", false)]
    [InlineData("eur", false)]
    [InlineData("EU", false)]
    [InlineData("EURO", false)]
    [InlineData("", false)]
    [InlineData("E R", false)]
    [InlineData("\u0395UR", false)]
    public void IsKnown_Code_IsOneOfIso4217(string code, bool known) => Assert.Equal(known, Currencies.IsKnown(code));

    [Fact]
    public void IsKnown_OfAllThreeLetters_Are306()
    {
        var count = 0;
        for (var a = 'A'; a <= 'Z'; a++)
        {
            for (var b = 'A'; b <= 'Z'; b++)
            {
                for (var c = 'A'; c <= 'Z'; c++)
                {
                    count += Currencies.IsKnown([a, b, c]) ? 1 : 0;
                }
            }
        }

        Assert.Equal(306, count);
    }
}

public sealed class InstantsTests
{
    [Theory]
    [InlineData(0, 0, 0)]
    [InlineData(0, 999, 0)]
    [InlineData(1, 1_999, 1_000_001)]
    [InlineData(-1, 999_999_999, -1)]
    [InlineData(-1, 0, -1_000_000)]
    public void ToMicros_FinerDigits_AreCutOffTowardsThePast(long seconds, int nanos, long micros) => Assert.Equal(micros, Instants.ToMicros(seconds, nanos));

    [Theory]
    [InlineData(0, "1970-01-01T00:00:00Z")]
    [InlineData(1, "1970-01-01T00:00:00.000001Z")]
    [InlineData(-1, "1969-12-31T23:59:59.999999Z")]
    [InlineData(1_500_000, "1970-01-01T00:00:01.5Z")]
    public void Text_Instant_HasAllItsDigitsAndNoMore(long micros, string text) => Assert.Equal(text, Instants.Text(micros));

    [Fact]
    public void CheckPast_InstantAhead_NamesBothClocks()
    {
        const long now = 1_000 * Instants.Second;
        Assert.Null(Instants.CheckPast("occur_time", 1_300, 0, now));
        Assert.Null(Instants.CheckPast("occur_time", 1_300, 999, now));
        Assert.Equal(
            "occur_time is 1970-01-01T00:21:40.000001Z, more than 5 minutes ahead of the server's clock (1970-01-01T00:16:40Z): send a fact when it is true, or set the clock right.",
            Instants.CheckPast("occur_time", 1_300, 1_000, now)?.Message);
    }
}

public sealed class RetractionsTests
{
    [Theory]
    [InlineData("", false, null)]
    [InlineData("", true, "FIELD_MISSING")]
    [InlineData("evt_2", true, null)]
    [InlineData("evt_2", false, null)]
    [InlineData("evt_1", false, "FIELD_INVALID")]
    [InlineData("evt_1", true, "FIELD_INVALID")]
    [InlineData("a\nb", true, "FIELD_INVALID")]
    public void Check_OfWhatIsRetracted_NeedsAnotherFact(string retracts, bool isRetraction, string? reason) =>
        Assert.Equal(reason, Retractions.Check("evt_1", retracts, isRetraction)?.Reason);

    [Theory]
    [InlineData(false, true, null)]
    [InlineData(true, true, "RETRACTION_OF_RETRACTION")]
    [InlineData(true, false, "RETRACTION_OF_RETRACTION")]
    [InlineData(false, false, "RETRACTS_OTHER_CUSTOMER")]
    public void Judge_OfAKnownFact_FollowsTheRules(bool isRetraction, bool isOfCustomer, string? reason) =>
        Assert.Equal(reason, Retractions.Judge("evt_2", new RetractedFact(isRetraction, isOfCustomer))?.Reason);

    [Fact]
    public void Judge_OfAFactThatMayComeLater_IsFine() => Assert.Null(Retractions.Judge("evt_2", fact: null));
}

public sealed class IdentitiesTests
{
    private static readonly FactOutline Recorded = new("feedback", 0, "cus_1", 0, "");

    [Theory]
    [InlineData(1, 1, Verdict.Duplicate)]
    [InlineData(1, 2, Verdict.Rejected)]
    public void Judge_OfTwoContents_TellsWhetherTheyAreOne(int known, int content, Verdict verdict) =>
        Assert.Equal(verdict, Identities.Judge((UInt128)known, (UInt128)content));

    [Fact]
    public void Conflict_OfEachDifference_NamesIt()
    {
        Assert.Contains("kind feedback then and mention now:", Message(Recorded with { Kind = "mention" }), StringComparison.Ordinal);
        Assert.Contains("occur_time 1970-01-01T00:00:00Z then and 1970-01-01T00:00:00.000001Z now:", Message(Recorded with { OccurTime = 1 }), StringComparison.Ordinal);
        Assert.Contains("customer_id \"cus_1\" then and \"cus_2\" now:", Message(Recorded with { CustomerId = "cus_2" }), StringComparison.Ordinal);
        Assert.Contains("sequence 0 then and -3 now:", Message(Recorded with { Sequence = -3 }), StringComparison.Ordinal);
        Assert.Contains("retracts \"\" then and \"evt_0\" now:", Message(Recorded with { Retracts = "evt_0" }), StringComparison.Ordinal);
        Assert.Contains("its feedback says something else:", Message(Recorded), StringComparison.Ordinal);
    }

    private static string Message(FactOutline sent) => Identities.Conflict("evt_1", Recorded, 0, sent).Message;
}
