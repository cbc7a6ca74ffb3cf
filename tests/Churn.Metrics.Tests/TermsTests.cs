using Churn.Metrics.Domain;
using static Churn.Metrics.Domain.FactKind;

namespace Churn.Metrics.Tests;

public class TermsTests
{
    private const int Never = int.MaxValue;
    private const int Basic = 1;
    private const int Team = 2;

    [Fact]
    public void Of_NoFacts_IsNothing() => Assert.Empty(Terms.Of([], Policy.Standard));

    [Fact]
    public void Of_Start_RunsOn() => AssertTerms([Start(0, 50)], Term(0, Never, 50));

    [Fact]
    public void Of_StartAndEnd_IsHalfOpen() => AssertTerms([Start(0, 50), Say(SubscriptionEnded, 10)], Term(0, 10, 50));

    [Fact]
    public void Of_StartAndEndAtOneInstant_IsNothing() => AssertTerms([Say(SubscriptionEnded, 0), Start(0, 50)]);

    [Fact]
    public void Of_EndAndStartAtOneInstant_NeedsTheSourcesSequence()
    {
        var end = Say(SubscriptionEnded, 10);
        var again = Start(10, 60);
        AssertTerms([Start(0, 50), end, again], Term(0, 10, 50));
        AssertTerms([Start(0, 50), end with { Sequence = 1 }, again with { Sequence = 2 }], Term(0, 10, 50), Term(10, Never, 60));
    }

    [Fact]
    public void Of_FactsOfOneInstant_GoBySequenceThenKindThenEventId()
    {
        var (first, second) = (Change(10, 60) with { EventId = "x" }, Change(10, 70) with { EventId = "y" });
        AssertTerms([Start(0, 50), first, second], Term(0, 10, 50), Term(10, Never, 70));
        AssertTerms([Start(0, 50), first with { Sequence = 1 }, second], Term(0, 10, 50), Term(10, Never, 60));
        AssertTerms([Start(0, 50), Say(SubscriptionPaused, 10), first], Term(0, 10, 50), Term(10, Never, 60, TermState.Paused));
    }

    [Fact]
    public void Of_Change_IsATermOfItsOwn() => AssertTerms(
        [Start(0, 50), Change(10, 80) with { Plan = Team }], Term(0, 10, 50), Term(10, Never, 80) with { Plan = Team });

    [Fact]
    public void Of_StartWhileItRuns_StatesTheTermsAnew() => AssertTerms([Start(0, 50), Start(10, 80)], Term(0, 10, 50), Term(10, Never, 80));

    [Theory]
    [InlineData(SubscriptionChanged)]
    [InlineData(SubscriptionResumed)]
    [InlineData(SubscriptionPaused)]
    [InlineData(CancellationRevoked)]
    [InlineData(InvoicePastDue)]
    [InlineData(PaymentSucceeded)]
    [InlineData(SubscriptionEnded)]
    public void Of_AfterAnEnd_NothingButAStartCounts(FactKind kind)
    {
        var late = Say(kind, 20) with { Mrr = 99, Invoice = "i" };
        AssertTerms([Start(0, 50), Say(SubscriptionEnded, 10), late], Term(0, 10, 50));
        AssertTerms([Start(0, 50), Say(SubscriptionEnded, 10), late, Start(30, 60)], Term(0, 10, 50), Term(30, Never, 60));
    }

    [Theory]
    [InlineData(SubscriptionChanged)]
    [InlineData(SubscriptionPaused)]
    [InlineData(CancellationScheduled)]
    [InlineData(InvoicePastDue)]
    [InlineData(SubscriptionEnded)]
    public void Of_BeforeAStart_NothingCounts(FactKind kind) =>
        AssertTerms([Say(kind, 0) with { Mrr = 99, Invoice = "i", EffectiveTime = kind == CancellationScheduled ? Day(20) : null }, Start(10, 50)], Term(10, Never, 50));

    [Theory]
    [InlineData(29, Never)]
    [InlineData(30, 30)]
    [InlineData(31, 30)]
    public void Of_CancellationScheduled_EndsThenUnlessRevokedBefore(int revokedOn, int end) => AssertTerms(
        [Start(0, 50), Schedule(5, 30), Say(CancellationRevoked, revokedOn)],
        Term(0, end, 50));

    [Theory]
    [InlineData(20, 20)]
    [InlineData(30, 30)]
    [InlineData(40, 30)]
    public void Of_ScheduledAndExplicitEnd_TheEarlierWins(int endedOn, int end) =>
        AssertTerms([Start(0, 50), Schedule(5, 30), Say(SubscriptionEnded, endedOn)], Term(0, end, 50));

