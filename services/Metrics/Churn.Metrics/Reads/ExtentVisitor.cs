using Churn.Metrics.Books;
using Churn.Metrics.Domain;

namespace Churn.Metrics.Reads;

/// <summary>Finds the first start of all, and counts the customers.</summary>
internal sealed class ExtentVisitor : IVisitor
{
    public long FirstStart { get; private set; } = long.MaxValue;

    public long Customers { get; private set; }

    public void Visit(Book book, int customer, ReadOnlySpan<Term> terms)
    {
        Customers++;
        foreach (ref readonly var term in terms)
        {
            FirstStart = Math.Min(FirstStart, term.Start);
        }
    }
}
