using Churn.Metrics.Domain;

namespace Churn.Metrics.Tests;

public class TimelineTests
{
    [Theory]
    [InlineData(9, 0)]
    [InlineData(10, 5)]
    [InlineData(15, 5)]
    [InlineData(20, 0)]
    [InlineData(21, 0)]
    public void Build_Term_HoldsItsStartAndNotItsEnd(long instant, long mrr)
    {
        foreach (var terms in new Term[][] { [new(10, 20, 5)], [new(10, 20, 5), new(0, 100, 0)] })
        {
            Assert.Equal(mrr, Steps(terms).LastOrDefault(s => s.At <= instant).Mrr);
        }
    }

    [Fact]
    public void Build_TermsThatMeet_AreOneStep() => Assert.Equal(
        [new Step(0, 5), new Step(10, 8), new Step(20, 0)], Steps(new Term(0, 10, 5), new Term(10, 20, 8)));

    [Fact]
    public void Build_TermsThatMeetAtOnePrice_AreNoStep() =>
        Assert.Equal([new Step(0, 5), new Step(20, 0)], Steps(new Term(0, 10, 5), new Term(10, 20, 5, State: TermState.PastDue)));

    [Fact]
    public void Build_Overlap_AddsUp() => Assert.Equal(
        [new Step(0, 5), new Step(5, 8), new Step(10, 3), new Step(20, 0)], Steps(new Term(5, 20, 3), new Term(0, 10, 5)));

    [Fact]
    public void Build_FixedTermsThatRanOut_Complete()
    {
        Assert.True(Steps(new Term(0, 10, 5, Completes: true))[^1].Completed);
        Assert.True(Steps(new Term(0, 10, 5, Completes: true), new Term(0, 10, 3, Completes: true))[^1].Completed);
        Assert.False(Steps(new Term(0, 10, 5, Completes: true), new Term(0, 10, 3))[^1].Completed);
        Assert.False(Steps(new Term(0, 10, 5, Completes: true), new Term(0, Calendar.Open, 3))[^1].Completed);
    }

    [Fact]
    public void Regression_Build_WhatWasPausedEndsLater_LeavesTheReasonAsItWas()
    {
        Assert.All(
            Steps(new Term(0, 10, 5, Completes: true), new Term(0, 20, 3, State: TermState.Paused)).Where(s => s.At >= 10),
            step => Assert.True(step.Completed));
        Assert.All(
            Steps(new Term(0, 10, 5), new Term(0, 20, 3, State: TermState.Paused, Completes: true)),
            step => Assert.False(step.Completed));
    }

    [Fact]
    public void Regression_Build_PausedTermsThatMeetAtACompletion_DoNotHideIt() => Assert.True(Steps(
        new Term(0, 10, 5, Completes: true), new Term(0, 10, 3, State: TermState.Paused), new Term(10, 20, 4, State: TermState.Paused))
        .Single(s => s.At == 10).Completed);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Build_AHundredThousandTerms_InAnyOrder_AreAllThere(bool reversed)
    {
        const int count = 100_000;
        var terms = Enumerable.Range(0, count).Select(i => new Term(i * 10L, (i * 10L) + 5, 1 + i, i % 3)).ToArray();
        if (reversed)
        {
            Array.Reverse(terms);
        }

        var history = new History();
        history.Load(terms);
        Assert.Equal(2 * count, history.Steps.Length);
        Assert.Equal(2 * count, history[Grain.Instant].Length);
        var horizon = new Horizon(0, 11, 0);
        var ledger = new Ledger(horizon, 3);
        ledger.Add(history, terms);
        Assert.Equal(count - 1, ledger.Months(Grain.Instant)[0].Count(MovementKind.Reactivation));
    }

    [Fact]
    public void Of_AHundredThousandFacts_InAnyOrder_AreAllThere()
    {
        const int count = 100_000;
        var facts = Enumerable.Range(0, count).Select(i => new Fact
        {
            Source = "s",
            EventId = $"{i}",
            OccurTime = (count - i) * Calendar.Second,
            Kind = i == count - 1 ? FactKind.SubscriptionStarted : FactKind.SubscriptionChanged,
            Subscription = "a",
            Mrr = 1 + i,
        }).ToArray();
        Assert.Equal(count, Timeline.Build(facts, Policy.Standard).Length);
    }

    [Fact]
    public void Build_MoreThanAnInt64_Throws() => Assert.Throws<OverflowException>(() =>
        Steps(new Term(0, 10, long.MaxValue), new Term(0, 10, 1)));

    private static Step[] Steps(params Term[] terms)
    {
        var steps = new Step[Timeline.MostSteps(terms.Length)];
        return steps[..Timeline.Build(terms, steps)];
    }
}
