namespace Churn.Metrics.Domain;

/// <summary>Holds what the facts about one customer amount to under a policy.</summary>
/// <param name="Terms">The terms of its subscriptions, as <see cref="Domain.Terms"/> gives them.</param>
/// <param name="Attributes">What the customer is, by name: the latest value of each; empty values are left out.</param>
public sealed record Account(Term[] Terms, IReadOnlyDictionary<string, string> Attributes)
{
    private static readonly Dictionary<string, string> None = new(StringComparer.Ordinal);

    /// <summary>Builds it from the set of the customer's facts; order and repetition are nothing.</summary>
    /// <param name="facts">The customer's facts.</param>
    /// <param name="policy">The choices.</param>
    /// <exception cref="ArgumentException">Two facts have the same identity and say different things.</exception>
    /// <exception cref="OverflowException">The customer's MRR exceeds 2^63 micros, over all currencies.</exception>
    public static Account Of(ReadOnlySpan<Fact> facts, Policy policy)
    {
        return Of(Facts.ThatCount(facts), policy);
    }

    /// <summary>Builds it from facts that count, in the order in which they do.</summary>
    internal static Account Of(List<Fact> counting, Policy policy)
    {
        var terms = Domain.Terms.Of(counting, policy);
        RefuseOverflow(terms);
        return new Account(terms, ReadAttributes(counting));
    }

    /// <summary>Gives the facts that took effect in [from, until) and bear on terms, in the order in which they count.</summary>
    /// <remarks>
    /// A cancellation scheduled takes effect when it ends the subscription, an invoice past due when it fell due and when the policy's
    /// days are over.
    /// </remarks>
    public static IReadOnlyList<Fact> Causes(ReadOnlySpan<Fact> facts, Policy policy, long from, long until)
    {
        bool IsWithin(long instant) => instant >= from && instant < until;
        return Facts.ThatCount(facts).FindAll(fact => fact.Kind switch
        {
            FactKind.CustomerProfile or FactKind.CustomerErased or FactKind.ContactJoined or FactKind.ContactLeft or FactKind.Other => false,
            FactKind.CancellationScheduled => IsWithin(Math.Max(fact.OccurTime, fact.EffectiveTime ?? fact.OccurTime)),
            FactKind.InvoicePastDue => IsWithin(fact.Instant) || IsWithin(fact.Instant + (policy.PastDueDays * Calendar.Day)),
            _ => IsWithin(fact.Instant),
        });
    }

    private static void RefuseOverflow(Term[] terms)
    {
        Int128 all = 0;
        foreach (ref readonly var term in terms.AsSpan())
        {
            all += term.Mrr;
        }

        // Only then can those that run at one time exceed it too.
        if (all > long.MaxValue)
        {
            Timeline.Build(terms, new Step[Timeline.MostSteps(terms.Length)]);
        }
    }

    private static Dictionary<string, string> ReadAttributes(List<Fact> counting)
    {
        var attributes = None;
        foreach (var fact in counting)
        {
            if (fact.Kind == FactKind.CustomerErased)
            {
                attributes = None;
                continue;
            }

            if (fact.Kind != FactKind.CustomerProfile || fact.Attributes is not { Count: > 0 } said)
            {
                continue;
            }

            attributes = attributes.Count == 0 ? new(StringComparer.Ordinal) : attributes;
            foreach (var (name, value) in said)
            {
                if (value.Length == 0)
                {
                    attributes.Remove(name);
                }
                else
                {
                    attributes[name] = value;
                }
            }
        }

        return attributes;
    }
}
