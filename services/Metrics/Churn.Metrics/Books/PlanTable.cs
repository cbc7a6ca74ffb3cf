namespace Churn.Metrics.Books;

/// <summary>Numbers the plans, each with the currency it is paid in, so that a term carries one small number for both.</summary>
/// <remarks>Numbers are of this process only. Any thread may add, and read what it was given.</remarks>
internal sealed class PlanTable
{
    private readonly Dictionary<(string Plan, string Currency), int> _numbers = [];
    private readonly NameTable _currencies = new();
    private readonly Lock _adding = new();
    private Entry[] _entries = new Entry[16];
    private int _count;

    /// <summary>Gives how many plans there are; their numbers are below this.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>Gives the names of the currencies by number.</summary>
    public NameTable Currencies => _currencies;

    /// <summary>Gives the number of a plan, which it gets now if it has none.</summary>
    public int Add(string plan, string currency)
    {
        lock (_adding)
        {
            if (_numbers.TryGetValue((plan, currency), out var number))
            {
                return number;
            }

            number = _count;
            if (number == _entries.Length)
            {
                var grown = new Entry[number * 2];
                _entries.CopyTo(grown, 0);
                Volatile.Write(ref _entries, grown);
            }

            _entries[number] = new Entry(plan, _currencies.Add(currency));
            _numbers.Add((plan, currency), number);
            Volatile.Write(ref _count, number + 1);
            return number;
        }
    }

    /// <summary>Gives the number of a plan, or -1.</summary>
    public int Find(string plan, string currency)
    {
        lock (_adding)
        {
            return _numbers.GetValueOrDefault((plan, currency), -1);
        }
    }

    /// <summary>Gives the order of plans by name, in bytes: the same in every process, and the one that a report has.</summary>
    public IComparer<int> ByName => field ??= Comparer<int>.Create((a, b) => a == b ? 0 : Utf8Order.Compare(NameOf(a), NameOf(b)));

    /// <summary>Gives a plan's name.</summary>
    public string NameOf(int number) => Volatile.Read(ref _entries)[number].Plan;

    /// <summary>Gives the number of the currency that a plan is paid in.</summary>
    public int CurrencyOf(int number) => Volatile.Read(ref _entries)[number].Currency;

    private readonly record struct Entry(string Plan, int Currency);
}
