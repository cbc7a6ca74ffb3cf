using Churn.Metrics.Domain;
using Churn.Metrics.Domain.Signals;

namespace Churn.Metrics.Tests.Signals;

public sealed class StretchTests
{
    private const long Start = 20_000 * Calendar.Day;

    private int _ids;

    [Fact]
    public void Pass_InvoicePastDue_IsToldEachOf90DaysAndLosesTheCustomerOnThe30th()
    {
        var raised = Told(Start + (200 * Calendar.Day), Started(0), PastDue(10, "i"));
        Assert.Equal(Enumerable.Range(0, 91).Select(d => $"time:past_due:i:{d}"), raised.Select(s => s.Id));
        Assert.Equal(Enumerable.Range(10, 91).Select(d => Start + (d * Calendar.Day)), raised.Select(s => s.Time));
        Assert.All(raised, s => Assert.Equal(s.Deadline!.Days == 30 ? 1 : 0, s.Changes.Count));
        Assert.Equal((MovementKind.Churn, false), (raised[30].Changes[0].Movement.Kind, raised[30].Changes[0].Undone));
        Assert.Equal((CustomerState.PastDue, CustomerState.Ended), (raised[29].Standing.State, raised[30].Standing.State));
    }

    [Theory]
    [InlineData("paid on the third day", 3, 3)]
    [InlineData("paid before it was due", -1, 0)]
    [InlineData("paid when it was due", 0, 0)]
    [InlineData("paid after all days", 91, 91)]
    public void Pass_InvoicePaid_IsToldOfTheDaysBefore(string what, int paidAfter, int days)
    {
        Assert.NotEmpty(what);
        var raised = Told(Start + (200 * Calendar.Day), Started(0), PastDue(10, "i"), Of(FactKind.PaymentSucceeded, 10 + paidAfter) with { Invoice = "i" });
        Assert.Equal(days, raised.Count);
    }

    [Fact]
    public void Pass_InvoiceOfASubscriptionThatEnds_IsToldNoLonger()
    {
        Assert.Equal(5, Told(Start + (200 * Calendar.Day), Started(0), PastDue(10, "i"), Of(FactKind.SubscriptionEnded, 15)).Count);

        // After the churn is recognised it still is, until somebody ends it or it starts anew.
        Assert.Equal(45, Told(Start + (200 * Calendar.Day), Started(0), PastDue(10, "i"), Of(FactKind.SubscriptionEnded, 55)).Count);
        Assert.Equal(45, Told(Start + (200 * Calendar.Day), Started(0), PastDue(10, "i"), Started(55)).Count);
        var overtaken = Told(Start + (200 * Calendar.Day), Started(0), PastDue(10, "i"), Of(FactKind.CancellationScheduled, 11) with { EffectiveTime = At(55) });
        Assert.Equal(45, overtaken.Count(s => s.Deadline!.Kind == DeadlineKind.PastDue));
        Assert.Equal([30], overtaken.Where(s => s.Deadline!.Kind == DeadlineKind.ScheduledEnd).Select(s => s.Deadline!.Days));

        // One that never ran owes nothing.
        Assert.Empty(Told(Start + (200 * Calendar.Day), PastDue(10, "i")));
    }

    [Fact]
    public void Pass_ScheduledEnd_IsToldFromItsSchedulingToTheEnd()
    {
        var raised = Told(Start + (200 * Calendar.Day), Started(0), Of(FactKind.CancellationScheduled, 10) with { EffectiveTime = At(24), Reason = "price" });
        Assert.Equal([14, 7, 3, 1, 0], raised.Select(s => s.Deadline!.Days));
        Assert.Equal([At(10), At(17), At(21), At(23), At(24)], raised.Select(s => s.Time));
        Assert.All(raised, s => Assert.Equal(("sub", "price"), (s.Deadline!.Subject, s.Deadline.Reason)));
        Assert.Equal([0, 0, 0, 0, 1], raised.Select(s => s.Changes.Count));
    }

