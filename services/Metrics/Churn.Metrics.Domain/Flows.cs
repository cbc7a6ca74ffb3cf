namespace Churn.Metrics.Domain;

/// <summary>Adds up movements by period and kind.</summary>
internal sealed class Flows(int periods)
{
    private readonly Total[] _amounts = new Total[periods * Movements.Kinds];
    private readonly long[] _counts = new long[periods * Movements.Kinds];
    private readonly Total[] _lost = new Total[periods];
    private readonly Total[] _gained = new Total[periods];
    private readonly long[] _customers = new long[periods];

    private Total _opening;
    private long _openingCustomers;

    /// <summary>Adds what happened before the first period.</summary>
    public void AddBefore(in Movement movement)
    {
        _opening.Add(movement.After - movement.Before);
        _openingCustomers += Joins(movement);
    }

    public void Add(int period, in Movement movement)
    {
        var cell = (period * Movements.Kinds) + (int)movement.Kind;
        var delta = movement.After - movement.Before;
        _amounts[cell].Add(Math.Abs(delta));
        _counts[cell]++;
        _customers[period] += Joins(movement);
        if (movement.Kind is MovementKind.Contraction or MovementKind.Churn or MovementKind.Paused or MovementKind.Completed)
        {
            _lost[period].Add(-delta);
        }
        else if (movement.Kind == MovementKind.Expansion || (movement.Kind == MovementKind.Resumed && movement.Before > 0))
        {
            _gained[period].Add(delta);
        }
    }

    public void Merge(Flows other)
    {
        _opening.Add(other._opening);
        _openingCustomers += other._openingCustomers;
        Sum.Into(_amounts, other._amounts);
        Sum.Into(_counts, other._counts);
        Sum.Into(_lost, other._lost);
        Sum.Into(_gained, other._gained);
        Sum.Into(_customers, other._customers);
    }

    /// <summary>Adds the periods of another, each to the period that a function gives for it.</summary>
    public void AddAll(Flows other, Func<int, int> periodOf)
    {
        _opening.Add(other._opening);
        _openingCustomers += other._openingCustomers;
        for (var p = 0; p < other._lost.Length; p++)
        {
            var to = periodOf(p);
            for (var kind = 0; kind < Movements.Kinds; kind++)
            {
                _amounts[(to * Movements.Kinds) + kind].Add(other._amounts[(p * Movements.Kinds) + kind]);
                _counts[(to * Movements.Kinds) + kind] += other._counts[(p * Movements.Kinds) + kind];
            }

            _lost[to].Add(other._lost[p]);
            _gained[to].Add(other._gained[p]);
            _customers[to] += other._customers[p];
        }
    }

    /// <summary>Counts a movement under another kind of the same sign.</summary>
    public void Rename(int period, in Movement movement, MovementKind kind)
    {
        var amount = Math.Abs(movement.After - movement.Before);
        var cell = period * Movements.Kinds;
        _amounts[cell + (int)movement.Kind].Add(-amount);
        _counts[cell + (int)movement.Kind]--;
        _amounts[cell + (int)kind].Add(amount);
        _counts[cell + (int)kind]++;
    }

    public void Carry(SumsCarrier carrier)
    {
        carrier.Carry(ref _opening);
        carrier.Carry(ref _openingCustomers);
        carrier.Carry(_amounts);
        carrier.Carry(_counts);
        carrier.Carry(_lost);
        carrier.Carry(_gained);
        carrier.Carry(_customers);
    }

    /// <summary>Reads the bridges of all periods, each opening with the closing before.</summary>
    public Bridge[] ToBridges()
    {
        var bridges = new Bridge[periods];
        var amounts = Array.ConvertAll(_amounts, a => a.Value);

        // What is read stays as it is when more is added.
        var counts = (long[])_counts.Clone();
        var (mrr, customers) = (_opening.Value, _openingCustomers);
        for (var p = 0; p < periods; p++)
        {
            var bridge = new Bridge(
                mrr, customers, customers + _customers[p], _lost[p].Value, _gained[p].Value,
                amounts.AsMemory(p * Movements.Kinds, Movements.Kinds), counts.AsMemory(p * Movements.Kinds, Movements.Kinds));
            bridges[p] = bridge;
            (mrr, customers) = (bridge.Closing, bridge.ClosingCustomers);
        }

        return bridges;
    }

    private static int Joins(in Movement movement) => movement.Before == 0 ? 1 : movement.After == 0 ? -1 : 0;
}
