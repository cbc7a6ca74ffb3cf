namespace Churn.Metrics.Domain;

/// <summary>Names what makes a customer a member of a month's cohort.</summary>
public enum CohortBasis
{
    /// <summary>Takes the month of the first closing with MRR; who comes and goes inside one month is in no cohort.</summary>
    FirstClosing,

    /// <summary>Takes the month of the first instant with MRR; retention at age 0 may be below 1.</summary>
    FirstPaidInstant,
}

/// <summary>Holds the customers that began in one month and what is left of them at every closing since.</summary>
public sealed class Cohort
{
    private readonly IReadOnlyList<long> _customers;
    private readonly IReadOnlyList<Int128> _mrr;

    /// <summary>Makes a cohort.</summary>
    /// <param name="basis">What made its customers members.</param>
    /// <param name="month">The month they began in.</param>
    /// <param name="customers">How many began.</param>
    /// <param name="firstMrr">Their MRR at the beginning.</param>
    /// <param name="activeCustomers">Those that pay at the closing of every age, from 0; not to be changed later.</param>
    /// <param name="activeMrr">Their MRR at the same closings; not to be changed later.</param>
    /// <exception cref="ArgumentException">The two do not have the same number of ages.</exception>
    public Cohort(
        CohortBasis basis, int month, long customers, Int128 firstMrr,
        IReadOnlyList<long> activeCustomers, IReadOnlyList<Int128> activeMrr)
    {
        if (activeCustomers.Count != activeMrr.Count)
        {
            throw new ArgumentException($"There are {activeCustomers.Count} ages of customers and {activeMrr.Count} of MRR.", nameof(activeMrr));
        }

        (Basis, Month, Customers, FirstMrr, _customers, _mrr) = (basis, month, customers, firstMrr, activeCustomers, activeMrr);
    }

    /// <summary>Gives what made its customers members.</summary>
    public CohortBasis Basis { get; }

    /// <summary>Gives the month its customers began in.</summary>
    public int Month { get; }

    /// <summary>Gives how many began.</summary>
    public long Customers { get; }

    /// <summary>Gives their MRR at the beginning: at that closing, or right after that instant.</summary>
    public Int128 FirstMrr { get; }

    /// <summary>Gives the number of ages, from 0 to the horizon's last month.</summary>
    public int Ages => _mrr.Count;

    /// <summary>Gives the customers that pay at the closing of an age in months; who returned counts.</summary>
    public long ActiveCustomers(int age) => _customers[age];

    /// <summary>Gives their MRR at that closing.</summary>
    public Int128 ActiveMrr(int age) => _mrr[age];

    /// <summary>Gives the share of the customers that pay at that closing.</summary>
    public Ratio LogoRetention(int age) => new(ActiveCustomers(age), Customers);

    /// <summary>Gives MRR at that closing / MRR at the beginning; above 1 when the cohort grew.</summary>
    public Ratio MrrRetention(int age) => new(ActiveMrr(age), FirstMrr);
}

/// <summary>Adds up cohorts over customers.</summary>
internal sealed class CohortSums(CohortBasis basis, Horizon horizon)
{
    private readonly Sums?[] _cohorts = new Sums?[horizon.To - horizon.First + 1];

    /// <summary>Adds one customer's movements at the month's grain to the cohort of a month.</summary>
    public void Add(int month, long firstMrr, ReadOnlySpan<Movement> movements)
    {
        var cohort = _cohorts[month - horizon.First] ??= new Sums(horizon.To - month + 2);
        cohort.Customers++;
        cohort.FirstMrr.Add(firstMrr);
        foreach (ref readonly var movement in movements)
        {
            if (movement.Period > horizon.To)
            {
                break;
            }

            var age = (int)movement.Period - month;
            cohort.Mrr[age].Add(movement.After - movement.Before);
            if (movement.Before == 0)
            {
                cohort.Active[age]++;
            }
            else if (movement.After == 0)
            {
                cohort.Active[age]--;
            }
        }
    }

    public void Merge(CohortSums other)
    {
        for (var i = 0; i < _cohorts.Length; i++)
        {
            if (other._cohorts[i] is not { } more)
            {
                continue;
            }

            if (_cohorts[i] is not { } mine)
            {
                _cohorts[i] = more;
                continue;
            }

            mine.Customers += more.Customers;
            mine.FirstMrr.Add(more.FirstMrr);
            Sum.Into(mine.Active, more.Active);
            Sum.Into(mine.Mrr, more.Mrr);
        }
    }

    public void Carry(SumsCarrier carrier)
    {
        for (var i = 0; i < _cohorts.Length; i++)
        {
            long exists = _cohorts[i] is null ? 0 : 1;
            carrier.Carry(ref exists);
            if (exists != 0)
            {
                var cohort = _cohorts[i] ??= new Sums(horizon.To - horizon.First - i + 2);
                carrier.Carry(ref cohort.Customers);
                carrier.Carry(ref cohort.FirstMrr);
                carrier.Carry(cohort.Active);
                carrier.Carry(cohort.Mrr);
            }
        }
    }

    public IEnumerable<Cohort> Read()
    {
        for (var i = 0; i < _cohorts.Length; i++)
        {
            if (_cohorts[i] is { } c)
            {
                var ages = horizon.To - horizon.First - i + 1;
                yield return new Cohort(
                    basis, horizon.First + i, c.Customers, c.FirstMrr.Value, Sum.Run(c.Active, ages), Sum.Run(c.Mrr, ages));
            }
        }
    }

    private sealed class Sums(int length)
    {
        public readonly Total[] Mrr = new Total[length];
        public readonly long[] Active = new long[length];
        public long Customers;
        public Total FirstMrr;
    }
}
