namespace Churn.Metrics.Domain;

/// <summary>Holds what a customer pays from an instant on, until the next step.</summary>
/// <param name="At">The first instant it holds.</param>
/// <param name="Mrr">The customer's MRR in micros, over all of its subscriptions.</param>
/// <param name="Paused">The customer's paused MRR in micros.</param>
/// <param name="Completed">Whether MRR is zero because fixed terms ran out and nothing else with MRR ended at that instant.</param>
public readonly record struct Step(long At, long Mrr, long Paused = 0, bool Completed = false);

/// <summary>Builds what one customer pays, as a step function of time.</summary>
/// <remarks>
/// It is a function of the <em>set</em> of terms: their order is nothing, and what changes at one instant is one step. Before the
/// first step the customer pays nothing.
/// </remarks>
public static class Timeline
{
    /// <summary>Gives the most steps that a number of terms can make.</summary>
    public static int MostSteps(int terms) => 2 * terms;

    /// <summary>Writes the steps of the terms of one customer, in order of time, and returns how many they are.</summary>
    /// <param name="terms">The customer's terms, in any order.</param>
    /// <param name="steps">Where the steps go: at least <see cref="MostSteps"/> of them.</param>
    /// <exception cref="OverflowException">The customer's MRR exceeds 2^63 micros.</exception>
    public static int Build(ReadOnlySpan<Term> terms, Span<Step> steps)
    {
        if (terms.Length == 1 && terms[0] is { State: TermState.Active, Completes: false } only)
        {
            return BuildOne(only, steps);
        }

        const int few = 16;
        Span<Change> changes = MostSteps(terms.Length) <= few ? stackalloc Change[few] : new Change[MostSteps(terms.Length)];
        var n = 0;
        foreach (var term in terms)
        {
            if (term.Start >= term.End || term.State == TermState.Trial || term.Mrr == 0)
            {
                continue;
            }

            var (mrr, paused) = term.State == TermState.Paused ? (0L, term.Mrr) : (term.Mrr, 0L);
            n = Insert(changes, n, new Change(term.Start, mrr, paused, 0, 0));
            if (term.End != Calendar.Open)
            {
                // Nobody completes, or fails to, by what was paused: it had no MRR to end.
                var ending = mrr > 0 ? 1 : 0;
                n = Insert(changes, n, new Change(term.End, -mrr, -paused, term.Completes ? ending : 0, term.Completes ? 0 : ending));
            }
        }

        return Fold(changes[..n], steps);
    }

    /// <summary>Gives the steps of one customer under a policy, in order of time.</summary>
    /// <param name="facts">The customer's facts, in any order; the same fact again counts once.</param>
    /// <param name="policy">The choices.</param>
    /// <exception cref="ArgumentException">Two facts have the same identity and say different things.</exception>
    /// <exception cref="OverflowException">The customer's MRR exceeds 2^63 micros.</exception>
    public static Step[] Build(ReadOnlySpan<Fact> facts, Policy policy)
    {
        var terms = Terms.Of(facts, policy);
        var steps = new Step[MostSteps(terms.Length)];
        return steps[..Build(terms, steps)];
    }

    private static int BuildOne(Term term, Span<Step> steps)
    {
        if (term.Start >= term.End || term.Mrr == 0)
        {
            return 0;
        }

        steps[0] = new Step(term.Start, term.Mrr);
        if (term.End == Calendar.Open)
        {
            return 1;
        }

        steps[1] = new Step(term.End, 0);
        return 2;
    }

    // Few and nearly sorted is the rule; a customer of thousands of terms is sorted at the end instead.
    private static int Insert(Span<Change> changes, int n, Change change)
    {
        const int few = 64;
        var i = n;
        if (n < few)
        {
            for (; i > 0 && changes[i - 1].At > change.At; i--)
            {
                changes[i] = changes[i - 1];
            }
        }

        changes[i] = change;
        return n + 1;
    }

    private static int Fold(Span<Change> changes, Span<Step> steps)
    {
        for (var i = 1; i < changes.Length; i++)
        {
            if (changes[i].At < changes[i - 1].At)
            {
                changes.Sort(static (a, b) => a.At.CompareTo(b.At));
                break;
            }
        }

        var written = 0;
        long mrr = 0, paused = 0;
        var completed = false;
        for (var i = 0; i < changes.Length;)
        {
            var at = changes[i].At;
            int completions = 0, endings = 0;
            var (before, pausedBefore) = (mrr, paused);
            for (; i < changes.Length && changes[i].At == at; i++)
            {
                mrr += changes[i].Mrr;
                paused += changes[i].Paused;
                completions += changes[i].Completions;
                endings += changes[i].Endings;
            }

            if (mrr != before || paused != pausedBefore)
            {
                // While MRR stays at zero, so does the reason for which it went there.
                completed = mrr == 0 && (before == 0 ? completed : completions > 0 && endings == 0);
                steps[written++] = new Step(at, mrr, paused, completed);
            }
        }

        return written;
    }

    private readonly record struct Change(long At, long Mrr, long Paused, int Completions, int Endings);
}