    [Fact]
    public void Pass_ScheduledEndThatIsRevokedOrMoved_IsToldAsItStands()
    {
        var scheduled = Of(FactKind.CancellationScheduled, 10) with { EffectiveTime = At(24) };
        Assert.Equal([14, 7], Told(At(200), Started(0), scheduled, Of(FactKind.CancellationRevoked, 21)).Select(s => s.Deadline!.Days));
        Assert.Equal([14, 7, 3, 1, 0], Told(At(200), Started(0), scheduled, Of(FactKind.CancellationRevoked, 25)).Select(s => s.Deadline!.Days));
        var moved = Told(At(200), Started(0), scheduled, Of(FactKind.CancellationScheduled, 18) with { EffectiveTime = At(30) });
        Assert.Equal([At(10), At(17), At(23), At(27), At(29), At(30)], moved.Select(s => s.Time));
        Assert.Equal(moved.Count, moved.Select(s => s.Id).Distinct().Count());
        Assert.Empty(Told(At(200), scheduled));
    }

    [Fact]
    public void Pass_Renewal_IsToldByTheDateThatHoldsThen()
    {
        var date = new DateOnly(1970, 1, 1).AddDays(20_100).ToString("yyyy-MM-dd", null);
        var later = new DateOnly(1970, 1, 1).AddDays(20_130).ToString("yyyy-MM-dd", null);
        Assert.Equal([90, 60, 45, 30, 21, 14, 7, 3, 1], Told(At(300), Renewal(10, date)).Select(s => s.Deadline!.Days));
        var moved = Told(At(300), Renewal(10, date), Renewal(50, later));
        Assert.Equal([At(10), At(40), At(70)], moved.Take(3).Select(s => s.Time));
        Assert.Equal([90, 60], Told(At(300), Renewal(10, date), Renewal(55, "")).Select(s => s.Deadline!.Days));
        Assert.Equal([90, 60], Told(At(300), Renewal(10, date), Of(FactKind.CustomerErased, 55)).Select(s => s.Deadline!.Days));
        Assert.Empty(Told(At(300), Renewal(10, "soon")));
    }

    [Fact]
    public void Pass_Absence_IsToldBetweenFactsAndAfterTheLast()
    {
        var touch = Of(FactKind.Other, 10) with { Name = "touch_logged" };
        var raised = Told(At(300), touch, touch with { EventId = "again", OccurTime = At(13) });
        Assert.Equal([1, 2, 1, 2, 3, 5, 7, 10, 14, 21, 30, 45, 60, 90], raised.Select(s => s.Deadline!.Days));
        Assert.Equal([At(11), At(12), At(14)], raised.Take(3).Select(s => s.Time));
        Assert.Empty(Told(At(300), Of(FactKind.Other, 10) with { Name = "mention" }));
    }

    [Fact]
    public void Arrive_LatePayment_TakesBackTheDaysSinceItWasPaid()
    {
        var signaller = new Signaller(Policy.Standard, plan => plan, Start - 1);
        var raised = new List<Signal>();
        signaller.Arrive(Started(0), At(0), raises: true, raised);
        signaller.Arrive(PastDue(10, "i"), At(10), raises: true, raised);
        raised.Clear();
        signaller.Arrive(Of(FactKind.PaymentSucceeded, 12) with { Invoice = "i", EventId = "paid" }, At(14), raises: true, raised);

        Assert.Equal(
            ["time:past_due:i:1", "time:past_due:i:2", "time:past_due:i:3", "time:past_due:i:4", "fact:s:paid", "time:past_due:i:2!", "time:past_due:i:3!", "time:past_due:i:4!"],
            raised.Select(s => s.Id + (s.Retracted ? "!" : "")));
        var paid = raised.Single(s => s.Fact is not null);
        Assert.Equal((MovementKind.Churn, true, At(40)), (paid.Changes[0].Movement.Kind, paid.Changes[0].Undone, paid.Changes[0].Movement.Period));
        Assert.Equal(CustomerState.Active, paid.Standing.State);
    }

    [Fact]
    public void Arrive_RetractionOfWhatWasSignalled_SaysSoHoweverLate()
    {
        var signaller = new Signaller(Policy.Standard, plan => plan, Start - 1);
        var raised = new List<Signal>();
        signaller.Arrive(Started(0) with { EventId = "wrong" }, At(0), raises: true, raised);
        signaller.Arrive(Of(FactKind.Other, -100) with { EventId = "history" }, At(1), raises: false, raised);
        raised.Clear();
        signaller.Arrive(Of(FactKind.Retraction, 0) with { Retracts = "wrong" }, At(50), raises: false, raised);
        signaller.Arrive(Of(FactKind.Retraction, 0) with { Retracts = "history" }, At(51), raises: false, raised);
        Assert.Equal(("fact:s:wrong", true, CustomerState.Lead), Assert.Single(raised.Select(s => (s.Id, s.Retracted, s.Standing.State))));
    }

