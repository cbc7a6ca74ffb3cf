using Churn.Metrics.Domain;

namespace Churn.Metrics.Tests;

public class WindowTests
{
    private static readonly int Day = Calendar.DayOf(2024, 5, 17);

    [Theory]
    [InlineData(WindowKind.Days7, "2024-05-11", "2024-05-18")]
    [InlineData(WindowKind.Days30, "2024-04-18", "2024-05-18")]
    [InlineData(WindowKind.Days90, "2024-02-18", "2024-05-18")]
    [InlineData(WindowKind.Days365, "2023-05-19", "2024-05-18")]
    [InlineData(WindowKind.MonthToDate, "2024-05-01", "2024-05-18")]
    [InlineData(WindowKind.QuarterToDate, "2024-04-01", "2024-05-18")]
    [InlineData(WindowKind.YearToDate, "2024-01-01", "2024-05-18")]
    [InlineData(WindowKind.LastMonth, "2024-04-01", "2024-05-01")]
    public void At_ADay_HoldsTheDaysOfItsKind(WindowKind kind, string from, string end)
    {
        var window = Window.At(kind, Day);
        Assert.Equal((from, end), (Text(window.FromDay), Text(window.EndDay)));
    }

    [Theory]
    [InlineData(-1, 0, MovementKind.New)] // A microsecond before the window: no movement in it, the customer pays at its opening.
    [InlineData(0, 1, MovementKind.New)]
    [InlineData(1, 1, MovementKind.New)]
    [InlineData(6 * Calendar.Day, 1, MovementKind.New)]
    [InlineData((7 * Calendar.Day) - 1, 1, MovementKind.New)]
    [InlineData(7 * Calendar.Day, 0, MovementKind.New)]
    public void InWindow_AStart_CountsFromTheFirstInstantToTheLast(long after, int movements, MovementKind kind)
    {
        var window = Window.At(WindowKind.Days7, Day);
        var net = Movements.InWindow(window, [new Step(window.From + after, 10_000_000)]);
        Assert.Equal(movements, net.Delta == 0 ? 0 : 1);
        Assert.Equal(kind, net.Kind);
    }

    [Theory]
    [InlineData(WindowKind.Days7, MovementKind.Reactivation)] // It paid at the closing of a day.
    [InlineData(WindowKind.MonthToDate, MovementKind.New)] // It paid at the closing of no month.
    public void InWindow_PaidBeforeInsideOneMonth_IsNewByMonthAndNotByDay(WindowKind kind, MovementKind expected)
    {
        var april = Calendar.DayOf(2024, 4, 3) * Calendar.Day;
        Step[] steps = [new(april, 5), new(april + (3 * Calendar.Day), 0), new((Day - 1) * Calendar.Day, 5)];
        Assert.Equal(expected, Movements.InWindow(Window.At(kind, Day), steps).Kind);
    }

    [Fact]
    public void Law_LastMonth_IsTheMonthOfALedger() => Law.Holds(Generators.Businesses, business =>
    {
        var day = Calendar.FirstDay(business.To + 1) + 11;
        var window = Window.At(WindowKind.LastMonth, day);
        var sums = new WindowSums();
        foreach (var steps in StepsOf(business))
        {
            sums.Add(Movements.InWindow(window, steps), 1);
        }

        AssertSame(business.ToLedger().Months(Grain.Month)[^1], sums.ToBridge());
        Assert.Equal(0, sums.Imbalance);
    });

    [Fact]
    public void Law_TakingOut_LeavesWhatWasThere() => Law.Holds(Generators.Businesses, business =>
    {
        foreach (var kind in Enum.GetValues<WindowKind>())
        {
            var window = Window.At(kind, Calendar.FirstDay(business.To) + 9);
            var nets = StepsOf(business).Select(steps => Movements.InWindow(window, steps)).ToList();
            var (some, all) = (new WindowSums(), new WindowSums());
            nets.ForEach(net => all.Add(net, 1));
            foreach (var net in nets.Skip(1))
            {
                some.Add(net, 1);
            }

            foreach (var net in nets.Take(1))
            {
                all.Add(net, -1);
            }

            AssertSame(some.ToBridge(), all.ToBridge());
            Assert.Equal(0, all.Imbalance);
        }
    });

    [Fact]
    public void Law_WithoutDays_MonthsOfEveryGrainAreTheSame() => Law.Holds(Generators.Businesses, business =>
    {
        var (with, without) = (business.ToLedger(), new Ledger(business.Horizon, Business.Plans, keepsDays: false));
        var history = new History();
        foreach (var customer in business.Customers)
        {
            Term[] terms = [.. customer];
            history.Load(terms);
            without.Add(history, terms);
        }

        foreach (var grain in Enum.GetValues<Grain>())
        {
            Assert.All(with.Months(grain).Zip(without.Months(grain)), pair => AssertSame(pair.First, pair.Second));
        }
    });

    [Fact]
    public void Law_LookingNoFurther_ChangesNothingBefore() => Law.Holds(Generators.Businesses, business =>
    {
        var cut = Calendar.Start(business.To) + (9 * Calendar.Day);
        foreach (var customer in business.Customers)
        {
            Term[] whole = [.. customer], cutOff = [.. customer.Select(t => t.Before(cut))];
            Assert.Equal(StepsOf(whole).Where(s => s.At < cut), StepsOf(cutOff));
        }
    });

    private static IEnumerable<Step[]> StepsOf(Business business) => business.Customers.Select(c => StepsOf([.. c]));

    private static Step[] StepsOf(Term[] terms)
    {
        var steps = new Step[Timeline.MostSteps(terms.Length)];
        return steps[..Timeline.Build(terms, steps)];
    }

    private static void AssertSame(Bridge expected, Bridge actual)
    {
        Assert.Equal((expected.Opening, expected.Closing), (actual.Opening, actual.Closing));
        Assert.Equal((expected.OpeningCustomers, expected.ClosingCustomers), (actual.OpeningCustomers, actual.ClosingCustomers));
        Assert.Equal((expected.Lost, expected.Gained), (actual.Lost, actual.Gained));
        foreach (var kind in Enum.GetValues<MovementKind>())
        {
            Assert.Equal((kind, expected[kind], expected.Count(kind)), (kind, actual[kind], actual.Count(kind)));
        }
    }

    private static string Text(int day)
    {
        var (year, month, ofMonth) = Calendar.DateOfDay(day);
        return $"{year:0000}-{month:00}-{ofMonth:00}";
    }
}
