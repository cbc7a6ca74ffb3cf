namespace Churn.ServiceDefaults.Streams;

/// <summary>Sets the limits of a <see cref="GroupCommit{TWork, TResult}"/>.</summary>
public sealed record GroupCommitOptions
{
    /// <summary>Names the thread.</summary>
    public required string Name { get; init; }

    /// <summary>Gives the most weight that one transaction gets; a single heavier work goes alone.</summary>
    public int MostTogether { get; init; } = 20_000;

    /// <summary>Gives the weight that may wait; beyond it callers wait to be let in.</summary>
    public int MostWaiting { get; init; } = 100_000;
}
