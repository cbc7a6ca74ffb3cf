namespace Churn.Notifications.Domain;

/// <summary>Names what came of one try.</summary>
public enum OutcomeKind : byte
{
    /// <summary>Says that the provider took it over.</summary>
    Accepted,

    /// <summary>Says that it failed in a way that may pass.</summary>
    Transient,

    /// <summary>Says that it failed for good.</summary>
    Permanent,

    /// <summary>Says that the provider takes nothing at present, whatever the message: the try does not count.</summary>
    Provider,

    /// <summary>Says that the provider may have taken it over or not.</summary>
    NoAnswer,
}

/// <summary>Holds what came of one try.</summary>
/// <param name="Kind">What came of it.</param>
/// <param name="Detail">The provider's words, or ours.</param>
/// <param name="RetryAfter">How long the provider asks to be left alone.</param>
/// <param name="IsAddressDead">Whether the address exists no more, so that nothing is to be sent to it again.</param>
public sealed record Outcome(OutcomeKind Kind, string Detail, TimeSpan? RetryAfter = null, bool IsAddressDead = false);
