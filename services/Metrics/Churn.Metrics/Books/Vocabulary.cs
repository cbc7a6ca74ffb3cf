namespace Churn.Metrics.Books;

/// <summary>Holds what all books name by number: plans, attributes and their values.</summary>
internal sealed class Vocabulary
{
    /// <summary>The value of a customer that has none.</summary>
    public const int NoValue = 0;

    public Vocabulary() => Values.Add("");

    public PlanTable Plans { get; } = new();

    public NameTable Attributes { get; } = new();

    public NameTable Values { get; } = new();
}
