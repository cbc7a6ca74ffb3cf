namespace Churn.Metrics.Domain;

/// <summary>Names what a customer is at an instant, over all of its subscriptions.</summary>
public enum CustomerState : byte
{
    /// <summary>Has never paid or paused and is on no trial; a free plan changes nothing.</summary>
    Lead,

    /// <summary>Pays nothing, has nothing paused, and is on trial.</summary>
    Trial,

    /// <summary>Pays, and nothing it pays for is past due.</summary>
    Active,

    /// <summary>Pays, as far as MRR goes, and something it pays for is past due.</summary>
    PastDue,

    /// <summary>Pays nothing and has paused MRR.</summary>
    Paused,

    /// <summary>Has paid or paused, and is in none of the other states.</summary>
    Ended,
}

/// <summary>Holds what a customer is from an instant on, until the next change.</summary>
/// <param name="At">The first instant it holds.</param>
/// <param name="State">What the customer is.</param>
public readonly record struct StateChange(long At, CustomerState State);

/// <summary>Reads what a customer is off its terms, as a step function of time.</summary>
/// <remarks>Law: a customer is active or past due exactly while its MRR is above zero.</remarks>
public static class States
{
    /// <summary>Gives the changes of state in order of time; before the first one the customer is a lead.</summary>
    /// <param name="terms">The customer's terms, in any order.</param>
    public static StateChange[] Read(ReadOnlySpan<Term> terms)
    {
        var edges = new List<(long At, TermState State, int Running)>();
        foreach (ref readonly var term in terms)
        {
            if (term.Start < term.End && (term.Mrr > 0 || term.State == TermState.Trial))
            {
                edges.Add((term.Start, term.State, 1));
                edges.Add((term.End, term.State, -1));
            }
        }

        edges.Sort(static (a, b) => a.At.CompareTo(b.At));
        var changes = new List<StateChange>();
        var (state, wasCustomer) = (CustomerState.Lead, false);
        Span<int> running = stackalloc int[(int)TermState.PastDue + 1];
        for (var i = 0; i < edges.Count && edges[i].At != Calendar.Open;)
        {
            var at = edges[i].At;
            for (; i < edges.Count && edges[i].At == at; i++)
            {
                running[(int)edges[i].State] += edges[i].Running;
            }

            var next = running[(int)TermState.PastDue] > 0 ? CustomerState.PastDue
                : running[(int)TermState.Active] > 0 ? CustomerState.Active
                : running[(int)TermState.Paused] > 0 ? CustomerState.Paused
                : running[(int)TermState.Trial] > 0 ? CustomerState.Trial
                : wasCustomer ? CustomerState.Ended : CustomerState.Lead;
            wasCustomer |= next is CustomerState.PastDue or CustomerState.Active or CustomerState.Paused;
            if (next != state)
            {
                changes.Add(new StateChange(at, next));
                state = next;
            }
        }

        return [.. changes];
    }
}
