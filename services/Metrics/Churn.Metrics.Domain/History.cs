namespace Churn.Metrics.Domain;

/// <summary>Holds one customer's terms, steps and movements; made once and loaded with one customer after another.</summary>
public sealed class History
{
    private Step[] _steps = new Step[64];
    private Movement[][] _movements = [new Movement[64], new Movement[64], new Movement[64]];
    private int _stepCount;
    private readonly int[] _movementCounts = new int[3];

    /// <summary>Gives the customer's steps.</summary>
    public ReadOnlySpan<Step> Steps => _steps.AsSpan(0, _stepCount);

    /// <summary>Gives the customer's movements at a grain, in order of time.</summary>
    public ReadOnlySpan<Movement> this[Grain grain] => _movements[(int)grain].AsSpan(0, _movementCounts[(int)grain]);

    /// <summary>Builds the timeline of one customer and reads its movements at every grain.</summary>
    /// <param name="terms">The customer's terms, in any order.</param>
    public void Load(ReadOnlySpan<Term> terms)
    {
        var most = Timeline.MostSteps(terms.Length);
        if (most > _steps.Length)
        {
            _steps = new Step[most];
            _movements = [new Movement[most], new Movement[most], new Movement[most]];
        }

        _stepCount = Timeline.Build(terms, _steps);
        for (var grain = Grain.Month; grain <= Grain.Instant; grain++)
        {
            _movementCounts[(int)grain] = Movements.Read(grain, Steps, _movements[(int)grain]);
        }
    }
}
