using System.Collections.Concurrent;
using Churn.Metrics.Domain;
using Churn.Metrics.Owners;
using Churn.ServiceDefaults.Streams;

namespace Churn.Metrics.Books;

/// <summary>Looks at customers one after another: one for each thread.</summary>
internal interface IVisitor
{
    /// <summary>Looks at one customer.</summary>
    /// <param name="book">The customer's book, which is held still meanwhile.</param>
    /// <param name="customer">The customer's number in it.</param>
    /// <param name="terms">The customer's terms in one currency, looking no further than the cut; never empty.</param>
    void Visit(Book book, int customer, ReadOnlySpan<Term> terms);
}

/// <summary>Holds the books of all shards that this process owns.</summary>
internal sealed class Shelf
{
    private readonly ConcurrentDictionary<string, Book>?[] _shards = new ConcurrentDictionary<string, Book>?[Shards.Count];

    /// <summary>Makes an empty shelf.</summary>
    /// <param name="kept">The attributes by which sums are kept.</param>
    public Shelf(IEnumerable<string> kept) => Kept = [.. kept.Select(Vocabulary.Attributes.Add)];

    public Vocabulary Vocabulary { get; } = new();

    /// <summary>Gives the numbers of the attributes by which sums are kept.</summary>
    public int[] Kept { get; }

    /// <summary>Opens a shard's books, empty.</summary>
    public void Open(int shard) => Volatile.Write(ref _shards[shard], new(StringComparer.Ordinal));

    /// <summary>Lets a shard's books go.</summary>
    public void Close(int shard) => Volatile.Write(ref _shards[shard], null);

    /// <summary>Gives the book of a tenant in an open shard, which is begun now if there is none.</summary>
    public Book BookOf(int shard, string tenant) => _shards[shard]!.GetOrAdd(tenant, static (_, shelf) => new Book(shelf.Vocabulary, shelf.Kept), this);

    /// <summary>Gives the tenants that have a book in an open shard.</summary>
    public IEnumerable<string> TenantsOf(int shard) => _shards[shard]?.Keys ?? [];

    /// <summary>Gives a tenant's books in shards; null where one of these is not open, for then the books were not all of them.</summary>
    public List<Book>? BooksOf(string tenant, ShardSet shards)
    {
        var books = new List<Book>(shards.Count);
        foreach (var shard in shards)
        {
            if (Volatile.Read(ref _shards[shard]) is not { } tenants)
            {
                return null;
            }

            if (tenants.TryGetValue(tenant, out var book))
            {
                books.Add(book);
            }
        }

        return books;
    }

    /// <summary>Gives the books in all open shards, by tenant.</summary>
    public Dictionary<string, List<Book>> ByTenant()
    {
        var tenants = new Dictionary<string, List<Book>>(StringComparer.Ordinal);
        foreach (var (tenant, book) in _shards.OfType<ConcurrentDictionary<string, Book>>().SelectMany(shard => shard))
        {
            if (!tenants.TryGetValue(tenant, out var books))
            {
                tenants.Add(tenant, books = []);
            }

            books.Add(book);
        }

        return tenants;
    }

    /// <summary>Shows visitors every customer of books that has terms in a currency; each thread has one visitor.</summary>
    /// <param name="books">The books.</param>
    /// <param name="currency">The currency's number.</param>
    /// <param name="cut">The first instant that is not looked at.</param>
    /// <param name="create">Makes a visitor.</param>
    /// <param name="cancellationToken">Ends the scan between two books.</param>
    public List<T> Scan<T>(List<Book> books, int currency, long cut, Func<T> create, CancellationToken cancellationToken)
        where T : IVisitor
    {
        var visitors = new List<T>();
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount, CancellationToken = cancellationToken };
        Parallel.ForEach(
            books, parallel,
            () => new Pass<T>(create(), Vocabulary.Plans, currency, cut),
            static (book, _, pass) =>
            {
                pass.Over(book);
                return pass;
            },
            pass =>
            {
                lock (visitors)
                {
                    visitors.Add(pass.Visitor);
                }
            });
        if (visitors.Count == 0)
        {
            visitors.Add(create());
        }

        return visitors;
    }

    private sealed class Pass<T>(T visitor, PlanTable plans, int currency, long cut)
        where T : IVisitor
    {
        private Term[] _terms = new Term[64];

        public T Visitor => visitor;

        public void Over(Book book)
        {
            book.Gate.EnterReadLock();
            try
            {
                for (var customer = 0; customer < book.Count; customer++)
                {
                    var count = Cut(CurrencyFilter.Take(book.TermsOf(customer), plans, currency, ref _terms));
                    if (count > 0)
                    {
                        visitor.Visit(book, customer, _terms.AsSpan(0, count));
                    }
                }
            }
            finally
            {
                book.Gate.ExitReadLock();
            }
        }

        // What begins after the cut has not begun.
        private int Cut(int count)
        {
            var kept = 0;
            for (var i = 0; i < count; i++)
            {
                if (_terms[i].Start < cut)
                {
                    _terms[kept++] = _terms[i].End >= cut ? _terms[i].Before(cut) : _terms[i];
                }
            }

            return kept;
        }
    }
}
