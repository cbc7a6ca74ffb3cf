using Churn.Cli.Generate;
using Churn.Ingestion.V1;
using Churn.Metrics.Domain;
using Google.Protobuf;
using BillingUnit = Churn.Ingestion.V1.BillingUnit;
using Fact = Churn.Ingestion.V1.Fact;
using Horizon = Churn.Cli.Generate.Horizon;
using Terms = Churn.Cli.Generate.Terms;

namespace Churn.Cli.Tests.Generate;

public sealed class FactLinesTests
{
    private static readonly List<Fact> Facts =
        [.. Generated.Lines(Generated.Facts(3_000, months: 48)).Select(line => JsonParser.Default.Parse<Fact>(line))];

    [Fact]
    public void Write_EveryLine_IsAFactOfTheContract()
    {
        Assert.All(Facts, fact =>
        {
            Assert.Equal("generate", fact.Source);
            Assert.StartsWith("evt_", fact.EventId, StringComparison.Ordinal);
            Assert.StartsWith("cus_", fact.CustomerId, StringComparison.Ordinal);
            Assert.NotNull(fact.OccurTime);
            Assert.NotEqual(Fact.KindOneofCase.None, fact.KindCase);
        });
        Assert.All(Facts.Select(f => f.CustomerProfile).OfType<CustomerProfile>(), profile =>
        {
            Assert.True(profile.HasSize && profile.HasIndustry && profile.HasCountry && profile.HasChannel && profile.HasEntryOffer);
            Assert.Empty(profile.Attributes);
        });
        Assert.All(Prices(), price => Assert.Equal(("USD", Price.ValueOneofCase.Period), (price.Currency, price.ValueCase)));
        Assert.Equal([BillingUnit.Month, BillingUnit.Year], Prices().Select(p => p.Period.Unit).Distinct().Order());
        Assert.Equal(
            [Initiator.Customer, Initiator.Vendor],
            Facts.Select(f => f.SubscriptionEnded?.Initiator).OfType<Initiator>().Distinct().Order());
        Assert.All(Facts.Where(f => f.CancellationScheduled is not null), f => Assert.Equal(Initiator.Customer, f.CancellationScheduled.Initiator));
        Assert.All(Facts.Where(f => f.InvoicePastDue is not null), f => Assert.NotNull(f.InvoicePastDue.DueTime));
        Assert.All(
            Facts.Select(f => f.PaymentSucceeded?.Amount ?? f.PaymentFailed?.Amount ?? f.InvoicePastDue?.Amount).OfType<Amount>(),
            amount => Assert.True(amount is { Currency: "USD", AmountMicros: > 0 }));
    }

    [Fact]
    public void Write_EveryLine_SaysTheSameWhenTheContractWritesIt() =>
        Assert.All(Facts, fact => Assert.Equal(fact, JsonParser.Default.Parse<Fact>(JsonFormatter.Default.Format(fact))));

    [Fact]
    public void Write_EveryPrice_ComesToTheMrrOfItsTerms()
    {
        var written = new List<long>();
        var meant = new List<long>();
        var life = new CustomerLife(1, new Horizon(Generated.Start, 48));
        for (var customer = 1; customer <= 3_000; customer++)
        {
            life.Live(customer);
            foreach (ref readonly var happening in life.Happenings)
            {
                if (happening.Kind is HappeningKind.SubscriptionStarted or HappeningKind.SubscriptionChanged or HappeningKind.SubscriptionResumed)
                {
                    meant.Add(happening.Terms.MrrMicros);
                }
            }
        }

        foreach (var price in Prices())
        {
            var period = price.Period;
            var unit = period.Unit == BillingUnit.Year ? Metrics.Domain.BillingUnit.Year : Metrics.Domain.BillingUnit.Month;
            written.Add((long)Money.PerMonth((Int128)period.AmountMicros * period.Quantity, unit, period.Count));
        }

        Assert.Equal(meant, written);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(25)]
    [InlineData(30)]
    [InlineData(50)]
    [InlineData(100)]
    public void SeatMicros_AnyDiscount_TimesTheSeatsIsThePrice(int percentOff)
    {
        for (var seats = 1; seats < 400; seats++)
        {
            var terms = new Terms(Plan.Business, Annual: true, seats, percentOff);
            Assert.Equal(terms.AmountMicros, terms.SeatMicros * seats);
        }
    }

    private static IEnumerable<Price> Prices() =>
        Facts.Select(f => f.SubscriptionStarted?.Price ?? f.SubscriptionChanged?.Price ?? f.SubscriptionResumed?.Price).OfType<Price>();
}
