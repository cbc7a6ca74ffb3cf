using Churn.Metrics.Books;
using Churn.Metrics.Reads;

namespace Churn.Metrics.Owners;

/// <summary>Holds the books of some shards that a question is about.</summary>
/// <param name="Shelf">The shelf they stand on.</param>
/// <param name="Books">The books.</param>
/// <param name="Read">Whose customers, in which currency, as of when.</param>
internal readonly record struct OwnBooks(Shelf Shelf, List<Book> Books, Read Read)
{
    public Vocabulary Vocabulary => Shelf.Vocabulary;

    public List<T> Scan<T>(Func<T> create)
        where T : IVisitor =>
        Shelf.Scan(Books, Vocabulary.Plans.Currencies.Find(Read.CurrencyCode), Read.Cut, create, Read.CancellationToken);
}

/// <summary>Asks something of customers that every owner answers for its own, and puts the parts together.</summary>
/// <remarks>
/// The owner in this process is asked by a call and another one over gRPC; both run <see cref="Answer"/>, and what comes over the wire
/// is brought to the numbers of this process before anything is added up.
/// </remarks>
/// <typeparam name="T">What an owner answers.</typeparam>
internal abstract class Question<T>
{
    /// <summary>Puts it to an owner elsewhere.</summary>
    public abstract void Ask(V1.AskRequest request);

    /// <summary>Answers it for customers of this process.</summary>
    public abstract T Answer(OwnBooks books);

    /// <summary>Puts parts together, of which at least one is there; they are not to be used any more.</summary>
    public abstract T Merge(List<T> parts);

    /// <summary>Says an answer by names.</summary>
    public abstract void ToWire(T answer, V1.AskResponse response, Vocabulary vocabulary);

    /// <summary>Reads an answer, by the numbers of this process.</summary>
    /// <exception cref="InvalidDataException">It is no answer to this.</exception>
    public abstract T FromWire(V1.AskResponse response, Vocabulary vocabulary, Read read);
}
