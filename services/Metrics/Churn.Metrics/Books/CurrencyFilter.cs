using Churn.Metrics.Domain;

namespace Churn.Metrics.Books;

/// <summary>Takes the terms of one currency out of a customer's.</summary>
internal static class CurrencyFilter
{
    /// <summary>Copies the terms of a currency, in their order, and gives how many they are.</summary>
    public static int Take(ReadOnlySpan<Term> terms, PlanTable plans, int currency, ref Term[] target)
    {
        if (target.Length < terms.Length)
        {
            target = new Term[terms.Length * 2];
        }

        var count = 0;
        foreach (ref readonly var term in terms)
        {
            if (plans.CurrencyOf(term.Plan) == currency)
            {
                target[count++] = term;
            }
        }

        return count;
    }
}
