using System.Collections.Concurrent;

namespace Churn.Metrics.Books;

/// <summary>Numbers names, from 0; any thread may add and read.</summary>
internal sealed class NameTable
{
    private readonly ConcurrentDictionary<string, int> _numbers = new(StringComparer.Ordinal);
    private readonly Lock _adding = new();
    private string[] _names = new string[16];
    private int _count;

    public int Count => Volatile.Read(ref _count);

    public string this[int number] => Volatile.Read(ref _names)[number];

    /// <summary>Gives the number of a name, which it gets now if it has none.</summary>
    public int Add(string name)
    {
        if (_numbers.TryGetValue(name, out var number))
        {
            return number;
        }

        lock (_adding)
        {
            if (_numbers.TryGetValue(name, out number))
            {
                return number;
            }

            number = _count;
            if (number == _names.Length)
            {
                var grown = new string[number * 2];
                _names.CopyTo(grown, 0);
                Volatile.Write(ref _names, grown);
            }

            _names[number] = name;
            Volatile.Write(ref _count, number + 1);
            _numbers[name] = number;
            return number;
        }
    }

    /// <summary>Gives the number of a name, or -1.</summary>
    public int Find(string name) => _numbers.TryGetValue(name, out var number) ? number : -1;
}