    [Fact]
    public void Arrive_AfterItsRetraction_RaisesNothing()
    {
        var signaller = new Signaller(Policy.Standard, plan => plan, Start - 1);
        var raised = new List<Signal>();
        signaller.Arrive(Of(FactKind.Retraction, 0) with { Retracts = "wrong" }, At(0), raises: true, raised);
        raised.Clear();
        signaller.Arrive(Started(0) with { EventId = "wrong" }, At(1), raises: true, raised);
        Assert.Empty(raised);
    }

    [Fact]
    public void Arrive_Facts_TellPersonsAndHistory()
    {
        var signaller = new Signaller(Policy.Standard, plan => plan, Start - 1);
        var raised = new List<Signal>();
        signaller.Know(Of(FactKind.Other, -400) with { Name = "feedback", EventId = "long ago" }, signalled: false);
        signaller.Know(Of(FactKind.Other, -399) with { Name = "feedback", EventId = "just" }, signalled: false);
        for (var i = 0; i < 70; i++)
        {
            signaller.Know(Of(FactKind.Other, -70 + i) with { Name = "mention", EventId = $"m{i}" }, signalled: false);
        }

        signaller.Know(new UsageDay(19_990, At(-10) + 5, At(-10) + 9));
        signaller.Arrive(Of(FactKind.ContactJoined, 0) with { Name = "contact_joined", Person = new Person("b", "billing") }, At(0), raises: true, raised);
        signaller.Arrive(Of(FactKind.ContactJoined, 0) with { Name = "contact_joined", Person = new Person("a") }, At(0), raises: true, raised);
        signaller.Arrive(Of(FactKind.ContactLeft, 0) with { Name = "contact_left", Person = new Person("b") }, At(0), raises: true, raised);
        signaller.Arrive(Of(FactKind.CustomerErased, 0) with { Name = "customer_erased" }, At(0), raises: true, raised);

        var facts = raised.Where(s => s.Fact is not null).ToList();
        Assert.Equal(["b", "a,b", "a", ""], facts.Select(s => string.Join(',', s.Persons.Select(p => p.Id))));
        Assert.Equal(
            ["contact_joined 1", "feedback 1", "mention 64", "usage_recorded 1"],
            facts[0].History.Select(h => $"{h.Key} {h.Value.Count}"));
        Assert.Equal((At(-64), At(-1)), (facts[0].History["mention"][0], facts[0].History["mention"][^1]));
        Assert.Equal(At(-10) + 5, facts[0].History["usage_recorded"][0]);
    }

    private static long At(int day) => Start + (day * Calendar.Day);

    private static List<Signal> Told(long until, params Fact[] facts)
    {
        var signaller = new Signaller(Policy.Standard, plan => plan, Start - (50 * Calendar.Day));
        foreach (var fact in facts)
        {
            signaller.Know(fact, signalled: true);
        }

        var raised = new List<Signal>();
        signaller.Pass(until, raised);
        return raised;
    }

    private Fact Started(int day) => Of(FactKind.SubscriptionStarted, day) with { Mrr = 10_000_000 };

    private Fact PastDue(int day, string invoice) => Of(FactKind.InvoicePastDue, day) with { Invoice = invoice };

    private Fact Renewal(int day, string date) =>
        Of(FactKind.CustomerProfile, day) with { Attributes = new Dictionary<string, string>(StringComparer.Ordinal) { ["renewal_date"] = date } };

    private Fact Of(FactKind kind, int day) => new()
    {
        Source = "s",
        EventId = $"e{_ids++}",
        OccurTime = At(day),
        Kind = kind,
        Subscription = kind is > FactKind.ContactLeft and < FactKind.CustomerErased and not (FactKind.PaymentSucceeded or FactKind.Other) ? "sub" : null,
    };
}
