using Churn.Metrics.Books;

namespace Churn.Metrics.Reads;

/// <summary>Says by what an answer is split, and which parts of it are asked for.</summary>
/// <param name="Name">"plan" or an attribute; empty for no split.</param>
/// <param name="Attribute">The attribute's number; -1 where it is none.</param>
/// <param name="Only">The name of the only part asked for, a plan or a value; null for all.</param>
/// <param name="OnlyNumber">Its number; <see cref="Nobody"/> where this process knows none of that name.</param>
internal readonly record struct Split(string Name, int Attribute = -1, string? Only = null, int OnlyNumber = Split.Nobody)
{
    public const string Plan = "plan";

    public static readonly Split None = new("");

    /// <summary>Stands for a part that nobody is in.</summary>
    public const int Nobody = -2;

    public bool IsByPlan => Name == Plan;

    public bool IsSplit => Name.Length > 0;

    /// <summary>Gives the split by a name, and one part of it or all.</summary>
    public static Split Of(string name, string? only, Vocabulary vocabulary, string currency)
    {
        var split = new Split(name, name.Length == 0 || name == Plan ? -1 : vocabulary.Attributes.Add(name), only);
        return only is null ? split : split with { OnlyNumber = split.NumberOf(only, vocabulary, currency) };
    }

    public static Split FromWire(V1.LedgerSplit? split, Vocabulary vocabulary, string currency) =>
        split is null ? None : Of(split.Attribute, split.HasOnly ? split.Only : null, vocabulary, currency);

    public V1.LedgerSplit ToWire()
    {
        var wire = new V1.LedgerSplit { Attribute = Name };
        if (Only is not null)
        {
            wire.Only = Only;
        }

        return wire;
    }

    /// <summary>Tells whether its sums of rolling windows are kept.</summary>
    public bool IsKept(Shelf shelf) => Only is null && !IsByPlan && (!IsSplit || shelf.Kept.Contains(Attribute));

    /// <summary>Gives the number of a customer's part; 0 where nothing is split. Not for plans: a customer may be in several.</summary>
    public int PartOf(Book book, int customer) => Attribute < 0 ? 0 : book.ValueOf(customer, Attribute);

    /// <summary>Tells whether a part is asked for.</summary>
    public bool Wants(int part) => Only is null || OnlyNumber == part;

    /// <summary>Gives a part's name; empty where nothing is split.</summary>
    public string NameOf(int part, Vocabulary vocabulary) =>
        !IsSplit ? "" : IsByPlan ? vocabulary.Plans.NameOf(part) : vocabulary.Values[part];

    /// <summary>Gives a part's number, which it gets now if it has none; 0 where nothing is split.</summary>
    public int AddNumber(string part, Vocabulary vocabulary, string currency) =>
        !IsSplit ? 0 : IsByPlan ? vocabulary.Plans.Add(part, currency) : vocabulary.Values.Add(part);

    /// <summary>Gives a part's number, or <see cref="Nobody"/>; 0 where nothing is split.</summary>
    public int NumberOf(string part, Vocabulary vocabulary, string currency)
    {
        var number = !IsSplit ? 0 : IsByPlan ? vocabulary.Plans.Find(part, currency) : vocabulary.Values.Find(part);
        return number < 0 ? Nobody : number;
    }
}
