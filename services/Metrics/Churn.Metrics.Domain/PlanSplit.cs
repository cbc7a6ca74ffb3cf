namespace Churn.Metrics.Domain;

/// <summary>Splits one customer's movements by plan, with what went from plan to plan as lines of their own.</summary>
/// <remarks>
/// In a period, the plans that rose and those that fell pay for each other first: that much is transfer, out of the one and
/// into the other. What is left is the customer's own movement, of the kind it has over all plans, and is spread over the plans
/// that rose (or fell) in proportion, cut from a running total; so every plan's bridge closes, and transfers in and out of all plans
/// are equal. Worked: a customer goes from Team 50.00 to Business 80.00: Team has transfer out 50.00, Business has transfer in
/// 50.00 and expansion 30.00.
/// </remarks>
/// <param name="order">
/// The order in which rounding is shared out among the plans, by their numbers: the same wherever and whenever a customer is
/// split, where numbers are not. Null for that of the numbers.
/// </param>
public sealed class PlanSplit(IComparer<int>? order = null)
{
    private readonly History _customer = new();
    private readonly List<int> _plans = [];
    private readonly List<History> _histories = [];
    private readonly List<History> _alone = [];
    private readonly List<Term> _terms = [];
    private long[] _before = new long[8];
    private long[] _after = new long[8];
    private readonly List<(int Place, Movement Movement)> _cut = [];
    private int[] _next = new int[8];

    /// <summary>Gives the plans that the customer has terms of.</summary>
    public IReadOnlyList<int> Plans => _plans;

    /// <summary>Gives the history of the customer in one of its plans, by its place in <see cref="Plans"/>.</summary>
    public History this[int place] => _histories[place];

    /// <summary>Splits the history of one customer.</summary>
    /// <param name="terms">The customer's terms of all plans, in any order.</param>
    public void Load(ReadOnlySpan<Term> terms)
    {
        _customer.Load(terms);
        _plans.Clear();
        foreach (ref readonly var term in terms)
        {
            if (!_plans.Contains(term.Plan))
            {
                _plans.Add(term.Plan);
            }
        }

        _plans.Sort(order);
        while (_histories.Count < _plans.Count)
        {
            _histories.Add(new History());
            _alone.Add(new History());
        }

        if (_before.Length < _plans.Count)
        {
            (_before, _after, _next) = (new long[_plans.Count], new long[_plans.Count], new int[_plans.Count]);
        }

        for (var i = 0; i < _plans.Count; i++)
        {
            _terms.Clear();
            foreach (ref readonly var term in terms)
            {
                if (term.Plan == _plans[i])
                {
                    _terms.Add(term);
                }
            }

            _alone[i].Load(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_terms));
            _histories[i].Clear();
            _histories[i].FirstPaidMonth = _customer.FirstPaidMonth;
        }

        for (var grain = Grain.Month; grain <= Grain.Instant; grain++)
        {
            Split(grain);
        }
    }

    /// <summary>Nets the changes of the customer that is loaded over a window, by plan.</summary>
    /// <param name="window">The window.</param>
    /// <param name="add">Is told of each plan: its place in <see cref="Plans"/>, its MRR at the opening and at the closing.</param>
    /// <returns>The movements of each plan, by its place: what is the customer's own, and transfers between plans.</returns>
    public IReadOnlyList<(int Place, Movement Movement)> InWindow(in Window window, Action<int, long, long> add)
    {
        for (var i = 0; i < _plans.Count; i++)
        {
            var alone = Movements.InWindow(window, _alone[i].Steps);
            (_before[i], _after[i]) = (alone.Before, alone.After);
            add(i, alone.Before, alone.After);
        }

        var own = Movements.InWindow(window, _customer.Steps);
        Cut(window.FromDay, own.Delta == 0 ? MovementKind.TransferIn : own.Kind);
        return _cut;
    }

    private void Split(Grain grain)
    {
        Array.Clear(_next);
        Array.Clear(_before);
        var own = _customer[grain];
        var ownNext = 0;
        while (FirstPeriod(grain) is { } period)
        {
            for (var i = 0; i < _plans.Count; i++)
            {
                var alone = _alone[i][grain];
                _after[i] = _next[i] < alone.Length && alone[_next[i]].Period == period ? alone[_next[i]++].After : _before[i];
            }

            // Where the customer's sum stands still, all is transfer and no kind is needed.
            var kind = ownNext < own.Length && own[ownNext].Period == period ? own[ownNext++].Kind : MovementKind.TransferIn;
            Cut(period, kind);
            foreach (var (place, movement) in _cut)
            {
                _histories[place].Append(grain, movement);
            }

            Array.Copy(_after, _before, _plans.Count);
        }
    }

    private long? FirstPeriod(Grain grain)
    {
        long? first = null;
        for (var i = 0; i < _plans.Count; i++)
        {
            var alone = _alone[i][grain];
            if (_next[i] < alone.Length && (first is null || alone[_next[i]].Period < first))
            {
                first = alone[_next[i]].Period;
            }
        }

        return first;
    }

    private void Cut(long period, MovementKind kind)
    {
        _cut.Clear();
        long rose = 0, fell = 0;
        for (var i = 0; i < _plans.Count; i++)
        {
            rose += Math.Max(0, _after[i] - _before[i]);
            fell += Math.Max(0, _before[i] - _after[i]);
        }

        // Of the side that moved more, this much is the customer's own movement; shares are cut from a running total, so that
        // they add up whatever the rounding.
        var own = Math.Abs(rose - fell);
        var side = Math.Max(rose, fell);
        long seen = 0, given = 0;
        for (var i = 0; i < _plans.Count; i++)
        {
            var delta = _after[i] - _before[i];
            if (delta == 0)
            {
                continue;
            }

            long mine = 0;
            if (delta > 0 == rose > fell && own > 0)
            {
                seen += Math.Abs(delta);
                var upTo = (long)Money.DivideHalfToEven((Int128)own * seen, side);
                mine = upTo - given;
                given = upTo;
            }

            var between = delta > 0 ? _after[i] - mine : _after[i] + mine;
            if (between != _before[i])
            {
                _cut.Add((i, new Movement(period, _before[i], between, delta > 0 ? MovementKind.TransferIn : MovementKind.TransferOut)));
            }

            if (mine > 0)
            {
                _cut.Add((i, new Movement(period, between, _after[i], kind)));
            }
        }
    }
}
