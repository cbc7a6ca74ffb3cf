namespace Churn.Notifications.Domain;

/// <summary>Says what a webhook's answer means for the message.</summary>
public static class HttpReply
{
    /// <summary>Gives the outcome of a status code.</summary>
    /// <param name="status">The code.</param>
    /// <param name="retryAfter">What the receiver asks for in Retry-After.</param>
    public static Outcome Outcome(int status, TimeSpan? retryAfter = null)
    {
        var words = $"the receiver answers {status}";
        return status switch
        {
            >= 200 and < 300 => new Outcome(OutcomeKind.Accepted, words),
            >= 300 and < 400 => new Outcome(OutcomeKind.Permanent, $"{words}, a redirect, which is not followed; give the address that it leads to"),
            408 or 425 or 429 or >= 500 => new Outcome(OutcomeKind.Transient, words, retryAfter),
            410 => new Outcome(OutcomeKind.Permanent, $"{words}: it is gone for good"),
            _ => new Outcome(OutcomeKind.Permanent, words),
        };
    }
}
