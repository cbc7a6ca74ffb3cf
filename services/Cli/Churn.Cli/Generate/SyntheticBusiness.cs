namespace Churn.Cli.Generate;

/// <summary>A business made up from a seed: the same arguments write the same bytes on every machine.</summary>
internal sealed class SyntheticBusiness(long seed, DateTime start, int months)
{
    public const int MostCustomers = 9_999_999;

    private readonly Horizon _horizon = new(start, months);

    public void WriteFacts(Stream stream, int customers)
    {
        var lines = new LineWriter(stream);
        var facts = new FactLines(lines);
        var life = new CustomerLife(seed, _horizon);
        for (var customer = 1; customer <= customers; customer++)
        {
            life.Live(customer);
            facts.Write(life);
        }

        lines.Flush();
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
