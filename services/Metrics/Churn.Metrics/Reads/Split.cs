using Churn.Metrics.Books;

namespace Churn.Metrics.Reads;

/// <summary>Says by what an answer is split, and which parts of it are asked for.</summary>
/// <param name="Name">"plan" or an attribute; empty for no split.</param>
/// <param name="Attribute">The attribute's number; -1 where it is none.</param>
/// <param name="Only">The number of the only part asked for, a plan's or a value's; null for all.</param>
internal readonly record struct Split(string Name, int Attribute = -1, int? Only = null)
{
    public const string Plan = "plan";

    public static readonly Split None = new("");

    /// <summary>Stands for a part that nobody is in.</summary>
    public const int Nobody = -2;

    public bool IsByPlan => Name == Plan;

    public bool IsSplit => Name.Length > 0;

    /// <summary>Gives the number of a customer's part; 0 where nothing is split. Not for plans: a customer may be in several.</summary>
    public int PartOf(Book book, int customer) => Attribute < 0 ? 0 : book.ValueOf(customer, Attribute);

    /// <summary>Tells whether a part is asked for.</summary>
    public bool Wants(int part) => Only is null || Only == part;
}
