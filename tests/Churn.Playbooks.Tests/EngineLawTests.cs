using Churn.Playbooks.Domain;
using Effect = Churn.Playbooks.Domain.Effect;

namespace Churn.Playbooks.Tests;

public sealed class EngineLawTests
{
    private const long Year = 400 * World.Day;

    [Fact]
    public void Law_AnyHistory_EntersAndReentersAsTheRulesSay() => Law.Holds(world =>
    {
        var (policy, story) = Play(world);
        foreach (var playbook in policy.Open)
        {
            var runs = story.Journey.Runs.Where(run => run.Playbook == playbook.Name).ToList();
            Assert.Equal(runs.Count, runs.Select(run => run.SignalId).Distinct().Count());
            Assert.True(playbook.Reentry.Most is not { } most || runs.Count <= most);
            for (var i = 1; i < runs.Count; i++)
            {
                Assert.NotNull(playbook.Reentry.After);
                Assert.NotNull(runs[i - 1].Ended);
                Assert.True(runs[i].Entered - runs[i - 1].Ended >= playbook.Reentry.After);
            }

            foreach (var run in runs)
            {
                if (run.Signal is not { } signal)
                {
                    // It is forgotten.
                    continue;
                }

                Assert.True(signal.KnownTime - signal.Time <= playbook.Trigger.MaxAge);
                Assert.False(signal.Retracted);
                Assert.Contains(playbook.Trigger.On, pattern => pattern.Matches(signal));
                Assert.True(playbook.Audience.Holds(signal.Profile, run.Entered));
            }
        }
    });

    [Fact]
    public void Law_AnyHistory_IsInOneRunOfAGroupAtATime() => Law.Holds(world =>
    {
        var (policy, story) = Play(world);
        var grouped = story.Journey.Runs.Where(run => policy.Versions[(run.Playbook, run.Version)].Group == "g").OrderBy(run => run.Entered).ToList();
        foreach (var run in grouped)
        {
            Assert.DoesNotContain(grouped, other => other.Id != run.Id && other.Playbook != run.Playbook && other.Entered < (run.Ended ?? long.MaxValue) && run.Entered < other.Entered);
        }
    });

    [Fact]
    public void Law_AnyHistory_StaysBelowTheCaps() => Law.Holds(world =>
    {
        var (policy, story) = Play(world);
        foreach (var playbook in policy.Open.Where(playbook => playbook.Cap is not null))
        {
            var sends = story.Effects.OfType<Effect.Send>().Where(send => send.Playbook == playbook.Name && send.Channel != "webhook").Select(send => send.Time).ToList();
            foreach (var end in sends)
            {
                Assert.True(sends.Count(time => time > end - playbook.Cap!.Within && time <= end) <= playbook.Cap!.Messages);
            }
        }
    });

    [Fact]
    public void Law_AGoalReached_EndsEveryRunThatItIsTheGoalOf() => Law.Holds(world =>
    {
        var playbooks = world.Playbooks();
        var policy = world.Policy(playbooks);
        var journey = new Journey { Customer = "c0" };
        foreach (var signal in world.Signals(1).ForEngine())
        {
            journey = Engine.Take(journey, signal, policy).Journey;
            var reached = policy.Open.Where(playbook => playbook.Goal.Any(goal => goal.Matches(signal))).Select(playbook => playbook.Name).ToHashSet();
            Assert.DoesNotContain(journey.Runs, run => run.IsOpen && reached.Contains(run.Playbook) && run.Entered < signal.KnownTime
                && signal.Time >= run.Since && run.Seen.Count > 0 && !run.Seen.Take(run.Seen.Count - 1).Contains(signal.Id) && run.SignalId != signal.Id);
        }
    });

    [Fact]
    public void Law_ARetraction_EndsWhatItStartedAndStartsNothing() => Law.Holds(world =>
    {
        var policy = world.Policy(world.Playbooks());
        var journey = new Journey { Customer = "c0" };
        foreach (var signal in world.Signals(1).ForEngine())
        {
            var decision = Engine.Take(journey, signal, policy);
            if (signal.Retracted)
            {
                Assert.Equal(journey.Runs.Count, decision.Journey.Runs.Count);
                Assert.DoesNotContain(decision.Journey.Runs, run => run.IsOpen && run.SignalId == signal.Id);
            }

            journey = decision.Journey;
        }
    });

    [Fact]
    public void Law_EveryRun_EndsWithinTheLongestWay() => Law.Holds(world =>
    {
        var (policy, story) = Play(world);
        var end = Engine.FireDue(story.Journey, story.Journey.Now + Year, policy).Journey;
        foreach (var run in end.Runs)
        {
            Assert.NotNull(run.Ended);
            Assert.True(run.Ended - run.Entered <= Engine.LongestOf(policy.Versions[(run.Playbook, run.Version)]));
        }
    });

