namespace Churn.Playbooks.Domain;

/// <summary>Decides what happens to a customer in playbooks: live and in simulations, by the same rules.</summary>
/// <remarks>services/Playbooks/README.md states the rules. Everything is a function of the arguments.</remarks>
public static class Engine
{
    /// <summary>Names the event that ends everything about a customer.</summary>
    public const string Erased = "customer_erased";

    /// <summary>Takes a signal: first what is due until it was known, then the signal itself.</summary>
    public static Decision Take(Journey journey, Signal signal, Policy policy)
    {
        var now = Math.Max(journey.Now, signal.KnownTime);
        var due = FireDue(journey, now, policy);
        return Join(due, Decide(due.Journey, new Input.Came(signal), policy, now));
    }

    /// <summary>Fires all timers that are due by an instant, each as of its own, in order.</summary>
    public static Decision FireDue(Journey journey, long until, Policy policy)
    {
        var all = new Decision(journey, [], []);
        while (NextDue(all.Journey, until) is { Due: { } due } run)
        {
            all = Join(all, Decide(all.Journey, new Input.TimerDue(run.Id), policy, due));
        }

        return all;
    }

    /// <summary>Gives the run whose timer is the first of those that are due by an instant; null where none is.</summary>
    public static Run? NextDue(Journey journey, long until)
    {
        Run? next = null;
        foreach (var run in journey.Runs)
        {
            if (run.Due <= until && (next is null || run.Due < next.Due || (run.Due == next.Due && string.CompareOrdinal(run.Id, next.Id) < 0)))
            {
                next = run;
            }
        }

        return next;
    }

    /// <summary>Decides on one input as of an instant that is not before the decision before.</summary>
    public static Decision Decide(Journey journey, Input input, Policy policy, long now)
    {
        var turn = new Turn(journey, policy, Math.Max(journey.Now, now));
        switch (input)
        {
            case Input.Came { Signal: var signal }:
                turn.Take(signal);
                break;
            case Input.TimerDue { Run: var run }:
                turn.Fire(run);
                break;
        }

        return turn.End();
    }

    /// <summary>Gives how long a run of a playbook can take at most, in microseconds.</summary>
    public static long LongestOf(Playbook playbook)
    {
        var longest = new long[playbook.Steps.Count];
        for (var i = playbook.Steps.Count - 1; i >= 0; i--)
        {
            longest[i] = playbook.Steps[i] switch
            {
                Step.Wait wait => wait.For + From(i, wait.Next),
                Step.WaitUntil wait => wait.For + Math.Max(From(i, wait.Next), From(i, wait.Otherwise)),
                Step.Branch branch => branch.Ways.Select(way => From(i, way.Step)).Append(From(i, branch.Next)).Max(),
                Step.End => 0,
                var step => From(i, step.Next),
            };
        }

        return longest.Length == 0 ? 0 : longest[0];

        long From(int at, int next) => next < 0 ? 0 : longest[Later(playbook, at, next)];
    }

    private static Decision Join(Decision first, Decision second) =>
        new(second.Journey, [.. first.Effects, .. second.Effects], [.. first.Events, .. second.Events]);

    private static bool Is(string a, string b) => string.Equals(a, b, StringComparison.Ordinal);

    private static int Later(Playbook playbook, int at, int next) => next > at && next < playbook.Steps.Count
        ? next
        : throw new InvalidDataException($"Step {at} of playbook '{playbook.Name}' version {playbook.Version} leads to {next}, which is no later step.");

    /// <summary>Holds what one decision has come to so far.</summary>
    private sealed class Turn(Journey journey, Policy policy, long now)
    {
        private List<Run> _runs = [.. journey.Runs];
        private readonly List<Exposure> _exposures = [.. journey.Exposures];
        private readonly List<Effect> _effects = [];
        private readonly List<RunEvent> _events = [];
        private Profile? _profile = journey.Profile;

        public Decision End() => new(
            journey with { Now = now, Profile = _profile, Runs = _runs, Exposures = _exposures }, _effects, _events);

