using Churn.Playbooks.Domain;
using Effect = Churn.Playbooks.Domain.Effect;

namespace Churn.Playbooks.Tests;

public sealed class EngineTests
{
    private static readonly Step Mail = new Step.Notify("mail", -1, "email", "hello", "billing", new Dictionary<string, ValueSource>(), null, World.Day);

    [Theory]
    [InlineData(0, true)]
    [InlineData(World.Hour, true)]
    [InlineData(World.Hour + 1, false)]
    public void Take_AnOldEvent_StartsWhatItIsNotTooOldFor(long age, bool enters)
    {
        var playbook = Of("p", Mail) with { Trigger = new Trigger([On("payment_failed")], World.Hour) };
        Assert.Equal(enters, Take(playbook, Signal("s", 10 * World.Day, age: age)).Journey.Runs.Count == 1);
    }

    [Theory]
    [InlineData(-1, true)]
    [InlineData(0, true)]
    [InlineData(1, false)]
    public void Take_AGoalKnownBeforeItsBeginning_StartsNothing(long after, bool enters)
    {
        var signal = Signal("s", 10 * World.Day, age: World.Hour);
        var history = new Dictionary<string, IReadOnlyList<long>> { ["payment_succeeded"] = [signal.Time + after] };
        signal = signal with { Profile = signal.Profile with { History = history } };
        Assert.Equal(enters, Take(Of("p", Mail) with { Goal = [On("payment_succeeded")] }, signal).Journey.Runs.Count == 1);
    }

    [Theory]
    [InlineData(-1, false)]
    [InlineData(0, true)]
    [InlineData(1, true)]
    public void Take_AGoal_CountsFromWhatStartedTheRun(long after, bool ends)
    {
        var playbook = Of("p", new Step.Wait("wait", -1, World.Day)) with { Goal = [On("payment_succeeded")] };
        var policy = PolicyOf(playbook);
        var journey = Engine.Take(new Journey { Customer = "c" }, Signal("s", 10 * World.Day, age: World.Hour), policy).Journey;
        var paid = Signal("g", (10 * World.Day) + 5, "payment_succeeded") with { Time = (10 * World.Day) - World.Hour + after };
        var run = Engine.Take(journey, paid, policy).Journey.Runs.Single();
        Assert.Equal(ends ? RunStatus.GoalReached : RunStatus.Running, run.Status);
    }

    [Theory]
    [InlineData(4 * World.Day, 1)]
    [InlineData((5 * World.Day) - 1, 1)]
    [InlineData(5 * World.Day, 2)]
    [InlineData(6 * World.Day, 2)]
    public void Take_AgainAfterARun_WaitsForTheTimeOfReentry(long later, int runs)
    {
        var policy = PolicyOf(Of("p", Mail) with { Reentry = new Reentry(5 * World.Day, null) });
        var journey = Engine.Take(new Journey { Customer = "c" }, Signal("s1", World.Day), policy).Journey;
        Assert.Equal(runs, Engine.Take(journey, Signal("s2", World.Day + later), policy).Journey.Runs.Count);
    }

    [Theory]
    [InlineData(1, 2, "high")]
    [InlineData(2, 2, "low")]
    [InlineData(3, 2, "low")]
    public void Take_InAGroup_TheHigherTakesOver(int low, int high, string open)
    {
        var wait = new Step.Wait("wait", -1, World.Day);
        var policy = PolicyOf(
            Of("low", wait) with { Group = "g", Priority = low, Trigger = new Trigger([On("payment_failed")], World.Day) },
            Of("high", wait) with { Group = "g", Priority = high, Trigger = new Trigger([On("ticket_opened")], World.Day) });
        var journey = Engine.Take(new Journey { Customer = "c" }, Signal("s1", World.Day), policy).Journey;
        journey = Engine.Take(journey, Signal("s2", World.Day + 1, "ticket_opened"), policy).Journey;
        Assert.Equal(open, journey.Runs.Single(run => run.IsOpen).Playbook);
        Assert.Equal(open == "high" ? RunStatus.Superseded : RunStatus.Running, journey.Runs[0].Status);
    }