    [Fact]
    public void Law_HeldOut_TakesNoStep() => Law.Holds(world =>
    {
        var (_, story) = Play(world);
        var heldOut = story.Journey.Runs.Where(run => run.Status == RunStatus.HeldOut).Select(run => run.Id).ToHashSet();
        Assert.DoesNotContain(story.Effects, effect => effect is Effect.Send send && heldOut.Contains(send.Run));
        Assert.DoesNotContain(story.Effects, effect => effect is Effect.MakeTask task && heldOut.Contains(task.Run));
        foreach (var run in story.Journey.Runs)
        {
            Assert.Equal(story.Journey.Exposures.Single(exposure => exposure.Playbook == run.Playbook).HeldOut, run.Status == RunStatus.HeldOut);
        }
    });

    [Fact]
    public void Law_TheSameHistory_IsTheSameStory() => Law.Holds(world =>
    {
        var playbooks = world.Playbooks();
        var policy = world.Policy(playbooks);
        var signals = world.Signals(1).ForEngine();
        Assert.Equal(Told(Play(policy, signals)), Told(Play(policy, signals)));
    });

    [Fact]
    public void Law_ADoubledSignal_ChangesNothing() => Law.Holds(world =>
    {
        var policy = world.Policy(world.Playbooks());
        var signals = world.Signals(1, doubles: false).ForEngine();
        var doubled = signals.SelectMany(signal => (Signal[])[signal, signal]).ToList();
        Assert.Equal(Told(Play(policy, signals)), Told(Play(policy, doubled)));
    });

    [Fact]
    public void Law_Effects_HaveAKeyOfTheirOwn() => Law.Holds(world =>
    {
        var (_, story) = Play(world);
        var keys = story.Effects.Select(effect => effect switch { Effect.Send send => send.Key, Effect.MakeTask task => task.Id, _ => null }).OfType<string>().ToList();
        Assert.Equal(keys.Count, keys.Distinct().Count());
    });

    [Fact]
    public void Law_AnotherShare_MovesNobodyWhoWasExposed() => Law.Holds(world =>
    {
        var playbooks = world.Playbooks();
        var policy = world.Policy(playbooks);
        var signals = world.Signals(1, 60).ForEngine();
        var half = Play(policy, signals[..(signals.Count / 2)]);
        var changed = Policy.Of([.. playbooks.Select(playbook => playbook with { HoldoutShare = 0.5 - playbook.HoldoutShare })], playbooks.Select(p => p.Name).ToHashSet(), 0.5, "salt");
        var whole = signals[(signals.Count / 2)..].Aggregate(half.Journey, (journey, signal) => Engine.Take(journey, signal, changed).Journey);
        Assert.Equal(half.Journey.Exposures, whole.Exposures.Take(half.Journey.Exposures.Count));
        foreach (var run in whole.Runs)
        {
            Assert.Equal(whole.Exposures.Single(exposure => exposure.Playbook == run.Playbook).HeldOut, run.Status == RunStatus.HeldOut);
        }
    });

    [Theory]
    [InlineData(0.01)]
    [InlineData(0.1)]
    [InlineData(0.37)]
    [InlineData(0.5)]
    public void Draws_AHundredThousandCustomers_AreCloseToTheShare(double share)
    {
        const int customers = 100_000;
        foreach (var scope in (string[])["", "failed-payment"])
        {
            var drawn = Enumerable.Range(0, customers).Count(i => Holdout.Draws("salt", scope, $"customer-{i}", share));
            var expected = customers * share;
            var chi = Math.Pow(drawn - expected, 2) * ((1 / expected) + (1 / (customers - expected)));

            // One in a thousand salts is beyond it; this one is not.
            Assert.True(chi < 10.83, $"{drawn} of {customers} were drawn, {expected} were to be.");
        }
    }

    [Fact]
    public void Draws_AcrossScopes_AreIndependent()
    {
        var both = Enumerable.Range(0, 100_000).Count(i => Holdout.Draws("salt", "a", $"c{i}", 0.5) && Holdout.Draws("salt", "b", $"c{i}", 0.5));
        Assert.InRange(both, 24_500, 25_500);
    }

    [Fact]
    public void Draws_ForEver_AreTheSame()
    {
        Assert.Equal("0000010000101110", string.Concat(Enumerable.Range(0, 16).Select(i => Holdout.Draws("salt", "p", $"c{i}", 0.5) ? '1' : '0')));
        Assert.Equal("c53f7c12116d1376bb217f2e3f9e42ed", Holdout.RunId("p", "c", "s"));
    }

    private static (Policy Policy, Decision Story) Play(World world)
    {
        var policy = world.Policy(world.Playbooks());
        return (policy, Play(policy, world.Signals(1).ForEngine()));
    }

    private static Decision Play(Policy policy, IReadOnlyList<Signal> signals)
    {
        var journey = new Journey { Customer = "c0" };
        var effects = new List<Effect>();
        var events = new List<RunEvent>();
        foreach (var signal in signals)
        {
            var decision = Engine.Take(journey, signal, policy);
            journey = decision.Journey;
            effects.AddRange(decision.Effects);
            events.AddRange(decision.Events);
        }

        return new Decision(journey, effects, events);
    }

    private static string Told(Decision story) => string.Join('\n', story.Events.Select(happened => happened.ToString())
        .Concat(story.Effects.Where(effect => effect is not Effect.Forget).Select(effect => effect switch
        {
            Effect.Send send => $"{send.Key} {send.To} {string.Join(',', send.Variables)} {send.Expires} {send.Time}",
            var other => other.ToString()!,
        })));
}