    [Fact]
    public void Of_CancellationScheduledAgain_TheLastStands() =>
        AssertTerms([Start(0, 50), Schedule(5, 30), Schedule(10, 60)], Term(0, 60, 50));

    [Fact]
    public void Of_CancellationScheduledForThePast_EndsWhenItIsSaid() =>
        AssertTerms([Start(0, 50), Schedule(10, 5)], Term(0, 10, 50));

    [Fact]
    public void Of_CancellationScheduledWithoutTime_EndsAtOnce() =>
        AssertTerms([Start(0, 50), Say(CancellationScheduled, 10)], Term(0, 10, 50));

    [Fact]
    public void Of_ScheduledEndThenStart_IsANewLife() =>
        AssertTerms([Start(0, 50), Schedule(5, 30), Start(30, 60)], Term(0, 30, 50), Term(30, Never, 60));

    [Fact]
    public void Of_FixedTerm_Completes()
    {
        AssertTerms([Start(0, 50), Say(SubscriptionEnded, 10) with { Completes = true }], Term(0, 10, 50) with { Completes = true });
        AssertTerms([Start(0, 50), Schedule(5, 30) with { Completes = true }], Term(0, 30, 50) with { Completes = true });
        AssertTerms(
            [Start(0, 50), Schedule(5, 30) with { Completes = true }, Say(SubscriptionEnded, 20)], Term(0, 20, 50));
    }

    [Fact]
    public void Of_PastDueAndNeverPaid_EndsThirtyDaysAfterItFellDue() =>
        AssertTerms([Start(0, 50), PastDue(59, "i")], Term(0, 59, 50), Term(59, 89, 50, TermState.PastDue));

    [Fact]
    public void Of_PastDueSaidLater_CountsFromWhenItFellDue() =>
        AssertTerms([Start(0, 50), PastDue(12, "i") with { EffectiveTime = Day(10) }], Term(0, 10, 50), Term(10, 40, 50, TermState.PastDue));

    [Theory]
    [InlineData(39)]
    [InlineData(40)]
    [InlineData(400)]
    public void Of_PastDueAndPaid_IsUndoneHoweverLate(int paidOn) =>
        AssertTerms(
            [Start(0, 50), PastDue(10, "i"), Pay(paidOn, "i")],
            Term(0, 10, 50), Term(10, paidOn, 50, TermState.PastDue), Term(paidOn, Never, 50));

    [Theory]
    [InlineData(5)]
    [InlineData(10)]
    public void Of_PaidBeforeOrWhenDue_IsNeverPastDue(int paidOn) =>
        AssertTerms([Start(0, 50), PastDue(10, "i"), Pay(paidOn, "i")], Term(0, Never, 50));

    [Fact]
    public void Of_AnotherInvoice_KeepsItsOwnClock() => AssertTerms(
        [Start(0, 50), PastDue(10, "i"), PastDue(20, "j"), Pay(25, "i")],
        Term(0, 10, 50), Term(10, 50, 50, TermState.PastDue));

    [Fact]
    public void Of_TwoInvoicesUnpaid_TheFirstClockEndsIt() => AssertTerms(
        [Start(0, 50), PastDue(10, "i"), PastDue(20, "j")],
        Term(0, 10, 50), Term(10, 40, 50, TermState.PastDue));

    [Fact]
    public void Of_EndBeforeTheClock_TheEndWins() => AssertTerms(
        [Start(0, 50), PastDue(10, "i"), Say(SubscriptionEnded, 25)], Term(0, 10, 50), Term(10, 25, 50, TermState.PastDue));

    [Fact]
    public void Of_StartAfterAnEndPastDue_HasNoOldClock() => AssertTerms(
        [Start(0, 50), PastDue(10, "i"), Say(SubscriptionEnded, 15), Start(20, 60)],
        Term(0, 10, 50), Term(10, 15, 50, TermState.PastDue), Term(20, Never, 60));

    [Fact]
    public void Of_PaymentFromAnotherSource_PaysTheInvoice() => AssertTerms(
        [Start(0, 50), PastDue(10, "i"), Pay(20, "i") with { Source = "bank", Subscription = null }],
        Term(0, 10, 50), Term(10, 20, 50, TermState.PastDue), Term(20, Never, 50));

    [Fact]
    public void Of_Policy_SetsTheClock() => Assert.Equal(
        [Term(0, 10, 50), Term(10, 24, 50, TermState.PastDue)],
        Terms.Of([Start(0, 50), PastDue(10, "i")], new Policy("two weeks", 1, PastDueDays: 14)));

