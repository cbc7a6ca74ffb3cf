namespace Churn.Metrics.Domain;

/// <summary>Adds up movements by period and kind.</summary>
internal sealed class Flows(int periods)
{
    private readonly Int128[] _amounts = new Int128[periods * Movements.Kinds];
    private readonly long[] _counts = new long[periods * Movements.Kinds];
    private readonly Int128[] _lost = new Int128[periods];
    private readonly Int128[] _gained = new Int128[periods];
    private readonly long[] _customers = new long[periods];

    public Int128 Opening { get; private set; }

    public long OpeningCustomers { get; private set; }

    /// <summary>Adds what happened before the first period.</summary>
    public void AddBefore(in Movement movement)
    {
        Opening += movement.Delta;
        OpeningCustomers += Joins(movement);
    }

    public void Add(int period, in Movement movement)
    {
        // Sums of 2^63 at most, a few per customer: 128 bits cannot overflow, and the check costs.
        unchecked
        {
            var cell = (period * Movements.Kinds) + (int)movement.Kind;
            var delta = movement.After - movement.Before;
            _amounts[cell] += delta < 0 ? -(Int128)delta : delta;
            _counts[cell]++;
            _customers[period] += Joins(movement);
            if (movement.Before > 0)
            {
                (delta < 0 ? _lost : _gained)[period] += delta;
            }
        }
    }

    public void Merge(Flows other)
    {
        Opening += other.Opening;
        OpeningCustomers += other.OpeningCustomers;
        Sum.Into(_amounts, other._amounts);
        Sum.Into(_counts, other._counts);
        Sum.Into(_lost, other._lost);
        Sum.Into(_gained, other._gained);
        Sum.Into(_customers, other._customers);
    }

    /// <summary>Reads the bridges of all periods, each opening with the closing before.</summary>
    public Bridge[] ToBridges()
    {
        var bridges = new Bridge[periods];
        var (mrr, customers) = (Opening, OpeningCustomers);
        for (var p = 0; p < periods; p++)
        {
            var bridge = new Bridge(
                mrr, customers, customers + _customers[p], -_lost[p], _gained[p],
                _amounts.AsMemory(p * Movements.Kinds, Movements.Kinds), _counts.AsMemory(p * Movements.Kinds, Movements.Kinds));
            bridges[p] = bridge;
            (mrr, customers) = (bridge.Closing, bridge.ClosingCustomers);
        }

        return bridges;
    }

    private static int Joins(in Movement movement) => movement.Before == 0 ? 1 : movement.After == 0 ? -1 : 0;
}
