namespace Churn.Metrics.Domain;

/// <summary>Carries sums from one process to another: the one that packs is shown every number, the one that unpacks sets it.</summary>
/// <remarks>What is carried walks through its numbers in one order, whether they are taken out or put in, so the two cannot differ.</remarks>
public abstract class SumsCarrier
{
    /// <summary>Carries an amount in micros.</summary>
    public abstract void Carry(ref Int128 amount);

    /// <summary>Carries a count.</summary>
    public abstract void Carry(ref long count);

    /// <summary>Carries the number of a plan, which is another one in each process.</summary>
    public abstract void CarryPlan(ref int plan);

    internal void Carry(ref Total total)
    {
        var amount = total.Value;
        Carry(ref amount);
        total = Total.Of(amount);
    }

    internal void Carry(Total[] totals)
    {
        foreach (ref var total in totals.AsSpan())
        {
            Carry(ref total);
        }
    }

    internal void Carry(long[] counts)
    {
        foreach (ref var count in counts.AsSpan())
        {
            Carry(ref count);
        }
    }
}
