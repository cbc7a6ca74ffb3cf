using Churn.Metrics.Domain;
using Churn.Metrics.Domain.Signals;

namespace Churn.Metrics.Tests.Signals;

public sealed class PaymentMethodExpiryTests
{
    private static readonly long May = Calendar.DayOf(2026, 5, 1) * Calendar.Day;

    [Fact]
    public void NextAfter_ExpiryMonth_CountsToItsEnd()
    {
        var knowledge = Knowledge.Of([Card("a", May - (100 * Calendar.Day), "2026-04")], Policy.Standard);
        Assert.Equal(May - (60 * Calendar.Day), knowledge.NextAfter(May - (61 * Calendar.Day)));
        Assert.Equal(May - (30 * Calendar.Day), knowledge.NextAfter(May - (60 * Calendar.Day)));
        Assert.Equal(May, knowledge.NextAfter(May - Calendar.Day));
        Assert.Null(knowledge.NextAfter(May));
    }

    [Fact]
    public void NextAfter_LatestMeansOfPayment_IsWhatCounts()
    {
        var (first, second) = (Card("a", May - (100 * Calendar.Day), "2026-04"), Card("b", May - (20 * Calendar.Day), "2027-04"));
        var year = Calendar.DayOf(2027, 5, 1) * Calendar.Day;
        Assert.Equal(year - (60 * Calendar.Day), Knowledge.Of([first, second], Policy.Standard).NextAfter(May - (20 * Calendar.Day)));
        Assert.Equal(May - (30 * Calendar.Day), Knowledge.Of([second, first], Policy.Standard).NextAfter(May - (31 * Calendar.Day)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("2026-13")]
    [InlineData("soon")]
    [InlineData("9999-12")]
    public void NextAfter_NoMonth_IsNever(string month) => Assert.Null(Knowledge.Of([Card("a", 0, month)], Policy.Standard).NextAfter(0));

    [Fact]
    public void NextAfter_ErasedCustomer_IsNever()
    {
        var erased = new Domain.Fact { Source = "s", EventId = "e", OccurTime = Calendar.Day, Kind = FactKind.CustomerErased };
        Assert.Null(Knowledge.Of([Card("a", 0, "2026-04"), erased], Policy.Standard).NextAfter(Calendar.Day));
    }

    private static Domain.Fact Card(string id, long instant, string month) =>
        new() { Source = "s", EventId = id, OccurTime = instant, Kind = FactKind.Other, Name = "payment_method_updated", ExpiryMonth = month };
}