        public void Take(Signal signal)
        {
            if (signal.Retracted)
            {
                _profile = signal.Profile;
                foreach (var run in Open().Where(run => Is(run.SignalId, signal.Id)))
                {
                    Finish(run, RunStatus.Retracted, "what started it was retracted", cancels: true);
                }

                return;
            }

            if (Is(signal.Event, Erased))
            {
                Forget();
                return;
            }

            _profile = signal.Profile;
            foreach (var run in Open())
            {
                React(run, signal);
            }

            foreach (var playbook in policy.Open)
            {
                if (MayEnter(playbook, signal))
                {
                    Enter(playbook, signal);
                }
            }
        }

        public void Fire(string id)
        {
            if (_runs.Find(run => Is(run.Id, id)) is not { IsOpen: true, Due: { } due } run || due > now)
            {
                return;
            }

            if (run.Status == RunStatus.HeldOut)
            {
                Finish(run, RunStatus.Completed, "the time that the steps could take is over", cancels: false);
                return;
            }

            run = run with { Due = null };
            if (run.Waits)
            {
                var step = PlaybookOf(run).Steps[run.At];
                Tell(run, RunEventKind.TimeCame, step.Id, "");
                run = run with { Waits = false };
                GoOn(run, run.At, step is Step.WaitUntil until ? until.Otherwise : step.Next);
            }
            else
            {
                Walk(run);
            }
        }

        private List<Run> Open() => [.. _runs.Where(run => run.IsOpen)];

        private void Forget()
        {
            foreach (var run in Open())
            {
                Finish(run, RunStatus.Exited, "the customer was erased", cancels: true);
            }

            if (!journey.IsEmpty)
            {
                _runs = _runs.ConvertAll(run => run with { Signal = null, Seen = [] });
                _effects.Add(new Effect.Forget());
            }

            _profile = null;
        }

        // Goal before exit before step: who has what was wanted needs no more of it.
        private void React(Run run, Signal signal)
        {
            var playbook = PlaybookOf(run);
            if (signal.Time < run.Since || run.Seen.Contains(signal.Id, StringComparer.Ordinal) || !Concerns(playbook, signal))
            {
                return;
            }

            run = run with { Seen = [.. run.Seen, signal.Id] };
            Keep(run);
            if (playbook.Goal.Any(pattern => pattern.Matches(signal)))
            {
                Finish(run, RunStatus.GoalReached, "goal: " + signal.Event, cancels: true);
            }
            else if (playbook.Exits.Any(pattern => pattern.Matches(signal)))
            {
                Finish(run, RunStatus.Exited, "exit: " + signal.Event, cancels: true);
            }
            else if (run.Waits && playbook.Steps[run.At] is Step.WaitUntil until && until.Events.Any(pattern => pattern.Matches(signal)))
            {
                Tell(run, RunEventKind.EventCame, until.Id, signal.Event);
                GoOn(run with { Waits = false, Due = null }, run.At, until.Next);
            }
        }

        private static bool Concerns(Playbook playbook, Signal signal) =>
            playbook.Goal.Any(pattern => pattern.Matches(signal))
            || playbook.Exits.Any(pattern => pattern.Matches(signal))
            || playbook.Steps.Any(step => step is Step.WaitUntil until && until.Events.Any(pattern => pattern.Matches(signal)));

        private bool MayEnter(Playbook playbook, Signal signal)
        {
            if (signal.KnownTime - signal.Time > playbook.Trigger.MaxAge || !playbook.Trigger.On.Any(pattern => pattern.Matches(signal)))
            {
                return false;
            }

            var before = _runs.FindAll(run => Is(run.Playbook, playbook.Name));
            return !before.Exists(run => run.IsOpen || Is(run.SignalId, signal.Id))
                && (before.Count == 0 || (playbook.Reentry.After is { } after && now - before.Max(run => run.Ended!.Value) >= after))
                && (playbook.Reentry.Most is not { } most || before.Count < most)
                && !IsReached(playbook, signal)
                && playbook.Audience.Holds(signal.Profile, now)
                && !Open().Exists(run => PlaybookOf(run) is var other && IsRival(playbook, other) && other.Priority >= playbook.Priority);
        }

