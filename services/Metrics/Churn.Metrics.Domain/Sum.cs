namespace Churn.Metrics.Domain;

/// <summary>Adds columns, and writes a value into a stretch of months at the cost of its two ends.</summary>
internal static class Sum
{
    public static void Into(Total[] target, Total[] more)
    {
        for (var i = 0; i < target.Length; i++)
        {
            target[i].Add(more[i]);
        }
    }

    public static void Into(long[] target, long[] more)
    {
        for (var i = 0; i < target.Length; i++)
        {
            target[i] += more[i];
        }
    }

    /// <summary>Adds a value to the differences of a column, so that <see cref="Run(Total[], int)"/> has it in [from, to).</summary>
    public static void Range(Total[] differences, int from, int to, long value)
    {
        differences[from].Add(value);
        differences[to].Add(-value);
    }

    public static void Range(long[] differences, int from, int to)
    {
        differences[from]++;
        differences[to]--;
    }

    /// <summary>Turns differences into values, the first so many of them.</summary>
    public static Int128[] Run(Total[] differences, int length)
    {
        var values = new Int128[length];
        var total = default(Total);
        for (var i = 0; i < length; i++)
        {
            total.Add(differences[i]);
            values[i] = total.Value;
        }

        return values;
    }

    public static long[] Run(long[] differences, int length)
    {
        var values = differences.AsSpan(0, length).ToArray();
        for (var i = 1; i < length; i++)
        {
            values[i] += values[i - 1];
        }

        return values;
    }
}
