namespace Churn.Metrics.Domain;

/// <summary>Adds columns, and writes a value into a stretch of months at the cost of its two ends.</summary>
internal static class Sum
{
    public static void Into(Int128[] target, Int128[] more)
    {
        for (var i = 0; i < target.Length; i++)
        {
            target[i] += more[i];
        }
    }

    public static void Into(long[] target, long[] more)
    {
        for (var i = 0; i < target.Length; i++)
        {
            target[i] += more[i];
        }
    }

    /// <summary>Adds a value to the differences of a column, so that <see cref="Run(Int128[])"/> has it in [from, to).</summary>
    public static void Range(Int128[] differences, int from, int to, Int128 value)
    {
        // As in Flows.Add: cannot overflow.
        unchecked
        {
            differences[from] += value;
            differences[to] -= value;
        }
    }

    public static void Range(long[] differences, int from, int to)
    {
        differences[from]++;
        differences[to]--;
    }

    /// <summary>Turns differences into values.</summary>
    public static Int128[] Run(Int128[] differences)
    {
        var values = (Int128[])differences.Clone();
        for (var i = 1; i < values.Length; i++)
        {
            values[i] += values[i - 1];
        }

        return values;
    }

    public static long[] Run(long[] differences)
    {
        var values = (long[])differences.Clone();
        for (var i = 1; i < values.Length; i++)
        {
            values[i] += values[i - 1];
        }

        return values;
    }
}