        // A goal may be known before what it is the end of: facts arrive in any order.
        private static bool IsReached(Playbook playbook, Signal signal) => playbook.Goal.Any(goal =>
            goal is { Event: { } wanted, Where.Count: 0, Movements.Count: 0 }
            && signal.Profile.History.TryGetValue(wanted, out var times) && times.Any(time => time > signal.Time));

        private static bool IsRival(Playbook playbook, Playbook other) =>
            playbook.Group.Length > 0 && Is(playbook.Group, other.Group) && !Is(playbook.Name, other.Name);

        private void Enter(Playbook playbook, Signal signal)
        {
            foreach (var rival in Open().Where(run => IsRival(playbook, PlaybookOf(run))))
            {
                Finish(rival, RunStatus.Superseded, $"'{playbook.Name}' took over", cancels: true);
            }

            var exposure = Expose(playbook);
            var run = new Run
            {
                Id = Holdout.RunId(playbook.Name, journey.Customer, signal.Id),
                Playbook = playbook.Name,
                Version = playbook.Version,
                Status = exposure.HeldOut ? RunStatus.HeldOut : RunStatus.Running,
                Entered = now,
                SignalId = signal.Id,
                Since = signal.Time,
                Signal = signal,
                Seen = [signal.Id],
            };
            _runs.Add(run);
            Tell(run, exposure.HeldOut ? RunEventKind.HeldOut : RunEventKind.Entered, "", signal.Event);
            if (!exposure.HeldOut)
            {
                Walk(run);
            }
            else if (LongestOf(playbook) is > 0 and var longest)
            {
                Keep(run with { Due = now + longest });
            }
            else
            {
                Finish(run, RunStatus.Completed, "the time that the steps could take is over", cancels: false);
            }
        }

        private Exposure Expose(Playbook playbook)
        {
            if (_exposures.Find(exposure => Is(exposure.Playbook, playbook.Name)) is { } before)
            {
                return before;
            }

            var all = _exposures.Find(exposure => Is(exposure.Playbook, Holdout.Global));
            if (all is null && policy.GlobalHoldoutShare > 0)
            {
                all = Log(new Exposure(Holdout.Global, Draws(Holdout.Global, policy.GlobalHoldoutShare), policy.GlobalHoldoutShare, now, 0));
            }

            var share = 1 - ((1 - (all?.Share ?? 0)) * (1 - playbook.HoldoutShare));
            return Log(new Exposure(playbook.Name, all is { HeldOut: true } || Draws(playbook.Name, playbook.HoldoutShare), share, now, playbook.Version));
        }

        private bool Draws(string scope, double share) => Holdout.Draws(policy.Salt, scope, journey.Customer, share);

        private Exposure Log(Exposure exposure)
        {
            _exposures.Add(exposure);
            _effects.Add(new Effect.Expose(exposure));
            return exposure;
        }

        private void GoOn(Run run, int at, int next)
        {
            if (next < 0)
            {
                Keep(run);
                Finish(run, RunStatus.Completed, "", cancels: false);
                return;
            }

            Walk(run with { At = Later(PlaybookOf(run), at, next) });
        }

