namespace Churn.Metrics.Domain;

/// <summary>Holds the choices on which authorities on churn differ, under a name and a version that every answer carries.</summary>
/// <remarks>A version never changes: another choice is another version.</remarks>
/// <param name="Name">The name, without the version.</param>
/// <param name="Version">The version, from 1.</param>
/// <param name="PastDueDays">The days (of 24 hours) from when a payment fell due to when its loss is recognised as churn; zero or more.</param>
public sealed record Policy(string Name, int Version, int PastDueDays)
{
    /// <summary>Gives <c>standard@1</c>, the default: churn at the end of the paid term, or 30 days past due.</summary>
    public static Policy Standard { get; } = new("standard", 1, PastDueDays: 30);

    /// <summary>Gives the name and the version as answers carry them: <c>name@version</c>.</summary>
    public override string ToString() => $"{Name}@{Version}";
}
