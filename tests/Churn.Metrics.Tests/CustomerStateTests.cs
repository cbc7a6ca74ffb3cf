using Churn.Metrics.Domain;

namespace Churn.Metrics.Tests;

public class CustomerStateTests
{
    [Fact]
    public void Read_NoTerms_IsALeadForEver() => Assert.Empty(States.Read([]));

    [Fact]
    public void Read_TermsOfALife_GoThroughAllStates() => Assert.Equal(
        [
            new StateChange(0, CustomerState.Trial), new StateChange(10, CustomerState.Active), new StateChange(20, CustomerState.PastDue),
            new StateChange(30, CustomerState.Active), new StateChange(40, CustomerState.Paused), new StateChange(50, CustomerState.Ended),
            new StateChange(60, CustomerState.Trial), new StateChange(70, CustomerState.Ended),
        ],
        States.Read(
        [
            new Term(60, 70, 5, State: TermState.Trial), new Term(40, 50, 5, State: TermState.Paused), new Term(30, 40, 5),
            new Term(20, 30, 5, State: TermState.PastDue), new Term(10, 20, 5), new Term(0, 10, 5, State: TermState.Trial),
        ]));

    [Fact]
    public void Read_TrialThatLeadsNowhere_IsALeadAgain() => Assert.Equal(
        [new StateChange(0, CustomerState.Trial), new StateChange(10, CustomerState.Lead)],
        States.Read([new Term(0, 10, 5, State: TermState.Trial)]));

    [Fact]
    public void Read_FreePlan_ChangesNothing()
    {
        Assert.Empty(States.Read([new Term(0, Calendar.Open, 0)]));
        Assert.Equal(
            [new StateChange(5, CustomerState.Active), new StateChange(10, CustomerState.Ended)],
            States.Read([new Term(0, Calendar.Open, 0), new Term(5, 10, 7)]));
    }

    [Fact]
    public void Read_SeveralSubscriptions_PastDueThenActiveThenPausedThenTrialPrevail() => Assert.Equal(
        [
            new StateChange(0, CustomerState.Trial), new StateChange(10, CustomerState.Paused), new StateChange(20, CustomerState.Active),
            new StateChange(30, CustomerState.PastDue), new StateChange(40, CustomerState.Active), new StateChange(50, CustomerState.Paused),
            new StateChange(60, CustomerState.Trial),
        ],
        States.Read(
        [
            new Term(0, Calendar.Open, 5, State: TermState.Trial), new Term(10, 60, 5, State: TermState.Paused), new Term(20, 50, 5),
            new Term(30, 40, 5, State: TermState.PastDue),
        ]));

    [Fact]
    public void Law_ActiveOrPastDue_ExactlyWhilePaying() => Law.Holds(Generators.Businesses, business =>
    {
        foreach (var terms in business.Customers)
        {
            var customer = new NaiveLedger.Customer(terms);
            var changes = States.Read([.. terms]);
            Assert.All(changes.Zip(changes.Skip(1)), pair => Assert.True(pair.First.At < pair.Second.At && pair.First.State != pair.Second.State));
            foreach (var instant in customer.Changes.SelectMany(t => new[] { t - 1, t }))
            {
                var state = changes.LastOrDefault(c => c.At <= instant).State;
                Assert.Equal(customer.MrrAt(instant) > 0, state is CustomerState.Active or CustomerState.PastDue);
                Assert.Equal(customer.MrrAt(instant) == 0 && customer.PausedAt(instant) > 0, state == CustomerState.Paused);
            }
        }
    });
}
