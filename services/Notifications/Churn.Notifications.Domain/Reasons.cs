namespace Churn.Notifications.Domain;

/// <summary>Names why a message stands where it does; the words are stable.</summary>
public static class Reasons
{
    /// <summary>Says that the recipient has no address for the channel.</summary>
    public const string NoAddress = "NO_ADDRESS";

    /// <summary>Says that the person does not want it.</summary>
    public const string Unsubscribed = "UNSUBSCRIBED";

    /// <summary>Says that the address is suppressed.</summary>
    public const string Suppressed = "SUPPRESSED";

    /// <summary>Says that it is a quiet hour where the recipient is.</summary>
    public const string QuietHours = "QUIET_HOURS";

    /// <summary>Says that the person has had as many messages as the cap allows.</summary>
    public const string Cap = "CAP";

    /// <summary>Says that its time is over.</summary>
    public const string Expired = "EXPIRED";

    /// <summary>Says that the provider refuses it for good.</summary>
    public const string Refused = "REFUSED";

    /// <summary>Says that a try failed in a way that may pass.</summary>
    public const string Deferred = "DEFERRED";

    /// <summary>Says that the provider cannot be reached or refuses this installation, whatever the message.</summary>
    public const string Provider = "PROVIDER";

    /// <summary>Says that every try failed.</summary>
    public const string TriesExhausted = "TRIES_EXHAUSTED";

    /// <summary>Says that the provider did not answer.</summary>
    public const string NoAnswer = "NO_ANSWER";
}
