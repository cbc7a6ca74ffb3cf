namespace Churn.Metrics.Domain;

/// <summary>Adds up customers over one window, and takes them out again: what one customer's new fact costs is that one customer.</summary>
/// <remarks>Sums are exact and order is nothing, so taking out what was added leaves what was there before, to the micro.</remarks>
public sealed class WindowSums
{
    private readonly Total[] _amounts = new Total[Movements.Kinds];
    private readonly long[] _counts = new long[Movements.Kinds];
    private Total _opening;
    private Total _closing;
    private Total _lost;
    private Total _gained;
    private long _openingCustomers;
    private long _closingCustomers;

    /// <summary>Tells whether nobody that was added pays or moved.</summary>
    public bool IsZero => _openingCustomers == 0 && _closingCustomers == 0 && Array.TrueForAll(_counts, c => c == 0);

    /// <summary>Adds a customer, or takes it out.</summary>
    /// <param name="net">What <see cref="Movements.InWindow"/> says of it.</param>
    /// <param name="times">1 to add, -1 to take out.</param>
    public void Add(in Movement net, int times)
    {
        AddEnds(net.Before, net.After, times);
        if (net.Delta != 0)
        {
            AddFlow(net, times);
        }
    }

    /// <summary>Adds what a customer pays at the opening and at the closing; its movements are to be added too.</summary>
    public void AddEnds(long before, long after, int times)
    {
        _opening.Add(before * times);
        _closing.Add(after * times);
        _openingCustomers += before > 0 ? times : 0;
        _closingCustomers += after > 0 ? times : 0;
    }

    /// <summary>Adds a movement without the ends that it leads between.</summary>
    public void AddFlow(in Movement movement, int times)
    {
        var delta = movement.Delta * times;
        _amounts[(int)movement.Kind].Add(movement.Delta > 0 ? delta : -delta);
        _counts[(int)movement.Kind] += times;
        if (movement.Kind is MovementKind.Contraction or MovementKind.Churn or MovementKind.Paused or MovementKind.Completed)
        {
            _lost.Add(-delta);
        }
        else if (movement.Kind == MovementKind.Expansion || (movement.Kind == MovementKind.Resumed && movement.Before > 0))
        {
            _gained.Add(delta);
        }
    }

    /// <summary>Adds all that another holds.</summary>
    public void Add(WindowSums other)
    {
        Sum.Into(_amounts, other._amounts);
        Sum.Into(_counts, other._counts);
        _opening.Add(other._opening);
        _closing.Add(other._closing);
        _lost.Add(other._lost);
        _gained.Add(other._gained);
        _openingCustomers += other._openingCustomers;
        _closingCustomers += other._closingCustomers;
    }

    /// <summary>Carries all sums.</summary>
    public void Carry(SumsCarrier carrier)
    {
        ArgumentNullException.ThrowIfNull(carrier);
        carrier.Carry(ref _opening);
        carrier.Carry(ref _closing);
        carrier.Carry(ref _openingCustomers);
        carrier.Carry(ref _closingCustomers);
        carrier.Carry(ref _lost);
        carrier.Carry(ref _gained);
        carrier.Carry(_amounts);
        carrier.Carry(_counts);
    }

    /// <summary>Gives the bridge from the window's opening to its closing.</summary>
    public Bridge ToBridge() => new(
        _opening.Value, _openingCustomers, _closingCustomers, _lost.Value, _gained.Value, Array.ConvertAll(_amounts, a => a.Value), (long[])_counts.Clone());

    /// <summary>Gives the closing counted on its own less the one that the bridge leads to: zero, or the sums are wrong.</summary>
    public Int128 Imbalance => _closing.Value - ToBridge().Closing;
}
