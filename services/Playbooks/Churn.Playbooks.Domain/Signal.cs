namespace Churn.Playbooks.Domain;

/// <summary>Holds one thing that happened to a customer, or that time brought about, with what is known of the customer after it.</summary>
public sealed record Signal
{
    /// <summary>Gives the stable id.</summary>
    public required string Id { get; init; }

    /// <summary>Tells whether it no longer holds.</summary>
    public bool Retracted { get; init; }

    /// <summary>Gives the customer.</summary>
    public required string Customer { get; init; }

    /// <summary>Gives when it was true, in microseconds since 1970-01-01T00:00Z.</summary>
    public required long Time { get; init; }

    /// <summary>Gives when it was known: what is decided on it is decided as of then.</summary>
    public required long KnownTime { get; init; }

    /// <summary>Names what it is: a kind of fact such as "payment_failed", or "past_due", "scheduled_end", "renewal", "absence", "activity".</summary>
    public required string Event { get; init; }

    /// <summary>
    /// Gives what it says, by field: texts and truths as text, numbers, and micros. A nested field has a path, "amount.currency". Of time's
    /// events: "day" of past_due; "days_before" of scheduled_end and renewal; "kind" and "days" of absence.
    /// </summary>
    public IReadOnlyDictionary<string, FieldValue> Fields { get; init; } = new Dictionary<string, FieldValue>(StringComparer.Ordinal);

    /// <summary>Gives what it moved.</summary>
    public IReadOnlyList<SignalMovement> Movements { get; init; } = [];

    /// <summary>Gives what is known of the customer after it.</summary>
    public required Profile Profile { get; init; }
}

/// <summary>Holds a field's value: text, a number, or a truth.</summary>
/// <param name="Text">The value as text; numbers in invariant digits, truths as "true" and "false".</param>
/// <param name="Number">The value as a number; null where it is none.</param>
/// <param name="Truth">The value as a truth; null where it is none.</param>
public readonly record struct FieldValue(string Text, decimal? Number, bool? Truth = null);

/// <summary>Holds a movement that a signal brought about.</summary>
/// <param name="Kind">"new", "expansion", "contraction", "churn", "reactivation", "paused", "resumed" or "completed".</param>
/// <param name="Currency">The currency.</param>
/// <param name="Before">MRR before, in micros.</param>
/// <param name="After">MRR after, in micros.</param>
/// <param name="Time">When it moves; after the signal where it is scheduled.</param>
/// <param name="Undone">Whether the ledger no longer has it.</param>
public sealed record SignalMovement(string Kind, string Currency, long Before, long After, long Time, bool Undone);

/// <summary>Holds what is known of a customer.</summary>
public sealed record Profile
{
    /// <summary>Gives the state.</summary>
    public required CustomerState State { get; init; }

    /// <summary>Gives MRR in micros by currency; none where nothing is paid.</summary>
    public IReadOnlyDictionary<string, long> Mrr { get; init; } = new Dictionary<string, long>(StringComparer.Ordinal);

    /// <summary>Gives the plans that have MRR.</summary>
    public IReadOnlyList<string> Plans { get; init; } = [];

    /// <summary>Gives when the customer first paid; null while it never has.</summary>
    public long? FirstPaid { get; init; }

    /// <summary>Gives the attributes.</summary>
    public IReadOnlyDictionary<string, string> Attributes { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>Gives the persons.</summary>
    public IReadOnlyList<Contact> Contacts { get; init; } = [];

    /// <summary>Gives when facts of each kind occurred, in order: the latest 64 of 400 days.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<long>> History { get; init; } = new Dictionary<string, IReadOnlyList<long>>(StringComparer.Ordinal);
}

/// <summary>Holds a person of a customer's.</summary>
/// <param name="Id">The person, unique within the customer.</param>
/// <param name="Role">What the person does there.</param>
/// <param name="Name">The name; may be empty.</param>
/// <param name="Email">The e-mail address; may be empty.</param>
/// <param name="Phone">The telephone number; may be empty.</param>
/// <param name="Locale">The language tag; empty for the customer's.</param>
/// <param name="TimeZone">The time zone; empty for the customer's.</param>
public sealed record Contact(string Id, string Role, string Name, string Email, string Phone, string Locale, string TimeZone);

/// <summary>Names what a customer is.</summary>
public enum CustomerState : byte
{
    /// <summary>Has never paid and is on no trial.</summary>
    Lead,

    /// <summary>Pays nothing yet and is on trial.</summary>
    Trial,

    /// <summary>Pays, and nothing is past due.</summary>
    Active,

    /// <summary>Pays, and something is past due.</summary>
    PastDue,

    /// <summary>Pays nothing and has paused MRR.</summary>
    Paused,

    /// <summary>Has paid and no longer does.</summary>
    Ended,
}
