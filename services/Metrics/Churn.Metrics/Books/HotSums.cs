using Churn.Metrics.Domain;

namespace Churn.Metrics.Books;

/// <summary>Names customers of a book: all of them, or those with one value of one attribute; of one currency.</summary>
/// <param name="Attribute">The attribute's number; <see cref="All"/> for all customers.</param>
/// <param name="Value">The value's number.</param>
/// <param name="Currency">The currency's number.</param>
internal readonly record struct SumsKey(int Attribute, int Value, int Currency)
{
    public const int All = -1;
}

/// <summary>Keeps the sums of every window that ends with one day, by segment and currency.</summary>
internal sealed class HotSums
{
    private readonly Dictionary<SumsKey, WindowSums[]> _sums = [];
    private readonly Window[] _windows = new Window[Window.Kinds];
    private readonly Movement[] _nets = new Movement[Window.Kinds];

    /// <summary>Gives the day with which the windows end.</summary>
    public int Day { get; private set; } = int.MinValue;

    /// <summary>Forgets everything and begins anew with the windows that end with a day.</summary>
    public void Restart(int day)
    {
        Day = day;
        _sums.Clear();
        for (var kind = 0; kind < _windows.Length; kind++)
        {
            _windows[kind] = Window.At((WindowKind)kind, day);
        }
    }

    /// <summary>Adds a customer's steps in one currency to its segments, or takes them out.</summary>
    /// <param name="steps">The customer's whole history in the currency.</param>
    /// <param name="currency">The currency's number.</param>
    /// <param name="kept">The attributes that are kept.</param>
    /// <param name="values">The customer's value of each of them.</param>
    /// <param name="times">1 to add, -1 to take out.</param>
    public void Add(ReadOnlySpan<Step> steps, int currency, ReadOnlySpan<int> kept, ReadOnlySpan<int> values, int times)
    {
        for (var kind = 0; kind < _windows.Length; kind++)
        {
            _nets[kind] = Movements.InWindow(_windows[kind], steps);
        }

        Add(new SumsKey(SumsKey.All, Vocabulary.NoValue, currency), times);
        for (var i = 0; i < kept.Length; i++)
        {
            Add(new SumsKey(kept[i], values[i], currency), times);
        }
    }

    /// <summary>Adds the sums of an attribute and currency to those of other books, by value.</summary>
    public void AddTo(Dictionary<int, WindowSums[]> sums, int attribute, int currency)
    {
        foreach (var (key, mine) in _sums)
        {
            if (key.Attribute != attribute || key.Currency != currency)
            {
                continue;
            }

            Merge(sums, key.Value, mine);
        }
    }

    /// <summary>Shows all sums.</summary>
    public void Each(Action<SumsKey, WindowSums[]> use)
    {
        foreach (var (key, sums) in _sums)
        {
            use(key, sums);
        }
    }

    /// <summary>Copies the sums of an attribute, by currency; those of all customers have one value.</summary>
    public Dictionary<int, WindowSums[]> Copy(int attribute)
    {
        var copies = new Dictionary<int, WindowSums[]>();
        foreach (var (key, mine) in _sums)
        {
            if (key.Attribute == attribute)
            {
                Merge(copies, key.Currency, mine);
            }
        }

        return copies;
    }

    /// <summary>Adds sums to those of one key, which begins with none.</summary>
    internal static void Merge(Dictionary<int, WindowSums[]> sums, int key, WindowSums[] more)
    {
        if (!sums.TryGetValue(key, out var merged))
        {
            sums.Add(key, merged = NewSums());
        }

        for (var kind = 0; kind < merged.Length; kind++)
        {
            merged[kind].Add(more[kind]);
        }
    }

    internal static WindowSums[] NewSums() => [.. Enumerable.Range(0, Window.Kinds).Select(_ => new WindowSums())];

    private void Add(SumsKey key, int times)
    {
        if (!_sums.TryGetValue(key, out var sums))
        {
            _sums.Add(key, sums = NewSums());
        }

        for (var kind = 0; kind < sums.Length; kind++)
        {
            sums[kind].Add(_nets[kind], times);
        }
    }
}

/// <summary>Holds the sums of all customers of a book as they stood after a batch; nobody changes it.</summary>
/// <param name="Day">The day with which the windows end.</param>
/// <param name="ByCurrency">The sums by currency.</param>
internal sealed record PublishedSums(int Day, Dictionary<int, WindowSums[]> ByCurrency)
{
    /// <summary>Adds the sums of a currency to those of other books.</summary>
    public void AddTo(Dictionary<int, WindowSums[]> sums, int currency)
    {
        if (ByCurrency.TryGetValue(currency, out var mine))
        {
            HotSums.Merge(sums, Vocabulary.NoValue, mine);
        }
    }
}
