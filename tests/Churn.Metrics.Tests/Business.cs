using Churn.Metrics.Domain;

namespace Churn.Metrics.Tests;

/// <summary>Holds customers, each a list of terms, and the months that are asked for.</summary>
internal sealed record Business(int From, int To, IReadOnlyList<IReadOnlyList<Term>> Customers)
{
    public const int Plans = 4;

    /// <summary>Gives the horizon whose history begins with the earliest term.</summary>
    public Horizon Horizon => new(From, To, First);

    public int First => Customers.SelectMany(c => c).Select(t => Calendar.MonthOf(t.Start)).Append(From).Min();

    public Ledger ToLedger() => ToLedger(Horizon);

    public Ledger ToLedger(Horizon horizon)
    {
        var ledger = new Ledger(horizon, Plans);
        // One history for all, as the report does: what one customer leaves behind must not reach the next.
        var history = new History();
        foreach (var customer in Customers)
        {
            Term[] terms = [.. customer];
            history.Load(terms);
            ledger.Add(history, terms);
        }

        return ledger;
    }

    public Business Select(Func<Term, Term> change) => this with { Customers = [.. Customers.Select(c => c.Select(change).ToList())] };

    public override string ToString() =>
        $"months {From} to {To}" + string.Concat(Customers.Select((c, i) => $"\n  {i}: " + string.Join("\n     ", c)));
}
