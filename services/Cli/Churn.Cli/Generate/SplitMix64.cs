namespace Churn.Cli.Generate;

/// <summary>
/// The generator SplitMix64 (Steele, Lea and Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014):
/// 64 bits of state, integers only, so the same numbers on every machine.
/// </summary>
internal struct SplitMix64(ulong state)
{
    private ulong _state = state;

    /// <summary>A stream of its own for each customer, so that no customer depends on how many there are.</summary>
    public static SplitMix64 ForCustomer(long seed, int customer)
    {
        var ofSeed = new SplitMix64(unchecked((ulong)seed)).Next();
        return new SplitMix64(new SplitMix64(unchecked(ofSeed + (ulong)customer)).Next());
    }

    public ulong Next()
    {
        unchecked
        {
            _state += 0x9E3779B97F4A7C15;
            var z = _state;
            z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
            z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
            return z ^ (z >> 31);
        }
    }

    /// <summary>A whole number from 0 up to, not including, <paramref name="limit"/>.</summary>
    /// <remarks>The high half of a product: its bias, limit / 2^64, is nothing at the limits used here.</remarks>
    public long Below(long limit) => (long)Math.BigMul(Next(), (ulong)limit, out _);

    /// <summary>A whole number from <paramref name="low"/> to <paramref name="high"/>, both included.</summary>
    public int Between(int low, int high) => low + (int)Below(high - low + 1L);

    public bool Chance(int perMillion) => Below(1_000_000) < perMillion;

    /// <summary>An index into <paramref name="weights"/>, each as likely as its weight.</summary>
    public int Pick(ReadOnlySpan<int> weights)
    {
        var total = 0;
        foreach (var weight in weights)
        {
            total += weight;
        }

        var left = (int)Below(total);
        var index = 0;
        while (left >= weights[index])
        {
            left -= weights[index++];
        }

        return index;
    }
}