    [Fact]
    public void Of_Pause_IsPausedUntilResumed() => AssertTerms(
        [Start(0, 50), Say(SubscriptionPaused, 10), Resume(20, 60)],
        Term(0, 10, 50), Term(10, 20, 50, TermState.Paused), Term(20, Never, 60));

    [Fact]
    public void Of_ChangeWhilePaused_StaysPaused() => AssertTerms(
        [Start(0, 50), Say(SubscriptionPaused, 10), Change(15, 60)],
        Term(0, 10, 50), Term(10, 15, 50, TermState.Paused), Term(15, Never, 60, TermState.Paused));

    [Fact]
    public void Of_EndWhilePaused_EndsThePause() => AssertTerms(
        [Start(0, 50), Say(SubscriptionPaused, 10), Say(SubscriptionEnded, 20), Start(30, 50)],
        Term(0, 10, 50), Term(10, 20, 50, TermState.Paused), Term(30, Never, 50));

    [Fact]
    public void Of_PastDueWhilePaused_StaysPausedAndTheClockRuns() => AssertTerms(
        [Start(0, 50), Say(SubscriptionPaused, 10), PastDue(15, "i")],
        Term(0, 10, 50), Term(10, 45, 50, TermState.Paused));

    [Fact]
    public void Of_Trial_IsATrialUntilItChanges() => AssertTerms(
        [Start(0, 50) with { Trial = true }, Change(14, 50)], Term(0, 14, 50, TermState.Trial), Term(14, Never, 50));

    [Fact]
    public void Of_PausedTrial_HasNoMrrToPause() => AssertTerms(
        [Start(0, 50) with { Trial = true }, Say(SubscriptionPaused, 7)], Term(0, 7, 50, TermState.Trial), Term(7, Never, 0, TermState.Paused));

    [Fact]
    public void Of_Corrections_TheLastOneIsRight()
    {
        var first = Change(10, 60);
        var second = Change(10, 70) with { EventId = "second", Retracts = first.EventId };
        var third = Change(10, 80) with { EventId = "third", Retracts = second.EventId };
        AssertTerms([Start(0, 50), third, second, first], Term(0, 10, 50), Term(10, Never, 80));
    }

    [Fact]
    public void Of_RetractionFromAnotherSource_DoesNotReach()
    {
        var end = Say(SubscriptionEnded, 10);
        AssertTerms([Start(0, 50), end, Say(Retraction, 11) with { Source = "other", Retracts = end.EventId }], Term(0, 10, 50));
        AssertTerms([Start(0, 50), end, Say(Retraction, 11) with { Retracts = end.EventId }], Term(0, Never, 50));
    }

    [Fact]
    public void Timeline_OfFacts_NetsTheSubscriptionsOfACustomer()
    {
        Fact[] facts =
        [
            Start(0, 50), Say(SubscriptionEnded, 10), Start(10, 80) with { Subscription = "other", EventId = "other" },
            Say(SubscriptionPaused, 20) with { Subscription = "other" },
        ];
        Assert.Equal(
            [new Step(Day(0), 50), new Step(Day(10), 80), new Step(Day(20), 0, Paused: 80)], Timeline.Build(facts, Policy.Standard));
    }

    [Fact]
    public void Standard_Policy_HasNameVersionAndClock() => Assert.Equal(("standard@1", 30), (Policy.Standard.ToString(), Policy.Standard.PastDueDays));

    private static long Day(int day) => day == Never ? Calendar.Open : day * Calendar.Day;

    private static Term Term(int start, int end, long mrr, TermState state = TermState.Active) => new(Day(start), Day(end), mrr, Basic, state);

    private static Fact Say(FactKind kind, int day) =>
        new() { Source = "s", EventId = $"{kind}@{day}", OccurTime = Day(day), Kind = kind, Subscription = "sub", Plan = Basic };

    private static Fact Start(int day, long mrr) => Say(SubscriptionStarted, day) with { Mrr = mrr };

    private static Fact Change(int day, long mrr) => Say(SubscriptionChanged, day) with { Mrr = mrr };

    private static Fact Resume(int day, long mrr) => Say(SubscriptionResumed, day) with { Mrr = mrr };

    private static Fact Schedule(int day, int end) => Say(CancellationScheduled, day) with { EffectiveTime = Day(end) };

    private static Fact PastDue(int day, string invoice) => Say(InvoicePastDue, day) with { Invoice = invoice };

    private static Fact Pay(int day, string invoice) => Say(PaymentSucceeded, day) with { Invoice = invoice };

    private static void AssertTerms(Fact[] facts, params Term[] expected)
    {
        Assert.Equal(expected, Terms.Of(facts, Policy.Standard));
        Assert.Equal(expected, Terms.Of([.. facts.Reverse()], Policy.Standard));
    }
}
