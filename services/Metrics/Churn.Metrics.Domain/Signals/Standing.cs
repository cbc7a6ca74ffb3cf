namespace Churn.Metrics.Domain.Signals;

/// <summary>Holds what a customer is and pays at an instant: what holds from it on.</summary>
/// <param name="State">What the customer is.</param>
/// <param name="Mrr">MRR in micros by the number of its currency, above zero, in order of the number.</param>
/// <param name="Plans">The numbers of the plans that have MRR.</param>
/// <param name="FirstPaid">When the customer first paid; null where it has not by then.</param>
public sealed record Standing(CustomerState State, IReadOnlyList<(int Currency, long Mrr)> Mrr, IReadOnlyList<int> Plans, long? FirstPaid)
{
    /// <summary>Reads it off the customer's terms.</summary>
    /// <param name="terms">The terms, in any order.</param>
    /// <param name="instant">The instant.</param>
    /// <param name="currencyOf">Gives the number of the currency in which a plan is paid.</param>
    public static Standing At(ReadOnlySpan<Term> terms, long instant, Func<int, int> currencyOf)
    {
        var state = CustomerState.Lead;
        foreach (var change in States.Read(terms))
        {
            if (change.At > instant)
            {
                break;
            }

            state = change.State;
        }

        var mrr = new SortedDictionary<int, long>();
        var plans = new SortedSet<int>();
        long? firstPaid = null;
        foreach (ref readonly var term in terms)
        {
            if (term.Mrr == 0 || term.Start >= term.End || term.Start > instant || term.State is TermState.Trial or TermState.Paused)
            {
                continue;
            }

            firstPaid = Math.Min(firstPaid ?? term.Start, term.Start);
            if (term.End > instant)
            {
                mrr[currencyOf(term.Plan)] = mrr.GetValueOrDefault(currencyOf(term.Plan)) + term.Mrr;
                plans.Add(term.Plan);
            }
        }

        return new Standing(state, [.. mrr.Select(m => (m.Key, m.Value))], [.. plans], firstPaid);
    }
}
