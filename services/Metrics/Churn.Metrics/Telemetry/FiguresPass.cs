using Churn.Metrics.Books;
using Churn.Metrics.Domain;

namespace Churn.Metrics.Telemetry;

/// <summary>Adds up the customers of one tenant in one currency, of all together and by each value of some attributes, in one pass over its books.</summary>
/// <param name="horizon">The months.</param>
/// <param name="plans">The plans.</param>
/// <param name="currency">The currency's number.</param>
/// <param name="cut">The first instant that is not looked at.</param>
/// <param name="attributes">The numbers of the attributes.</param>
internal sealed class FiguresPass(Horizon horizon, PlanTable plans, int currency, long cut, int[] attributes)
{
    // Plans may be added while a pass runs; nobody adds this many within one.
    private const int PlansToCome = 1_024;

    private readonly int _mostPlans = plans.Count + PlansToCome;
    private readonly History _history = new();
    private Term[] _terms = new Term[64];

    /// <summary>Gives the ledger of all customers.</summary>
    public Ledger All { get; } = new(horizon, plans.Count + PlansToCome, keepsDays: false);

    /// <summary>Gives the ledgers by attribute and value.</summary>
    public Dictionary<(int Attribute, int Value), Ledger> Parts { get; } = [];

    /// <summary>Adds the customers of a book.</summary>
    public void Over(Book book)
    {
        book.Gate.EnterReadLock();
        try
        {
            for (var customer = 0; customer < book.Count; customer++)
            {
                var count = Cut(CurrencyFilter.Take(book.TermsOf(customer), plans, currency, ref _terms));
                if (count > 0)
                {
                    Add(book, customer, _terms.AsSpan(0, count));
                }
            }
        }
        finally
        {
            book.Gate.ExitReadLock();
        }
    }

    private void Add(Book book, int customer, ReadOnlySpan<Term> terms)
    {
        _history.Load(terms);
        All.Add(_history, terms);
        foreach (var attribute in attributes)
        {
            var part = (attribute, book.ValueOf(customer, attribute));
            if (!Parts.TryGetValue(part, out var ledger))
            {
                Parts.Add(part, ledger = new Ledger(horizon, _mostPlans, keepsDays: false));
            }

            ledger.Add(_history, terms);
        }
    }

    // What begins after the cut has not begun.
    private int Cut(int count)
    {
        var kept = 0;
        for (var i = 0; i < count; i++)
        {
            if (_terms[i].Start < cut)
            {
                _terms[kept++] = _terms[i].End >= cut ? _terms[i].Before(cut) : _terms[i];
            }
        }

        return kept;
    }
}