        private void Walk(Run run)
        {
            Keep(run);
            var playbook = PlaybookOf(run);
            if (policy.Paused.Contains(run.Playbook))
            {
                return;
            }

            if (run.At >= playbook.Steps.Count)
            {
                Finish(run, RunStatus.Completed, "", cancels: false);
                return;
            }

            var profile = _profile ?? run.Signal?.Profile ?? new Profile { State = CustomerState.Lead };
            var step = playbook.Steps[run.At];
            var next = step.Next;
            switch (step)
            {
                case Step.Wait wait:
                    Wait(run, step, wait.For);
                    return;
                case Step.WaitUntil until:
                    Wait(run, step, until.For);
                    return;
                case Step.End end:
                    Finish(run, RunStatus.Exited, end.Reason, cancels: false, step.Id);
                    return;
                case Step.Notify notify:
                    run = Notify(run, playbook, notify, profile);
                    break;
                case Step.Branch branch:
                    var way = branch.Ways.ToList().FindIndex(to => to.When.Holds(profile, now));
                    next = way < 0 ? step.Next : branch.Ways[way].Step;
                    Tell(run, RunEventKind.Branched, step.Id, way < 0 ? "otherwise" : string.Create(System.Globalization.CultureInfo.InvariantCulture, $"way {way + 1}"));
                    break;
                case Step.Assign assign:
                    Assign(run, assign, profile);
                    break;
                case Step.Webhook webhook:
                    var to = Recipients.Choose(profile, null, needsAddress: false);
                    _effects.Add(new Effect.Send(
                        Key(run, step), run.Id, run.Playbook, "webhook", to, "", new Values(run, journey.Customer, profile, to).Of(webhook.Data), webhook.Url, null, null, now));
                    Tell(run, RunEventKind.Webhook, step.Id, webhook.Url);
                    break;
            }

            GoOn(run, run.At, next);
        }

        private void Wait(Run run, Step step, long length)
        {
            var until = now + length;
            Keep(run with { Waits = true, Due = until });
            Tell(run, RunEventKind.Waiting, step.Id, Texts.Instant(until));
        }

        private Run Notify(Run run, Playbook playbook, Step.Notify step, Profile profile)
        {
            if (playbook.Cap is { } cap
                && _runs.Where(other => Is(other.Playbook, run.Playbook)).SelectMany(other => other.Sends).Count(time => time > now - cap.Within) >= cap.Messages)
            {
                Tell(run, RunEventKind.Capped, step.Id, step.Template);
                return run;
            }

            var to = Recipients.Choose(profile, step.Role, needsAddress: Is(step.Channel, "email"));
            _effects.Add(new Effect.Send(
                Key(run, step), run.Id, run.Playbook, step.Channel, to, step.Template, new Values(run, journey.Customer, profile, to).Of(step.Variables),
                "", step.Transactional, now + step.ExpireAfter, now));
            run = run with { Sends = [.. run.Sends, now] };
            Keep(run);
            Tell(run, RunEventKind.Notified, step.Id, step.Template);
            return run;
        }

        private void Assign(Run run, Step.Assign step, Profile profile)
        {
            var values = new Values(run, journey.Customer, profile, Recipients.Choose(profile, null, needsAddress: false));
            var owner = values.Of(step.Owner).Text;
            _effects.Add(new Effect.MakeTask(
                Key(run, step), run.Id, run.Playbook, values.Of(step.Title).Text, values.Of(step.Note).Text, owner, now + step.DueAfter, now));
            Tell(run, RunEventKind.TaskMade, step.Id, owner);
        }

        private void Finish(Run run, RunStatus status, string reason, bool cancels, string step = "")
        {
            var heldOut = run.Status == RunStatus.HeldOut;
            run = run with { Status = heldOut ? RunStatus.HeldOut : status, Ended = now, Due = null, Waits = false };
            Keep(run);
            if (cancels && !heldOut)
            {
                _effects.Add(new Effect.CancelTasks(run.Id, now));
            }

            Tell(run, RunEventKind.Ended, step, reason);
        }

        private void Keep(Run run) => _runs[_runs.FindIndex(other => Is(other.Id, run.Id))] = run;

        private void Tell(Run run, RunEventKind kind, string step, string detail) =>
            _events.Add(new RunEvent(now, kind, run.Id, step, detail, run.Status));

        private static string Key(Run run, Step step) => run.Id + ":" + step.Id;

        private Playbook PlaybookOf(Run run) => policy.Versions.TryGetValue((run.Playbook, run.Version), out var playbook)
            ? playbook
            : throw new InvalidDataException($"Version {run.Version} of playbook '{run.Playbook}', on which run {run.Id} goes, is not there.");
    }
}