    [Fact]
    public void Take_TheRetractionOfWhatStartedARun_EndsItAndCancelsItsTasks()
    {
        var text = new ValueSource([new ValuePart("x", null, null)]);
        var playbook = Of("p", new Step.Assign("task", 1, text, text, text, World.Day), new Step.Wait("wait", -1, World.Day));
        var policy = PolicyOf(playbook);
        var begun = Engine.Take(new Journey { Customer = "c" }, Signal("s", World.Day), policy);
        var undone = Engine.Take(begun.Journey, Signal("s", World.Day + 5) with { Retracted = true }, policy);
        Assert.Equal(RunStatus.Retracted, undone.Journey.Runs.Single().Status);
        Assert.Equal(begun.Journey.Runs[0].Id, Assert.IsType<Effect.CancelTasks>(Assert.Single(undone.Effects)).Run);

        // Said again it starts nothing: it has started this playbook once.
        Assert.Single(Engine.Take(undone.Journey, Signal("s", World.Day + 9), policy).Journey.Runs);
    }

    [Theory]
    [InlineData("k1:billing:, k2:sponsor:b@x", "own@x", "billing", "k2 b@x")]
    [InlineData("k1:billing:a@x, k2:billing:b@x", "own@x", "billing", "k1 a@x")]
    [InlineData("k1:sponsor:a@x", "own@x", "billing", "k1 a@x")]
    [InlineData("k1:sponsor:a@x", "own@x", null, " own@x")]
    [InlineData("k1:sponsor:a@x", "", null, "k1 a@x")]
    [InlineData("k1:billing:", "own@x", "billing", " own@x")]
    [InlineData("k1:billing:", "", "billing", "k1 ")]
    [InlineData("", "", "billing", " ")]
    public void Choose_ByRole_FallsBackToWhoHasAnAddress(string persons, string own, string? role, string chosen)
    {
        var profile = new Profile
        {
            State = CustomerState.Active,
            Attributes = new Dictionary<string, string> { ["email"] = own, ["time_zone"] = "Europe/Lisbon" },
            Contacts = [.. persons.Split(", ", StringSplitOptions.RemoveEmptyEntries).Select(person => person.Split(':')).Select(p => new Contact(p[0], p[1], "", p[2], "", "pt", ""))],
        };
        var recipient = Recipients.Choose(profile, role, needsAddress: true);
        Assert.Equal((chosen, "Europe/Lisbon"), ($"{recipient.Contact} {recipient.Email}", recipient.TimeZone));
        Assert.Equal(recipient.Contact.Length > 0 ? "pt" : "", recipient.Locale);
    }

    [Fact]
    public void Take_AnErasure_EndsRunsAndForgets()
    {
        var policy = PolicyOf(Of("p", new Step.Wait("wait", -1, World.Day)));
        var journey = Engine.Take(new Journey { Customer = "c" }, Signal("s", World.Day), policy).Journey;
        var erased = Engine.Take(journey, Signal("e", World.Day + 5, Engine.Erased), policy);
        Assert.Null(erased.Journey.Profile);
        Assert.Null(Assert.Single(erased.Journey.Runs).Signal);
        Assert.Equal(RunStatus.Exited, erased.Journey.Runs[0].Status);
        Assert.IsType<Effect.Forget>(erased.Effects[^1]);
    }

    [Fact]
    public void Decide_AStepThatLeadsBack_IsRefused()
    {
        var playbook = Of("p", new Step.Branch("branch", 0, []));
        Assert.Throws<InvalidDataException>(() => Take(playbook, Signal("s", World.Day)));
        Assert.Throws<InvalidDataException>(() => Engine.LongestOf(playbook));
    }

    private static Decision Take(Playbook playbook, Signal signal) => Engine.Take(new Journey { Customer = "c" }, signal, PolicyOf(playbook));

    private static Policy PolicyOf(params Playbook[] playbooks) => Policy.Of(playbooks, playbooks.Select(playbook => playbook.Name).ToHashSet(), 0, "salt");

    private static Playbook Of(string name, params Step[] steps) => new()
    {
        Name = name, Version = 1, Trigger = new Trigger([On("payment_failed")], 72 * World.Hour), Steps = steps,
    };

    private static SignalPattern On(string happened) => new(happened, [], []);

    private static Signal Signal(string id, long known, string happened = "payment_failed", long age = 0) => new()
    {
        Id = id, Customer = "c", Time = known - age, KnownTime = known, Event = happened, Profile = new Profile { State = CustomerState.Active },
    };
}
