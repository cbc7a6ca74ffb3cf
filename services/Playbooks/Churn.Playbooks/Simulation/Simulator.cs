using Churn.Playbooks.Domain;

namespace Churn.Playbooks.Simulation;

/// <summary>Plays past signals, customer by customer, with the engine that decides live and a clock that follows the signals.</summary>
/// <param name="policy">What is in force.</param>
/// <param name="until">The instant at which the clock stops: timers due then have fired.</param>
internal sealed class Simulator(Policy policy, long until)
{
    private readonly Dictionary<string, long> _steps = new(StringComparer.Ordinal);
    private readonly Dictionary<RunStatus, long> _ends = [];
    private readonly List<RunEvent> _events = [];
    private readonly List<Effect> _effects = [];
    private Journey? _journey;

    /// <summary>Gives the customers that were looked at.</summary>
    public long Customers { get; private set; }

    /// <summary>Gives the signals that were looked at.</summary>
    public long Signals { get; private set; }

    public long Treated { get; private set; }

    public long HeldOut { get; private set; }

    /// <summary>Gives how often each step was taken.</summary>
    public IReadOnlyDictionary<string, long> Steps => _steps;

    /// <summary>Gives how many runs stand how at the end.</summary>
    public IReadOnlyDictionary<RunStatus, long> Ends => _ends;

    /// <summary>Gives the first exposure of each customer.</summary>
    public List<(string Customer, Exposure Exposure)> Exposures { get; } = [];

    /// <summary>Takes the next signal; those of one customer follow on each other in order.</summary>
    /// <returns>All of the customer before, where the signal is the first of another.</returns>
    public Story? Take(Signal signal)
    {
        var before = _journey is not null && !string.Equals(_journey.Customer, signal.Customer, StringComparison.Ordinal) ? End() : null;
        _journey ??= new Journey { Customer = signal.Customer };
        Signals++;
        Keep(Engine.Take(_journey, signal, policy));
        return before;
    }

    /// <summary>Ends the customer that is being played, and gives all of it; null where there is none.</summary>
    public Story? End()
    {
        if (_journey is not { } journey)
        {
            return null;
        }

        Keep(Engine.FireDue(journey, until, policy));
        var story = new Story(_journey, [.. _events], [.. _effects]);
        _journey = null;
        _events.Clear();
        _effects.Clear();
        Count(story);
        return story;
    }

    private void Keep(Decision decision)
    {
        _journey = decision.Journey;
        _events.AddRange(decision.Events);
        _effects.AddRange(decision.Effects);
    }

    private void Count(Story story)
    {
        Customers++;
        foreach (var run in story.Journey.Runs)
        {
            _ends[run.Status] = _ends.GetValueOrDefault(run.Status) + 1;
            if (run.Status == RunStatus.HeldOut)
            {
                HeldOut++;
            }
            else
            {
                Treated++;
            }
        }

        foreach (var happened in story.Events)
        {
            if (happened.Step.Length > 0 && happened.Kind is not (RunEventKind.EventCame or RunEventKind.TimeCame or RunEventKind.Capped))
            {
                _steps[happened.Step] = _steps.GetValueOrDefault(happened.Step) + 1;
            }
        }

        Exposures.AddRange(story.Journey.Exposures.Where(exposure => exposure.Playbook != Holdout.Global).Select(exposure => (story.Journey.Customer, exposure)));
    }
}

/// <summary>Holds what would have happened to one customer.</summary>
internal sealed record Story(Journey Journey, IReadOnlyList<RunEvent> Events, IReadOnlyList<Effect> Effects);
