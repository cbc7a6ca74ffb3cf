namespace Churn.Metrics.Domain;

/// <summary>Reduces the facts of one customer to those that count.</summary>
internal static class Facts
{
    /// <summary>Gives each fact once, without those that are retracted and without bare retractions, in the order in which they count.</summary>
    /// <remarks>
    /// What a fact retracts is out wherever it stands, and stays out when the fact that retracts it is retracted in its turn: of three
    /// prices, each the correction of the one before, the last is right.
    /// </remarks>
    /// <exception cref="ArgumentException">Two facts have the same identity and say different things.</exception>
    public static List<Fact> ThatCount(ReadOnlySpan<Fact> facts)
    {
        var known = new Dictionary<(string Source, string EventId), Fact>(facts.Length);
        var retracted = new HashSet<(string Source, string EventId)>();
        foreach (var fact in facts)
        {
            if (!known.TryAdd((fact.Source, fact.EventId), fact) && known[(fact.Source, fact.EventId)] is var other && other != fact)
            {
                throw new ArgumentException($"Two facts have one identity: {other} and {fact}.", nameof(facts));
            }

            if (fact.Retracts is { } target)
            {
                retracted.Add((fact.Source, target));
            }
        }

        var counting = known.Where(f => f.Value.Kind != FactKind.Retraction && !retracted.Contains(f.Key)).Select(f => f.Value).ToList();
        counting.Sort(Fact.Compare);
        return counting;
    }
}
