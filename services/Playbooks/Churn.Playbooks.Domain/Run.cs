namespace Churn.Playbooks.Domain;

/// <summary>Names how a run stands.</summary>
public enum RunStatus : byte
{
    /// <summary>Says that it goes on.</summary>
    Running = 1,

    /// <summary>Says that all steps were taken.</summary>
    Completed = 2,

    /// <summary>Says that the goal was reached.</summary>
    GoalReached = 3,

    /// <summary>Says that a condition of exit was met, or an end step, before the steps were over.</summary>
    Exited = 4,

    /// <summary>Says that what started it was retracted.</summary>
    Retracted = 5,

    /// <summary>Says that another playbook of the group with more priority took over.</summary>
    Superseded = 6,

    /// <summary>Says that the customer is held out: no step is taken. It stays so when the run has ended.</summary>
    HeldOut = 7,
}

/// <summary>Holds one customer's way through a playbook.</summary>
public sealed record Run
{
    /// <summary>Gives the id, a function of playbook, customer and signal.</summary>
    public required string Id { get; init; }

    /// <summary>Names the playbook.</summary>
    public required string Playbook { get; init; }

    /// <summary>Gives the version on which it runs to its end.</summary>
    public required int Version { get; init; }

    /// <summary>Gives how it stands.</summary>
    public required RunStatus Status { get; init; }

    /// <summary>Gives when the customer entered, in microseconds since 1970-01-01T00:00Z.</summary>
    public required long Entered { get; init; }

    /// <summary>Gives when it ended; null while it goes on.</summary>
    public long? Ended { get; init; }

    /// <summary>Gives the id of the signal that started it.</summary>
    public required string SignalId { get; init; }

    /// <summary>Gives when that was true: what happened before it neither ends the run nor moves it.</summary>
    public required long Since { get; init; }

    /// <summary>Gives the signal that started it; it may be null once the run has ended.</summary>
    public Signal? Signal { get; init; }

    /// <summary>Gives the index of the step at which it waits, or that it takes next.</summary>
    public int At { get; init; }

    /// <summary>Tells whether it waits at that step; otherwise the step is taken when <see cref="Due"/> has come.</summary>
    public bool Waits { get; init; }

    /// <summary>Gives when its timer is due; null where it has none, which is when it has ended or its playbook was paused as a step was to be taken.</summary>
    public long? Due { get; init; }

    /// <summary>Gives when it asked for messages.</summary>
    public IReadOnlyList<long> Sends { get; init; } = [];

    /// <summary>Gives the signals that it has reacted to or let pass: raised again they change nothing.</summary>
    public IReadOnlyList<string> Seen { get; init; } = [];

    /// <summary>Tells whether it goes on.</summary>
    public bool IsOpen => Ended is null;
}

/// <summary>Names what can happen in a run.</summary>
public enum RunEventKind : byte
{
    /// <summary>Says that the customer entered.</summary>
    Entered = 1,

    /// <summary>Says that the customer would have entered and is held out.</summary>
    HeldOut = 2,

    /// <summary>Says that a message was asked for.</summary>
    Notified = 3,

    /// <summary>Says that a message was not asked for: the playbook's cap was reached.</summary>
    Capped = 4,

    /// <summary>Says that it waits.</summary>
    Waiting = 5,

    /// <summary>Says that the wait is over: the event came.</summary>
    EventCame = 6,

    /// <summary>Says that the wait is over: the time came.</summary>
    TimeCame = 7,

    /// <summary>Says that a branch was taken.</summary>
    Branched = 8,

    /// <summary>Says that a task was made.</summary>
    TaskMade = 9,

    /// <summary>Says that a webhook was asked for.</summary>
    Webhook = 10,

    /// <summary>Says that the run ended.</summary>
    Ended = 11,
}

/// <summary>Holds something that happened in a run.</summary>
/// <param name="Time">When, in microseconds since 1970-01-01T00:00Z.</param>
/// <param name="Kind">What.</param>
/// <param name="Run">The run.</param>
/// <param name="Step">The step; empty where it is about the run.</param>
/// <param name="Detail">In a few words: the template, the branch, the reason, or until when. Nothing personal.</param>
/// <param name="Status">How the run stands afterwards.</param>
public sealed record RunEvent(long Time, RunEventKind Kind, string Run, string Step, string Detail, RunStatus Status);
