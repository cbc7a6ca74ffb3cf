using Churn.Metrics.Books;
using Churn.Metrics.Domain;

namespace Churn.Metrics.Reads;

/// <summary>Adds customers to ledgers: one, or one a part.</summary>
/// <param name="horizon">The months.</param>
/// <param name="plans">How many plans there are; more may come.</param>
/// <param name="split">How the answer is split.</param>
/// <param name="order">The order of plans by name.</param>
/// <param name="parts">The parts asked for; null for all.</param>
/// <param name="keepsDays">Whether single days will be asked for.</param>
internal sealed class LedgerVisitor(
    Horizon horizon, int plans, Split split, IComparer<int> order, HashSet<int>? parts = null, bool keepsDays = false) : IVisitor
{
    private readonly History _history = new();
    private readonly PlanSplit _plans = new(order);
    private readonly List<Term> _terms = [];

    public Dictionary<int, Ledger> Ledgers { get; } = [];

    public void Visit(Book book, int customer, ReadOnlySpan<Term> terms)
    {
        if (split.IsByPlan)
        {
            AddByPlan(terms);
            return;
        }

        var part = split.PartOf(book, customer);
        if (Wants(part))
        {
            _history.Load(terms);
            LedgerOf(part).Add(_history, terms);
        }
    }

    private bool Wants(int part) => split.Wants(part) && (parts is null || parts.Contains(part));

    private void AddByPlan(ReadOnlySpan<Term> terms)
    {
        _plans.Load(terms);
        for (var i = 0; i < _plans.Plans.Count; i++)
        {
            var plan = _plans.Plans[i];
            if (!Wants(plan))
            {
                continue;
            }

            _terms.Clear();
            foreach (ref readonly var term in terms)
            {
                if (term.Plan == plan)
                {
                    _terms.Add(term);
                }
            }

            LedgerOf(plan).Add(_plans[i], System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_terms));
        }
    }

    private Ledger LedgerOf(int part)
    {
        if (!Ledgers.TryGetValue(part, out var ledger))
        {
            Ledgers.Add(part, ledger = new Ledger(horizon, plans, keepsDays));
        }

        return ledger;
    }
}
