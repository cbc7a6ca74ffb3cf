namespace Churn.Cli.Tests.Generate;

/// <summary>Monthly logo churn, counted from the intervals alone as a report counts it, shows the hazards that are documented.</summary>
public sealed class HazardsTests
{
    private const int Months = 36;
    private static readonly List<CustomerMonth> Exposure = CustomerMonths(Generated.Rows(Generated.Intervals(20_000)));

    [Fact]
    public void Churn_Overall_IsThatOfASmallBusinessService() => Assert.InRange(Churn(_ => true), 0.02, 0.035);

    [Fact]
    public void Churn_PaidChannelWithDiscount_IsTwoToThreeTimesThatOfOrganicWithout() => AssertRatio(
        m => m.Last is { Channel: "paid", Offer: "discount" }, m => m.Last is { Channel: "organic", Offer: "none" }, 2.0, 3.0);

    [Fact]
    public void Churn_PaidChannel_IsAboveOrganicAndSalesBelow()
    {
        AssertRatio(m => m.Last.Channel == "paid", m => m.Last.Channel == "organic", 1.4, 1.9);
        AssertRatio(m => m.Last.Channel == "sales", m => m.Last.Channel == "organic", 0.65, 0.9);
    }

    [Fact]
    public void Churn_Discount_IsAboveNoOffer() => AssertRatio(m => m.Last.Offer == "discount", m => m.Last.Offer == "none", 1.25, 1.75);

    [Fact]
    public void Churn_Size_FallsWithSize()
    {
        AssertRatio(m => m.Last.Size == "self-employed", m => m.Last.Size == "small", 1.4, 1.9);
        AssertRatio(m => m.Last.Size == "mid", m => m.Last.Size == "small", 0.45, 0.8);
        AssertRatio(m => m.Last.Size == "enterprise", m => m.Last.Size == "mid", 0.3, 0.75);
    }

    [Fact]
    public void Churn_Industry_IsHigherInHospitalityThanInHealth() =>
        AssertRatio(m => m.Last.Industry == "hospitality", m => m.Last.Industry == "health", 1.2, 1.8);

    [Fact]
    public void Churn_Country_MakesNoDifference() => AssertRatio(m => m.Last.Country == "US", m => m.Last.Country != "US", 0.9, 1.12);

    [Fact]
    public void Churn_Annual_IsFarBelowMonthly() =>
        AssertRatio(m => m.Last.BillingPeriod == "year", m => m.Last.BillingPeriod == "month", 0.08, 0.25);

    [Fact]
    public void Churn_EarlyLife_IsAboveLater() => AssertRatio(m => m.Age < 3, m => m.Age >= 12, 1.5, 2.3);

    [Fact]
    public void Churn_RequestsOfJanuary_ExceedThoseOfDecember()
    {
        // Who asks in one month leaves, on a monthly term, at the turn of a term in the next.
        AssertRatio(m => m.CalendarMonth == 2, m => m.CalendarMonth == 1, 1.1, 1.7);
    }

    [Fact]
    public void Signups_Seasons_ShowInTheMonths()
    {
        var firsts = Generated.Rows(Generated.Intervals(20_000)).DistinctBy(r => r.CustomerId).GroupBy(r => r.Start.Month).ToDictionary(g => g.Key, g => g.Count());
        Assert.True(firsts[9] > 1.4 * firsts[7]);
        Assert.True(firsts[12] < 0.8 * firsts[11]);
        Assert.True(firsts[1] > 1.1 * firsts[3]);
    }

    private static void AssertRatio(Func<CustomerMonth, bool> group, Func<CustomerMonth, bool> against, double low, double high) =>
        Assert.InRange(Churn(group) / Churn(against), low, high);

    private static double Churn(Func<CustomerMonth, bool> group)
    {
        var months = Exposure.Where(group).ToList();
        return months.Count(m => m.Churned) / (double)months.Count;
    }

    /// <summary>Every month at whose opening a customer was paying, with whether it was not at its closing.</summary>
    private static List<CustomerMonth> CustomerMonths(List<Row> rows)
    {
        var closings = Enumerable.Range(1, Months).Select(m => Generated.Start.AddMonths(m)).ToArray();
        var months = new List<CustomerMonth>();
        foreach (var customer in rows.Where(r => r.MrrCents > 0).GroupBy(r => r.CustomerId))
        {
            var paying = new Row?[Months];
            foreach (var row in customer)
            {
                for (var m = 0; m < Months; m++)
                {
                    if (row.Start < closings[m] && (row.End is null || closings[m] <= row.End))
                    {
                        paying[m] = row;
                    }
                }
            }

            var age = 0;
            for (var m = 1; m < Months; m++)
            {
                if (paying[m - 1] is { } last)
                {
                    months.Add(new CustomerMonth(last, age++, closings[m - 1].Month, paying[m] is null));
                }
            }
        }

        return months;
    }

    /// <summary>A month at whose opening a customer was paying.</summary>
    /// <param name="Last">The row that was running at the opening.</param>
    /// <param name="Age">At how many openings before this one the customer was paying.</param>
    /// <param name="CalendarMonth">The month, 1 to 12.</param>
    /// <param name="Churned">Whether nothing was paid at the closing.</param>
    private sealed record CustomerMonth(Row Last, int Age, int CalendarMonth, bool Churned);
}
