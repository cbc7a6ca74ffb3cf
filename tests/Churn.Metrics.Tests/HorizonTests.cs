using Churn.Metrics.Domain;

namespace Churn.Metrics.Tests;

public class HorizonTests
{
    private static readonly int From = Calendar.MonthOf(2024, 1);
    private static readonly int To = Calendar.MonthOf(2024, 2);

    [Fact]
    public void Horizon_Months_AreInclusive()
    {
        var horizon = new Horizon(From, To, From - 3);
        Assert.Equal((2, 31 + 29, From - 3), (horizon.Months, horizon.Days, horizon.First));
        Assert.Equal(Calendar.DayOf(2024, 1, 1), horizon.FirstDay);
        Assert.Equal(Calendar.Start(To + 1), horizon.End);
    }

    [Fact]
    public void Horizon_FirstAfterFrom_IsFrom() => Assert.Equal(From, new Horizon(From, To, From + 1).First);

    [Fact]
    public void Horizon_EndsBeforeItBegins_Throws() => Assert.Throws<ArgumentOutOfRangeException>(() => new Horizon(From, From - 1, From));

    public static TheoryData<long, int, int> AroundTheHorizon => new()
    {
        // The instant of a start; the month whose movement it is (-1: it opened before); the months at whose closing it pays.
        { Calendar.Start(From) - 1, -1, 2 },
        { Calendar.Start(From), 0, 2 },
        { Calendar.Start(From) + Calendar.Day, 0, 2 },
        { Calendar.Start(To) - 1, 0, 2 },
        { Calendar.Start(To), 1, 1 },
        { Calendar.Start(To + 1) - 1, 1, 1 },
        { Calendar.Start(To + 1), 2, 0 },
        { Calendar.Start(To + 1) + 1, 2, 0 },
    };

    [Theory]
    [MemberData(nameof(AroundTheHorizon))]
    public void Ledger_Start_CountsWhereItFalls(long start, int month, int closings)
    {
        var ledger = new Business(From, To, [[new Term(start, Calendar.Open, 5)]]).ToLedger();
        foreach (var grain in Enum.GetValues<Grain>())
        {
            var months = ledger.Months(grain);
            Assert.Equal(month == -1 ? 5 : 0, months[0].Opening);
            Assert.Equal([month == 0 ? 1 : 0, month == 1 ? 1 : 0], months.Select(m => m.Count(MovementKind.New)));
            Assert.Equal(closings, months.Count(m => m.Closing == 5));
        }

        Assert.Equal(closings, ledger.PlanClosings().Count);
        Assert.Equal(closings > 0 ? 1 : 0, ledger.Cohorts(CohortBasis.FirstClosing).Count);
    }

    [Theory]
    [InlineData(-1, 0)]
    [InlineData(0, 1)]
    [InlineData(1, 1)]
    public void Ledger_TermThatEndsAroundAMonthsEnd_PaysAtItsClosingUnlessItEndsBefore(long offset, int expected)
    {
        var ledger = new Business(From, To, [[new Term(Calendar.Start(From), Calendar.Start(To) + offset, 5)]]).ToLedger();
        Assert.Equal(expected, ledger.Months(Grain.Month)[0].ClosingCustomers);
        Assert.Equal(expected, ledger.Months(Grain.Month)[1].Count(MovementKind.Churn));
        Assert.Equal(expected, ledger.PlanClosings().Count);
    }

    [Fact]
    public void Ledger_Empty_IsAllZeroAndUndefined()
    {
        var ledger = new Ledger(new Horizon(From, To, From), 0);
        Assert.All(ledger.Months(Grain.Month), m => Assert.Equal((0, 0, 0), ((int)m.Opening, (int)m.Closing, (int)m.ClosingCustomers)));
        Assert.All(ledger.Months(Grain.Month), m => Assert.False(new Rates(m).LogoChurn.IsDefined));
        Assert.Empty(ledger.TrailingYears());
        Assert.Empty(ledger.Cohorts(CohortBasis.FirstClosing));
        Assert.Empty(ledger.PlanClosings());
    }
}
