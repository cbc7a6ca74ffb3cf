using Churn.Metrics.Domain;

namespace Churn.Metrics.Books;

/// <summary>Holds what the ledger knows of one tenant's customers in one shard: their terms, their attributes, and the sums of today.</summary>
/// <remarks>
/// One thread changes it, any may read. Terms and attributes are read under <see cref="Gate"/>; the sums have a lock of their own, so
/// that a reader of sums never waits for a scan.
/// </remarks>
/// <param name="vocabulary">The numbers of plans, attributes and values.</param>
/// <param name="kept">Numbers of the attributes by which sums are kept.</param>
internal sealed class Book(Vocabulary vocabulary, int[] kept) : IDisposable
{
    private readonly Dictionary<string, int> _numbers = new(StringComparer.Ordinal);
    private readonly List<string> _ids = [];
    private readonly List<int[]> _attributes = [];
    private readonly Lock _summing = new();
    private readonly HotSums _sums = new();
    private readonly int[] _values = new int[kept.Length];
    private PublishedSums _published = new(int.MinValue, []);
    private Stretch[] _stretches = new Stretch[16];
    private Term[] _terms = new Term[64];
    private Term[] _oneCurrency = new Term[16];
    private Step[] _steps = new Step[32];
    private int _used;
    private int _wasted;
    private int[] _having = new int[8];
    private long[] _counted = new long[8];
    private int[] _holders = [];
    private long _count;

    /// <summary>Gives the lock under which terms and attributes are read.</summary>
    public ReaderWriterLockSlim Gate { get; } = new(LockRecursionPolicy.NoRecursion);

    /// <summary>Gives the number of customers.</summary>
    public int Count => _ids.Count;

    public void Dispose() => Gate.Dispose();

    /// <summary>Tells whether any customer has terms in a currency.</summary>
    public bool HasCurrency(int currency) => Volatile.Read(ref _having) is var having && currency < having.Length && having[currency] > 0;

    /// <summary>Tells whether any customer has a value of an attribute.</summary>
    public bool HasAttribute(int attribute) => Volatile.Read(ref _holders) is var holders && attribute < holders.Length && holders[attribute] > 0;

    public bool Holds(string customer) => _numbers.ContainsKey(customer);

    public string IdOf(int customer) => _ids[customer];

    public ReadOnlySpan<Term> TermsOf(int customer) => _terms.AsSpan(_stretches[customer].Start, _stretches[customer].Count);

    /// <summary>Gives the number of a customer's value of an attribute.</summary>
    public int ValueOf(int customer, int attribute) =>
        attribute < _attributes.Count && _attributes[attribute] is { } column && customer < column.Length ? column[customer] : Vocabulary.NoValue;

    /// <summary>Puts an account in the place of what the book holds of the customer.</summary>
    /// <param name="customer">The customer.</param>
    /// <param name="account">What the customer's facts amount to.</param>
    /// <param name="today">The day with which the kept windows end.</param>
    public void Put(string customer, Account account, int today)
    {
        Gate.EnterWriteLock();
        try
        {
            lock (_summing)
            {
                var number = _numbers.GetValueOrDefault(customer, -1);
                if (_sums.Day != today)
                {
                    Restart(today);
                }

                if (number >= 0)
                {
                    Sum(number, -1);
                    CountCurrencies(TermsOf(number), -1);
                }
                else
                {
                    number = Add(customer);
                }

                PutTerms(number, account.Terms);
                CountCurrencies(account.Terms, 1);
                PutAttributes(number, account.Attributes);
                Sum(number, 1);
            }
        }
        finally
        {
            Gate.ExitWriteLock();
        }
    }

    /// <summary>Shows the sums of all customers to readers that wait for nothing; to be called when a batch has been put.</summary>
    public void PublishSums()
    {
        lock (_summing)
        {
            Volatile.Write(ref _published, new PublishedSums(_sums.Day, _sums.Copy(SumsKey.All)));
        }
    }

    /// <summary>Adds the sums of an attribute and currency, with windows that end with a day, to those of other books, by value.</summary>
    public void AddSumsTo(Dictionary<int, WindowSums[]> sums, int attribute, int currency, int today)
    {
        var published = Volatile.Read(ref _published);
        if (attribute == SumsKey.All && published.Day == today)
        {
            published.AddTo(sums, currency);
            return;
        }

        lock (_summing)
        {
            if (_sums.Day == today)
            {
                _sums.AddTo(sums, attribute, currency);
                return;
            }
        }

        // The first read of a new day: the windows have moved, and every customer is looked at once.
        Gate.EnterReadLock();
        try
        {
            lock (_summing)
            {
                if (_sums.Day != today)
                {
                    Restart(today);
                }

                _sums.AddTo(sums, attribute, currency);
                Volatile.Write(ref _published, new PublishedSums(today, _sums.Copy(SumsKey.All)));
            }
        }
        finally
        {
            Gate.ExitReadLock();
        }
    }

