namespace Churn.Metrics.Domain;

/// <summary>Holds the months a report speaks of, both inclusive, and the first month of the history behind them.</summary>
/// <remarks>What happens before From counts for new, reactivation, cohorts and trailing bases; what happens after To does not count.</remarks>
public readonly record struct Horizon
{
    /// <summary>Makes a horizon.</summary>
    /// <param name="from">The first month reported, as <see cref="Calendar"/> counts months.</param>
    /// <param name="to">The last month reported.</param>
    /// <param name="first">The month of the earliest fact; a later one than From stands for From.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="to"/> is before <paramref name="from"/>.</exception>
    public Horizon(int from, int to, int first)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(to, from);
        (From, To, First) = (from, to, Math.Min(first, from));
        (FirstDay, End) = (Calendar.FirstDay(from), Calendar.Start(to + 1));
        Days = Calendar.FirstDay(to + 1) - FirstDay;
    }

    /// <summary>Gives the first month reported.</summary>
    public int From { get; }

    /// <summary>Gives the last month reported.</summary>
    public int To { get; }

    /// <summary>Gives the first month of the history.</summary>
    public int First { get; }

    /// <summary>Gives the number of months reported.</summary>
    public int Months => To - From + 1;

    /// <summary>Gives the first day reported.</summary>
    public int FirstDay { get; }

    /// <summary>Gives the number of days reported.</summary>
    public int Days { get; }

    /// <summary>Gives the first instant that is no longer reported.</summary>
    public long End { get; }
}
