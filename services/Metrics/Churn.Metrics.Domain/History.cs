namespace Churn.Metrics.Domain;

/// <summary>Holds one customer's steps and movements; made once and loaded with one customer after another.</summary>
public sealed class History
{
    private readonly Movement[][] _movements = [new Movement[64], new Movement[64], new Movement[64]];
    private readonly int[] _movementCounts = new int[3];
    private Step[] _steps = new Step[64];
    private int _stepCount;

    /// <summary>Gives the customer's steps; those of one plan after <see cref="PlanSplit.Load"/>.</summary>
    public ReadOnlySpan<Step> Steps => _steps.AsSpan(0, _stepCount);

    /// <summary>Gives the month of the customer's first paid instant, over all plans; meaningless while there is no movement.</summary>
    public int FirstPaidMonth { get; internal set; }

    /// <summary>Gives the customer's movements at a grain, in order of time.</summary>
    public ReadOnlySpan<Movement> this[Grain grain] => _movements[(int)grain].AsSpan(0, _movementCounts[(int)grain]);

    /// <summary>Builds the timeline of one customer and reads its movements at every grain.</summary>
    /// <param name="terms">The customer's terms, in any order.</param>
    public void Load(ReadOnlySpan<Term> terms)
    {
        Clear();
        var most = Timeline.MostSteps(terms.Length);
        if (most > _steps.Length)
        {
            _steps = new Step[most];
        }

        _stepCount = Timeline.Build(terms, _steps);
        for (var grain = Grain.Month; grain <= Grain.Instant; grain++)
        {
            ref var movements = ref _movements[(int)grain];
            if (most > movements.Length)
            {
                movements = new Movement[most];
            }

            _movementCounts[(int)grain] = Movements.Read(grain, Steps, movements);
        }

        if (_movementCounts[(int)Grain.Instant] > 0)
        {
            FirstPaidMonth = Calendar.MonthOf(_movements[(int)Grain.Instant][0].Period);
        }
    }

    internal void Clear()
    {
        _stepCount = 0;
        Array.Clear(_movementCounts);
    }

    internal void Append(Grain grain, Movement movement)
    {
        ref var movements = ref _movements[(int)grain];
        ref var count = ref _movementCounts[(int)grain];
        if (count == movements.Length)
        {
            Array.Resize(ref movements, count * 2);
        }

        movements[count++] = movement;
    }
}
