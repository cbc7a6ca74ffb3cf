using Churn.Metrics.Books;
using Churn.Metrics.Domain;

namespace Churn.Metrics.Reads;

/// <summary>Counts customers and MRR by every value of attributes, and by plan.</summary>
/// <param name="attributes">The numbers of the attributes.</param>
/// <param name="byPlan">Whether plans are counted too.</param>
internal sealed class SegmentVisitor(int[] attributes, bool byPlan) : IVisitor
{
    /// <summary>Stands for the plan among the attributes.</summary>
    public const int Plan = -1;

    private readonly Dictionary<int, long> _plans = [];

    /// <summary>Gives customers, those that pay, and MRR, by attribute and value.</summary>
    public Dictionary<(int Attribute, int Value), (long Customers, long Paying, Int128 Mrr)> Found { get; } = [];

    public void Visit(Book book, int customer, ReadOnlySpan<Term> terms)
    {
        long mrr = 0;
        _plans.Clear();
        foreach (ref readonly var term in terms)
        {
            // Terms look no further than the cut: what is open then runs at the closing.
            var now = term.End == Calendar.Open && term.State is (TermState.Active or TermState.PastDue) ? term.Mrr : 0;
            mrr += now;
            _plans[term.Plan] = _plans.GetValueOrDefault(term.Plan) + now;
        }

        foreach (var attribute in attributes)
        {
            Add((attribute, book.ValueOf(customer, attribute)), mrr);
        }

        if (byPlan)
        {
            foreach (var (plan, ofPlan) in _plans)
            {
                Add((Plan, plan), ofPlan);
            }
        }
    }

    private void Add((int, int) key, long mrr)
    {
        var (customers, paying, sum) = Found.GetValueOrDefault(key);
        Found[key] = (customers + 1, paying + (mrr > 0 ? 1 : 0), sum + mrr);
    }
}
