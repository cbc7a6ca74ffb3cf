using Churn.Metrics.Domain;

namespace Churn.Cli.Report.Output;

/// <summary>Holds the customers that began in one month, quarter or year, for showing.</summary>
internal sealed class CohortGroup
{
    public const int Quarter = 3;
    public const int Year = 12;

    private readonly Cohort[] _cohorts;
    private readonly int _last;

    private CohortGroup(int month, int step, int to, Cohort[] cohorts)
    {
        (Month, Step, _cohorts) = (month, step, cohorts);

        // A group has an age once all of its months could have it; the last one, perhaps unfinished, has its first.
        _last = Math.Max(0, to - (month + step - 1)) / step * step;
    }

    /// <summary>Gives the first month.</summary>
    public int Month { get; }

    /// <summary>Gives the months of the group, and between two ages that are shown.</summary>
    public int Step { get; }

    /// <summary>Gives the customers that began.</summary>
    public long Customers => _cohorts.Sum(c => c.Customers);

    /// <summary>Gives the ages that it has reached, in months.</summary>
    public IEnumerable<int> Ages => Enumerable.Range(0, (_last / Step) + 1).Select(i => i * Step);

    /// <summary>Gives what the group is called: 2024-03, 2024-Q1 or 2024.</summary>
    public string Name
    {
        get
        {
            var (year, month) = Calendar.YearAndMonth(Month);
            return Step switch { 1 => Numerals.Month(Month), Year => $"{year:D4}", _ => $"{year:D4}-Q{((month - 1) / Quarter) + 1}" };
        }
    }

    /// <summary>Gives what a step is called.</summary>
    public static string NameOf(int step) => step switch { 1 => "month", Year => "year", _ => "quarter" };

    /// <summary>Groups cohorts by first paid closing, the earliest first; those before the horizon too.</summary>
    public static CohortGroup[] Of(Figures figures, int step) =>
        [.. figures.Cohorts
            .GroupBy(c => c.Month - (((c.Month % step) + step) % step))
            .Select(g => new CohortGroup(g.Key, step, figures.Horizon.To, [.. g]))];

    /// <summary>Gives MRR at an age / MRR at the first paid closing.</summary>
    public Ratio Retention(int age)
    {
        var (active, first) = (Int128.Zero, Int128.Zero);
        foreach (var cohort in _cohorts.Where(c => age < c.Ages))
        {
            (active, first) = (active + cohort.ActiveMrr(age), first + cohort.FirstMrr);
        }

        return new Ratio(active, first);
    }
}
