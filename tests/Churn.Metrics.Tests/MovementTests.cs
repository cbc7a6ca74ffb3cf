using Churn.Metrics.Domain;

namespace Churn.Metrics.Tests;

public class MovementTests
{
    private static readonly long January = Calendar.Start(Calendar.MonthOf(2024, 1));
    private static readonly long February = Calendar.Start(Calendar.MonthOf(2024, 2));
    private static readonly long March = Calendar.Start(Calendar.MonthOf(2024, 3));

    public static TheoryData<long, int> AroundAMonth => new()
    {
        { February - 1, Calendar.MonthOf(2024, 1) },
        { February, Calendar.MonthOf(2024, 2) },
        { February + (10 * Calendar.Day), Calendar.MonthOf(2024, 2) },
        { March - 1, Calendar.MonthOf(2024, 2) },
        { March, Calendar.MonthOf(2024, 3) },
    };

    public static TheoryData<long, int> AroundADay => new()
    {
        { -1, -1 }, { 0, 0 }, { Calendar.Day / 2, 0 }, { Calendar.Day - 1, 0 }, { Calendar.Day, 1 },
    };

    [Theory]
    [MemberData(nameof(AroundAMonth))]
    public void Read_ByMonth_WhatHappensAtTheEndBelongsToTheNext(long at, int month)
    {
        Assert.Equal([new Movement(month, 0, 5, MovementKind.New)], Read(Grain.Month, new Term(at, Calendar.Open, 5)));
        Assert.Equal(new Movement(month, 5, 0, MovementKind.Churn), Read(Grain.Month, new Term(January - 1, at, 5))[^1]);
    }

    [Theory]
    [MemberData(nameof(AroundADay))]
    public void Read_ByDay_WhatHappensAtTheEndBelongsToTheNext(long at, int day)
    {
        Assert.Equal([new Movement(day, 0, 5, MovementKind.New)], Read(Grain.Day, new Term(at, Calendar.Open, 5)));
        Assert.Equal(new Movement(day, 5, 0, MovementKind.Churn), Read(Grain.Day, new Term(-2 * Calendar.Day, at, 5))[^1]);
    }

    [Fact]
    public void Read_ByInstant_NetsWhatChangesAtOneMicrosecond() => Assert.Equal(
        [new Movement(0, 0, 5, MovementKind.New), new Movement(1, 5, 3, MovementKind.Contraction), new Movement(2, 3, 4, MovementKind.Expansion)],
        Read(Grain.Instant, new Term(0, 1, 5), new Term(1, 2, 3), new Term(2, Calendar.Open, 4)));

    [Fact]
    public void Read_InAndOutWithinAPeriod_IsNoMovementAndNotPaidBefore()
    {
        Term[] terms = [new(January, January + Calendar.Day, 5), new(February, Calendar.Open, 5)];
        Assert.Equal([new Movement(Calendar.MonthOf(February), 0, 5, MovementKind.New)], Read(Grain.Month, terms));
        Assert.Equal([MovementKind.New, MovementKind.Churn, MovementKind.Reactivation], Read(Grain.Day, terms).Select(m => m.Kind));
    }

    [Fact]
    public void Read_Pause_IsNeitherChurnNorReactivation() => Assert.Equal(
        [MovementKind.New, MovementKind.Paused, MovementKind.Resumed],
        Read(Grain.Day, new Term(January, February, 5), new Term(February, March, 5, State: TermState.Paused), new Term(March, Calendar.Open, 5))
            .Select(m => m.Kind));

    [Fact]
    public void Read_EndWhilePausedThenReturn_IsReactivation() => Assert.Equal(
        [MovementKind.New, MovementKind.Paused, MovementKind.Reactivation],
        Read(Grain.Day, new Term(January, February, 5), new Term(February, March, 5, State: TermState.Paused), new Term(March + Calendar.Day, Calendar.Open, 5))
            .Select(m => m.Kind));

    [Fact]
    public void Read_PauseOfOneOfTwo_IsPausedWhenThePauseExplainsAll()
    {
        Term[] two =
        [
            new(January, Calendar.Open, 3), new(January, February, 5), new(February, March, 5, State: TermState.Paused), new(March, Calendar.Open, 5),
        ];
        Assert.Equal([MovementKind.New, MovementKind.Paused, MovementKind.Resumed], Read(Grain.Day, two).Select(m => m.Kind));
        Assert.Equal(
            [MovementKind.New, MovementKind.Contraction],
            Read(Grain.Day, new Term(January, Calendar.Open, 3), new Term(January, February, 5), new Term(February, March, 4, State: TermState.Paused))
                .Select(m => m.Kind));
    }

    [Fact]
    public void Regression_Read_FirstPaidAfterAPause_IsNew() => Assert.Equal(
        [MovementKind.New],
        Read(
            Grain.Month, new Term(January, January + Calendar.Day, 5), new Term(January + Calendar.Day, February, 5, State: TermState.Paused),
            new Term(February, Calendar.Open, 5))
            .Select(m => m.Kind));

    [Fact]
    public void Regression_Read_WhatComesOrGoesBesideAPause_IsNotThePauses() => Assert.Equal(
        [MovementKind.New, MovementKind.Paused, MovementKind.Reactivation, MovementKind.Churn],
        Read(
            Grain.Day, new Term(January, February, 5), new Term(February, Calendar.Open, 5, State: TermState.Paused),
            new Term(March, March + Calendar.Day, 3))
            .Select(m => m.Kind));

    [Fact]
    public void Read_FixedTermThatRanOut_IsCompleted() => Assert.Equal(
        [MovementKind.New, MovementKind.Completed], Read(Grain.Month, new Term(January, March, 5, Completes: true)).Select(m => m.Kind));

    private static Movement[] Read(Grain grain, params Term[] terms)
    {
        var history = new History();
        history.Load(terms);
        return history[grain].ToArray();
    }
}
