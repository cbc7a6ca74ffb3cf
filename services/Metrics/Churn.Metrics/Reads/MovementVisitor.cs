using Churn.Metrics.Books;
using Churn.Metrics.Domain;

namespace Churn.Metrics.Reads;

/// <summary>Holds one customer's movement.</summary>
internal readonly record struct CustomerMovement(string Customer, Movement Movement)
{
    /// <summary>Compares by period, then customer, then what moved.</summary>
    public static int Compare(CustomerMovement a, CustomerMovement b)
    {
        var order = a.Movement.Period.CompareTo(b.Movement.Period);
        order = order != 0 ? order : string.CompareOrdinal(a.Customer, b.Customer);
        return order != 0 ? order : a.Movement.Kind.CompareTo(b.Movement.Kind);
    }

    /// <summary>Compares by size, the largest first, then customer, then what moved.</summary>
    public static int CompareBySize(CustomerMovement a, CustomerMovement b)
    {
        var order = Math.Abs(b.Movement.Delta).CompareTo(Math.Abs(a.Movement.Delta));
        order = order != 0 ? order : string.CompareOrdinal(a.Customer, b.Customer);
        order = order != 0 ? order : b.Movement.Before.CompareTo(a.Movement.Before);
        return order != 0 ? order : b.Movement.Kind.CompareTo(a.Movement.Kind);
    }
}

/// <summary>Collects movements: those of a grain between two periods, or the net ones of a window.</summary>
/// <param name="split">The part asked for.</param>
/// <param name="kinds">The kinds asked for, a bit each.</param>
/// <param name="order">The order of plans by name.</param>
internal sealed class MovementVisitor(Split split, int kinds, IComparer<int> order) : IVisitor
{
    private readonly History _history = new();
    private readonly PlanSplit _plans = new(order);
    private Step[] _steps = new Step[64];

    public List<CustomerMovement> Found { get; } = [];

    public required Grain Grain { get; init; }

    /// <summary>Gives the first and the last period of the grain.</summary>
    public long From { get; init; } = long.MinValue;

    public long To { get; init; } = long.MaxValue;

    /// <summary>Gives the window over which changes are netted instead of a grain, or null.</summary>
    public Window? Window { get; init; }

    /// <summary>Gives the movement after which those asked for come, or null for all.</summary>
    public CustomerMovement? After { get; init; }

    public void Visit(Book book, int customer, ReadOnlySpan<Term> terms)
    {
        if (split.IsByPlan)
        {
            _plans.Load(terms);
            for (var i = 0; i < _plans.Plans.Count; i++)
            {
                if (split.Wants(_plans.Plans[i]))
                {
                    Collect(book, customer, _plans[i][Grain]);
                }
            }
        }
        else if (split.Wants(split.PartOf(book, customer)))
        {
            if (Window is { } window)
            {
                var most = Timeline.MostSteps(terms.Length);
                _steps = _steps.Length < most ? new Step[most] : _steps;
                var net = Movements.InWindow(window, _steps.AsSpan(0, Timeline.Build(terms, _steps)));
                Collect(book, customer, [net]);
            }
            else
            {
                _history.Load(terms);
                Collect(book, customer, _history[Grain]);
            }
        }
    }

    private void Collect(Book book, int customer, ReadOnlySpan<Movement> movements)
    {
        foreach (ref readonly var movement in movements)
        {
            if (movement.Period < From || movement.Period > To || movement.Delta == 0 || (kinds & (1 << (int)movement.Kind)) == 0)
            {
                continue;
            }

            var found = new CustomerMovement(book.IdOf(customer), movement);
            if (After is null || CustomerMovement.Compare(found, After.Value) > 0)
            {
                Found.Add(found);
            }
        }
    }
}
