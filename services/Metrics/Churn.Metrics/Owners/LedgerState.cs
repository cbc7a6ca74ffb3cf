using Churn.Metrics.Books;

namespace Churn.Metrics.Owners;

/// <summary>Holds how far shards of the ledger are, and what a tenant's customers in them have.</summary>
/// <param name="Watermark">The instant until which every fact recorded is applied, in microseconds.</param>
/// <param name="Lag">The facts that are recorded and not applied.</param>
/// <param name="Quarantined">The facts that could not be applied.</param>
/// <param name="Currencies">The currencies in which the customers have terms, in order.</param>
/// <param name="Attributes">The attributes that the customers have, in order.</param>
internal sealed record LedgerState(
    long Watermark, long Lag, long Quarantined, IReadOnlyCollection<string> Currencies, IReadOnlyCollection<string> Attributes)
{
    /// <summary>Reads off books what customers have.</summary>
    public static LedgerState Of((long Watermark, long Lag, long Quarantined) progress, List<Book> books, Vocabulary vocabulary) => new(
        progress.Watermark,
        progress.Lag,
        progress.Quarantined,
        Had(vocabulary.Plans.Currencies, books, static (book, currency) => book.HasCurrency(currency)),
        Had(vocabulary.Attributes, books, static (book, attribute) => book.HasAttribute(attribute)));

    /// <summary>Puts states of several owners together; no shard is in two of them.</summary>
    public static LedgerState Merge(IReadOnlyCollection<LedgerState> states) => states.Count == 1
        ? states.First()
        : new LedgerState(
            states.Min(s => s.Watermark),
            states.Sum(s => s.Lag),
            states.Sum(s => s.Quarantined),
            [.. states.SelectMany(s => s.Currencies).Distinct().Order(StringComparer.Ordinal)],
            [.. states.SelectMany(s => s.Attributes).Distinct().Order(StringComparer.Ordinal)]);

    public V1.LedgerState ToWire() => new()
    {
        Watermark = Watermark,
        Lag = Lag,
        Quarantined = Quarantined,
        Currencies = { Currencies },
        Attributes = { Attributes },
    };

    public static LedgerState FromWire(V1.LedgerState wire) =>
        new(wire.Watermark, wire.Lag, wire.Quarantined, wire.Currencies, wire.Attributes);

    private static List<string> Had(NameTable names, List<Book> books, Func<Book, int, bool> has)
    {
        var had = new List<string>();
        var count = names.Count;
        for (var number = 0; number < count; number++)
        {
            foreach (var book in books)
            {
                if (has(book, number))
                {
                    had.Add(names[number]);
                    break;
                }
            }
        }

        had.Sort(StringComparer.Ordinal);
        return had;
    }
}
