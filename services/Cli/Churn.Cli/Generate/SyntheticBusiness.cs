namespace Churn.Cli.Generate;

/// <summary>A business made up from a seed: the same arguments write the same bytes on every machine.</summary>
internal sealed class SyntheticBusiness(long seed, DateTime start, int months)
{
    public const int MostCustomers = 9_999_999;

    private readonly Horizon _horizon = new(start, months);

    /// <summary>Writes the facts of the first customers; those after an instant are left out, and change no other.</summary>
    public void WriteFacts(Stream stream, int customers, DateTime? until = null)
    {
        var lines = new LineWriter(stream);
        var facts = new FactLines(lines);
        var life = new CustomerLife(seed, _horizon);
        for (var customer = 1; customer <= customers; customer++)
        {
            life.Live(customer);
            facts.Write(life, until ?? DateTime.MaxValue);
        }

        lines.Flush();
    }

    /// <summary>Gives the lives of the first customers, one after another; the same object each time.</summary>
    public IEnumerable<CustomerLife> Lives(int customers)
    {
        var life = new CustomerLife(seed, _horizon);
        for (var customer = 1; customer <= customers; customer++)
        {
            life.Live(customer);
            yield return life;
        }
    }

    /// <summary>Writes the rows of the first customers, and stops early after <paramref name="rows"/> of them.</summary>
    public void WriteIntervals(Stream stream, int customers, long rows = long.MaxValue)
    {
        var lines = new LineWriter(stream);
        var intervals = new IntervalLines(lines);
        var life = new CustomerLife(seed, _horizon);
        lines.Write($"{IntervalLines.Header}\n");
        for (var customer = 1; customer <= customers && rows > 0; customer++)
        {
            life.Live(customer);
            rows -= intervals.Write(life, rows);
        }

        lines.Flush();
    }
}
