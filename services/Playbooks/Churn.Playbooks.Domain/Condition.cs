namespace Churn.Playbooks.Domain;

/// <summary>Says something of a customer, or of what happened to it, that is true or not: typed, and no code.</summary>
public abstract record Condition
{
    private Condition()
    {
    }

    /// <summary>Is true of every customer.</summary>
    public static Condition Everyone { get; } = new All([]);

    /// <summary>Is true where all are.</summary>
    /// <param name="Of">The conditions.</param>
    public sealed record All(IReadOnlyList<Condition> Of) : Condition;

    /// <summary>Is true where any is.</summary>
    /// <param name="Of">The conditions.</param>
    public sealed record Any(IReadOnlyList<Condition> Of) : Condition;

    /// <summary>Is true where the other is not.</summary>
    /// <param name="Of">The other.</param>
    public sealed record Not(Condition Of) : Condition;

    /// <summary>Looks at an attribute's text; one that the customer has not is empty.</summary>
    /// <param name="Name">The attribute.</param>
    /// <param name="Test">What its text must be.</param>
    public sealed record AttributeText(string Name, TextTest Test) : Condition;

    /// <summary>Looks at an attribute as a number; false where it is none.</summary>
    /// <param name="Name">The attribute.</param>
    /// <param name="Test">In which range it must be.</param>
    public sealed record AttributeNumber(string Name, NumberTest Test) : Condition;

    /// <summary>Looks at the state.</summary>
    /// <param name="In">The states of which it must be one.</param>
    public sealed record State(IReadOnlyList<CustomerState> In) : Condition;

    /// <summary>Looks at the plans with MRR: true where any of them is one.</summary>
    /// <param name="Test">What a plan's name must be.</param>
    public sealed record Plan(TextTest Test) : Condition;

    /// <summary>Looks at MRR in a currency, in micros.</summary>
    /// <param name="Currency">The currency.</param>
    /// <param name="Test">In which range MRR must be.</param>
    public sealed record Mrr(string Currency, NumberTest Test) : Condition;

    /// <summary>Looks at the time since the customer first paid, in microseconds; false while it never has.</summary>
    /// <param name="Test">In which range the time must be.</param>
    public sealed record Tenure(NumberTest Test) : Condition;

    /// <summary>Looks at how many facts of a kind occurred within a stretch of time that ends now; at most 64 of 400 days are known.</summary>
    /// <param name="Kind">The kind, as a field of Fact is named.</param>
    /// <param name="Within">The stretch, in microseconds.</param>
    /// <param name="Test">How many.</param>
    public sealed record History(string Kind, long Within, NumberTest Test) : Condition;

    /// <summary>Looks at whether there is a person with an e-mail address: of a role, or any.</summary>
    /// <param name="Role">The role; null for any.</param>
    public sealed record HasContact(string? Role) : Condition;
}

/// <summary>Says what a text must be.</summary>
/// <param name="In">One of these; null for anything.</param>
/// <param name="NotIn">None of these.</param>
/// <param name="Present">Whether it must not be empty (true) or must be (false); null for either.</param>
public sealed record TextTest(IReadOnlyList<string>? In, IReadOnlyList<string> NotIn, bool? Present);

/// <summary>Says in which range a number must be, both ends included; null for no bound.</summary>
/// <param name="AtLeast">The least.</param>
/// <param name="AtMost">The largest.</param>
public sealed record NumberTest(decimal? AtLeast, decimal? AtMost);

/// <summary>Says which signals are meant: by event, by what it says, and by what it moved.</summary>
/// <param name="Event">The event, as <see cref="Signal.Event"/> names it; null for any.</param>
/// <param name="Where">What its fields must be; those that a signal has not are empty.</param>
/// <param name="Movements">Kinds of movements of which the signal must have brought about one that is not in the future; empty for any signal.</param>
public sealed record SignalPattern(string? Event, IReadOnlyList<FieldTest> Where, IReadOnlyList<string> Movements);

/// <summary>Says what a field of a signal must be; both tests hold.</summary>
/// <param name="Field">The path of the field.</param>
/// <param name="Text">What it must be as text; null for anything.</param>
/// <param name="Number">In which range it must be as a number; null for any.</param>
public sealed record FieldTest(string Field, TextTest? Text, NumberTest? Number);
