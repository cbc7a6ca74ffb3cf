namespace Churn.Playbooks.Domain;

/// <summary>Holds one version of a playbook, checked: what starts it, for whom, what happens in it, and how it ends.</summary>
/// <remarks>A version never changes: another content is another version. Durations are in microseconds.</remarks>
public sealed record Playbook
{
    /// <summary>Gives the name, which all versions share.</summary>
    public required string Name { get; init; }

    /// <summary>Gives the version, from 1.</summary>
    public required int Version { get; init; }

    /// <summary>Gives what starts it.</summary>
    public required Trigger Trigger { get; init; }

    /// <summary>Gives who may enter; <see cref="Condition.Everyone"/> by default.</summary>
    public Condition Audience { get; init; } = Condition.Everyone;

    /// <summary>Gives when a customer that has been in it may enter again.</summary>
    public Reentry Reentry { get; init; } = Reentry.Never;

    /// <summary>Gives the share of customers that are held out, 0 to 0.5.</summary>
    public double HoldoutShare { get; init; }

    /// <summary>Gives the group of which a customer is in one playbook at a time; empty for none.</summary>
    public string Group { get; init; } = "";

    /// <summary>Gives the precedence within the group, and the order among those that one signal starts: the higher first, then by name.</summary>
    public int Priority { get; init; }

    /// <summary>Gives the events of which any ends a run with success.</summary>
    public IReadOnlyList<SignalPattern> Goal { get; init; } = [];

    /// <summary>Gives the events of which any ends a run without.</summary>
    public IReadOnlyList<SignalPattern> Exits { get; init; } = [];

    /// <summary>Gives how many messages a customer gets from this playbook, over all runs; null for any number.</summary>
    public MessageCap? Cap { get; init; }

    /// <summary>Gives how many days after entry a readout looks at, 1 to 365.</summary>
    public int MeasureAfterDays { get; init; } = 30;

    /// <summary>Gives the steps in the order of the document; the first one is where a run begins. Next is always later: a run cannot go round.</summary>
    public required IReadOnlyList<Step> Steps { get; init; }
}

/// <summary>Says what starts a playbook.</summary>
/// <param name="On">The events of which any does.</param>
/// <param name="MaxAge">How old an event may be when it becomes known, in microseconds: 72 hours by default, at most 7 days.</param>
public sealed record Trigger(IReadOnlyList<SignalPattern> On, long MaxAge);

/// <summary>Says when a customer may enter again; it is never in two runs of a playbook at once.</summary>
/// <param name="After">The least time from the end of the run before, in microseconds; null where it never may.</param>
/// <param name="Most">The most entries of a customer for ever; null for any number.</param>
public sealed record Reentry(long? After, int? Most)
{
    /// <summary>Lets a customer enter once.</summary>
    public static Reentry Never { get; } = new(null, 1);
}

/// <summary>Says how many messages a customer gets at most within any stretch of time.</summary>
/// <param name="Messages">How many.</param>
/// <param name="Within">The stretch, in microseconds.</param>
public sealed record MessageCap(int Messages, long Within);
