using Churn.Ingestion.V1;

namespace Churn.Ingestion.Tests;

public sealed class FactCheckTests
{
    private static readonly Dictionary<string, FieldValue> Values = FieldRange.Values.ToDictionary(value => value.Name);

    public static TheoryData<string> Names => [.. Values.Keys];

    public static TheoryData<string> Kinds => [.. Sample.Kinds];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Of_EveryKind_IsSound(string kind) => Assert.Null(FactCheck.Of(Sample.Of(kind), Sample.NowMicros));

    [Theory]
    [MemberData(nameof(Names))]
    public void Of_EveryFieldAtTheEndsOfItsRange_SaysReasonAndPath(string name)
    {
        var value = Values[name];
        var violation = FactCheck.Of(value.Fact(), Sample.NowMicros);
        Assert.Equal((value.Reason, value.Reason is null ? null : value.ReasonPath ?? value.Path), (violation?.Reason, violation?.Field));
        if (violation is not null)
        {
            Assert.EndsWith(".", violation.Message, StringComparison.Ordinal);
            Assert.InRange(violation.Message.Length, 20, 500);
            Assert.Contains(": ", violation.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Values_OfTheTable_AreOfEveryField()
    {
        var tested = FieldRange.Values.Where(value => value.Reason is not null).Select(value => value.Path).Concat(FieldRange.Free.Keys).ToHashSet();
        Assert.Empty(FieldRange.Leaves(Fact.Descriptor).Except(tested));
    }

    [Fact]
    public void Kinds_OfTheContract_Are27() => Assert.Equal(27, Sample.Kinds.Count);

    [Fact]
    public void Of_NoKind_SaysThatItIsMissing()
    {
        var fact = Sample.Of("feedback");
        fact.ClearKind();
        var violation = FactCheck.Of(fact, Sample.NowMicros);
        Assert.Equal(("FIELD_MISSING", "kind"), (violation?.Reason, violation?.Field));
    }

    [Fact]
    public void Of_RetractionOfNothing_SaysWhatIsMissing()
    {
        var violation = FactCheck.Of(Sample.Retraction("evt_1", ""), Sample.NowMicros);
        Assert.Equal(("FIELD_MISSING", "retracts"), (violation?.Reason, violation?.Field));
    }

    [Theory]
    [InlineData(Feedback.Types.Survey.Nps, 0, 10)]
    [InlineData(Feedback.Types.Survey.Csat, 1, 5)]
    [InlineData(Feedback.Types.Survey.Ces, 1, 7)]
    public void Of_ScoreOfEachSurvey_HasItsRange(Feedback.Types.Survey survey, int least, int most)
    {
        for (var score = least - 1; score <= most + 1; score++)
        {
            var fact = Sample.Of("feedback");
            (fact.Feedback.Survey, fact.Feedback.Score) = (survey, score);
            Assert.Equal(score < least || score > most ? "feedback.score" : null, FactCheck.Of(fact, Sample.NowMicros)?.Field);
        }
    }

    [Theory]
    [InlineData("a", "", null, null)]
    [InlineData("a_9", "x", null, null)]
    [InlineData("size", "1", "FIELD_INVALID", "customer_profile.attributes[size]")]
    [InlineData("renewal_date", "1", "FIELD_INVALID", "customer_profile.attributes[renewal_date]")]
    [InlineData("", "1", "FIELD_INVALID", "customer_profile.attributes")]
    [InlineData("9a", "1", "FIELD_INVALID", "customer_profile.attributes")]
    [InlineData("A", "1", "FIELD_INVALID", "customer_profile.attributes")]
    [InlineData("a-b", "1", "FIELD_INVALID", "customer_profile.attributes")]
    [InlineData("caf\u00E9", "1", "FIELD_INVALID", "customer_profile.attributes")]
    public void Of_Attribute_FollowsItsRules(string name, string value, string? reason, string? field)
    {
        var fact = Sample.Of("customer_profile");
        fact.CustomerProfile.Attributes[name] = value;
        var violation = FactCheck.Of(fact, Sample.NowMicros);
        Assert.Equal((reason, field), (violation?.Reason, violation?.Field));
    }

    [Theory]
    [InlineData(64, 200, null)]
    [InlineData(65, 200, "customer_profile.attributes[aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa]")]
    [InlineData(64, 201, "customer_profile.attributes[aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa]")]
    public void Of_AttributeAtItsLengths_EndsThere(int nameLength, int valueLength, string? field)
    {
        var fact = Sample.Of("customer_profile");
        fact.CustomerProfile.Attributes[new string('a', nameLength)] = new string('x', valueLength);
        Assert.Equal(nameLength > 64 ? "customer_profile.attributes" : field, FactCheck.Of(fact, Sample.NowMicros)?.Field);
    }

    [Theory]
    [InlineData(64, null)]
    [InlineData(65, "customer_profile.attributes")]
    public void Of_ManyAttributes_EndAt64(int count, string? field)
    {
        var fact = Sample.Of("customer_profile");
        fact.CustomerProfile.Attributes.Clear();
        for (var i = 0; i < count; i++)
        {
            fact.CustomerProfile.Attributes.Add($"a{i}", "x");
        }

        Assert.Equal(field, FactCheck.Of(fact, Sample.NowMicros)?.Field);
    }

    [Theory]
    [InlineData(BillingUnit.Month, 1, 1_000_000_000_000_000, 1, true)]
    [InlineData(BillingUnit.Month, 1, 500_000_000_000_000, 2, true)]
    [InlineData(BillingUnit.Month, 1, 500_000_000_000_001, 2, false)]
    [InlineData(BillingUnit.Year, 1, 1_000_000_000_000_000, 12, true)]
    [InlineData(BillingUnit.Year, 1, 1_000_000_000_000_000, 13, false)]
    [InlineData(BillingUnit.Year, 2, 1_000_000_000_000_000, 24, true)]
    [InlineData(BillingUnit.Quarter, 1, 1_000_000_000_000_000, 3, true)]
    [InlineData(BillingUnit.Quarter, 1, 1_000_000_000_000_000, 4, false)]
    [InlineData(BillingUnit.Day, 1, 32_876_712_328_767, 1, true)]
    [InlineData(BillingUnit.Day, 1, 32_876_712_328_768, 1, false)]
    [InlineData(BillingUnit.Week, 1, 230_769_230_769_230, 1, true)]
    [InlineData(BillingUnit.Week, 1, 230_769_230_769_231, 1, false)]
    [InlineData(BillingUnit.Day, 1_000, 1_000_000_000_000_000, 1_000_000_000, false)]
    public void Of_PriceOfAPeriod_ComesToAMonthsPriceThatCounts(BillingUnit unit, int count, long amountMicros, long quantity, bool fine)
    {
        var fact = Sample.Of("subscription_started");
        fact.SubscriptionStarted.Price.Period = new PeriodPrice { Unit = unit, Count = count, AmountMicros = amountMicros, Quantity = quantity };
        Assert.Equal(fine ? null : "subscription_started.price.period", FactCheck.Of(fact, Sample.NowMicros)?.Field);
    }

    [Fact]
    public void Of_SeveralWrongFields_NamesTheFirst()
    {
        var fact = Sample.Of("usage_recorded");
        fact.UsageRecorded.Quantity = -1;
        fact.CustomerId = "";
        fact.EventId = new string('x', 201);
        Assert.Equal("event_id", FactCheck.Of(fact, Sample.NowMicros)?.Field);
        fact.EventId = "evt_1";
        Assert.Equal("customer_id", FactCheck.Of(fact, Sample.NowMicros)?.Field);
    }
}
