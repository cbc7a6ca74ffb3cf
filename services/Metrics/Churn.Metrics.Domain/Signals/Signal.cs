namespace Churn.Metrics.Domain.Signals;

/// <summary>Holds one thing that happened to a customer, or that time brought about, with what is known of the customer after it.</summary>
public sealed record Signal
{
    /// <summary>Gives the name of facts of use.</summary>
    public const string Usage = "usage_recorded";

    /// <summary>Gives its stable id, unique within the customer.</summary>
    public required string Id { get; init; }

    /// <summary>Tells whether it was said and no longer holds.</summary>
    public bool Retracted { get; init; }

    /// <summary>Gives when it was true.</summary>
    public required long Time { get; init; }

    /// <summary>Gives when it was known: the arrival of the fact that raised it, or the instant that time brought about.</summary>
    public required long KnownTime { get; init; }

    /// <summary>Gives the fact that raised it, or the first use of a meter on a day; null where time did.</summary>
    public Fact? Fact { get; init; }

    /// <summary>Gives what time brought about; null where a fact raised it.</summary>
    public Deadline? Deadline { get; init; }

    /// <summary>Gives what it moved; empty when nothing.</summary>
    public IReadOnlyList<Change> Changes { get; init; } = [];

    /// <summary>Gives what the customer is and pays after it.</summary>
    public required Standing Standing { get; init; }

    /// <summary>Gives the attributes after it.</summary>
    public required IReadOnlyDictionary<string, string> Attributes { get; init; }

    /// <summary>Gives the persons after it, in order of id.</summary>
    public required IReadOnlyList<Person> Persons { get; init; }

    /// <summary>Gives when facts of each kind occurred, by name, each in order: the latest 64 of the 400 days before it.</summary>
    public required IReadOnlyDictionary<string, IReadOnlyList<long>> History { get; init; }
}