    /// <summary>Shows the sums of every attribute, value and currency, with windows that end with a day; they are held still meanwhile.</summary>
    public void ReadSums(int today, Action<SumsKey, WindowSums[]> use)
    {
        Gate.EnterReadLock();
        try
        {
            lock (_summing)
            {
                if (_sums.Day != today)
                {
                    Restart(today);
                    Volatile.Write(ref _published, new PublishedSums(today, _sums.Copy(SumsKey.All)));
                }

                _sums.Each(use);
            }
        }
        finally
        {
            Gate.ExitReadLock();
        }
    }

    private void Restart(int today)
    {
        _sums.Restart(today);
        for (var customer = 0; customer < _ids.Count; customer++)
        {
            Sum(customer, 1);
        }
    }

    private void Sum(int customer, int times)
    {
        var terms = TermsOf(customer);
        if (terms.IsEmpty)
        {
            return;
        }

        for (var i = 0; i < kept.Length; i++)
        {
            _values[i] = ValueOf(customer, kept[i]);
        }

        var plans = vocabulary.Plans;
        var currency = plans.CurrencyOf(terms[0].Plan);
        var several = false;
        foreach (ref readonly var term in terms)
        {
            several |= plans.CurrencyOf(term.Plan) != currency;
        }

        if (!several)
        {
            Sum(terms, currency, times);
            return;
        }

        for (currency = 0; currency < plans.Currencies.Count; currency++)
        {
            var count = CurrencyFilter.Take(terms, plans, currency, ref _oneCurrency);
            if (count > 0)
            {
                Sum(_oneCurrency.AsSpan(0, count), currency, times);
            }
        }
    }

    private void Sum(ReadOnlySpan<Term> terms, int currency, int times)
    {
        if (_steps.Length < Timeline.MostSteps(terms.Length))
        {
            _steps = new Step[Timeline.MostSteps(terms.Length)];
        }

        var count = Timeline.Build(terms, _steps);
        _sums.Add(_steps.AsSpan(0, count), currency, kept, _values, times);
    }

    private int Add(string customer)
    {
        var number = _ids.Count;
        _ids.Add(customer);
        _numbers.Add(customer, number);
        if (number == _stretches.Length)
        {
            Array.Resize(ref _stretches, number * 2);
        }

        _stretches[number] = default;
        return number;
    }

    private void PutTerms(int customer, Term[] terms)
    {
        ref var stretch = ref _stretches[customer];
        if (terms.Length > stretch.Room)
        {
            _wasted += stretch.Room;
            if (_used + terms.Length > _terms.Length)
            {
                MakeRoom(terms.Length, customer);
            }

            stretch.Start = _used;
            stretch.Room = terms.Length;
            _used += terms.Length;
        }

        stretch.Count = terms.Length;
        terms.CopyTo(_terms.AsSpan(stretch.Start));
    }

    // Each currency once, however many terms a customer has in it.
    private void CountCurrencies(ReadOnlySpan<Term> terms, int times)
    {
        _count++;
        foreach (ref readonly var term in terms)
        {
            var currency = vocabulary.Plans.CurrencyOf(term.Plan);
            if (currency >= _having.Length)
            {
                Array.Resize(ref _counted, (currency + 1) * 2);
                var having = _having;
                Array.Resize(ref having, _counted.Length);
                Volatile.Write(ref _having, having);
            }

            if (_counted[currency] != _count)
            {
                _counted[currency] = _count;
                _having[currency] += times;
            }
        }
    }

    private void CountHolder(int attribute, int times)
    {
        if (attribute >= _holders.Length)
        {
            var holders = _holders;
            Array.Resize(ref holders, (attribute + 1) * 2);
            Volatile.Write(ref _holders, holders);
        }

        _holders[attribute] += times;
    }

    // Stretches that were outgrown leave holes; when they are a quarter of all, the rest moves together.
    private void MakeRoom(int more, int moving)
    {
        _stretches[moving].Count = 0;
        _stretches[moving].Room = 0;
        var needed = _used - _wasted + more;
        var target = new Term[Math.Max(64, needed + (needed / 4))];
        var used = 0;
        for (var i = 0; i < _ids.Count; i++)
        {
            ref var stretch = ref _stretches[i];
            TermsOf(i).CopyTo(target.AsSpan(used));
            stretch.Start = used;
            used += stretch.Room;
        }

        (_terms, _used, _wasted) = (target, used, 0);
    }

    private void PutAttributes(int customer, IReadOnlyDictionary<string, string> attributes)
    {
        for (var attribute = 0; attribute < _attributes.Count; attribute++)
        {
            if (_attributes[attribute] is { } column && customer < column.Length && column[customer] != Vocabulary.NoValue)
            {
                column[customer] = Vocabulary.NoValue;
                CountHolder(attribute, -1);
            }
        }

        foreach (var (name, value) in attributes)
        {
            var attribute = vocabulary.Attributes.Add(name);
            while (_attributes.Count <= attribute)
            {
                _attributes.Add(null!);
            }

            var column = _attributes[attribute] ?? new int[_stretches.Length];
            if (column.Length <= customer)
            {
                Array.Resize(ref column, _stretches.Length);
            }

            column[customer] = vocabulary.Values.Add(value);
            _attributes[attribute] = column;
            if (column[customer] != Vocabulary.NoValue)
            {
                CountHolder(attribute, 1);
            }
        }
    }

    private struct Stretch
    {
        public int Start;
        public int Count;
        public int Room;
    }
}
