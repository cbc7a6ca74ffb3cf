namespace Churn.Notifications.Domain;

/// <summary>Holds where a message stands; it changes by the methods here alone.</summary>
/// <param name="State">The state.</param>
/// <param name="Reason">Why, one of <see cref="Reasons"/> or the reason of a refusal; empty where the state says it all.</param>
/// <param name="Detail">Why, in words.</param>
/// <param name="Tries">How often it was tried.</param>
/// <param name="NextTime">When it is looked at next; null where it is not.</param>
/// <param name="IsHandedOver">Whether the provider may have it from the try that is under way.</param>
/// <param name="IsDoubtful">Whether the provider may have it from an earlier try that was not answered.</param>
public sealed record Standing(
    MessageState State, string Reason, string Detail, int Tries, DateTimeOffset? NextTime, bool IsHandedOver = false, bool IsDoubtful = false)
{
    /// <summary>Tells whether the message will still be looked at by itself.</summary>
    public bool IsOpen => State is MessageState.Queued or MessageState.Held or MessageState.Sending;

    /// <summary>Makes the standing of a message that was just taken.</summary>
    public static Standing Taken(DateTimeOffset now) => new(MessageState.Queued, "", "", 0, now);

    /// <summary>Makes the standing of a message that cannot be sent as it is.</summary>
    public static Standing Refused(string reason, string detail) => new(MessageState.Failed, reason, detail, 0, null);

    /// <summary>Goes where <see cref="Gate"/> says, unless it says to send.</summary>
    public Standing Follow(Passage passage) => passage.Kind switch
    {
        PassageKind.Hold => this with { State = MessageState.Held, Reason = passage.Reason, Detail = passage.Detail, NextTime = passage.Until },
        PassageKind.Suppress => End(MessageState.Suppressed, passage.Reason, passage.Detail),
        PassageKind.Expire => End(MessageState.Expired, Reasons.Expired, passage.Detail),
        _ => this,
    };

    /// <summary>Begins a try.</summary>
    public Standing Begin() => this with { State = MessageState.Sending, Reason = "", Detail = "", Tries = Tries + 1, NextTime = null, IsHandedOver = false };

    /// <summary>Marks that the provider may have it from now on.</summary>
    public Standing HandOver() => this with { IsHandedOver = true };

    /// <summary>Ends a try.</summary>
    /// <param name="outcome">What came of it.</param>
    /// <param name="policy">When it is tried again.</param>
    /// <param name="onUnknown">What to do without an answer.</param>
    /// <param name="expire">When it is no longer worth sending.</param>
    /// <param name="now">The time.</param>
    /// <param name="chance">A random number, 0 to below 1.</param>
    public Standing End(Outcome outcome, RetryPolicy policy, OnUnknown onUnknown, DateTimeOffset expire, DateTimeOffset now, double chance)
    {
        switch (outcome.Kind)
        {
            case OutcomeKind.Accepted:
                return this with { State = MessageState.Sent, Reason = "", Detail = outcome.Detail, NextTime = null, IsHandedOver = false, IsDoubtful = false };
            case OutcomeKind.Permanent:
                return End(MessageState.Failed, Reasons.Refused, outcome.Detail);
            case OutcomeKind.Provider:
                return Again(Reasons.Provider) with { Tries = Tries - 1 };
            case OutcomeKind.NoAnswer when onUnknown == OnUnknown.Leave || Tries >= policy.MostTries:
                return this with { State = MessageState.Unknown, Reason = Reasons.NoAnswer, Detail = outcome.Detail, NextTime = null, IsHandedOver = false, IsDoubtful = true };
            case OutcomeKind.NoAnswer:
                return Again(Reasons.NoAnswer) with { IsDoubtful = true };
            default:
                return Tries >= policy.MostTries ? End(MessageState.Failed, Reasons.TriesExhausted, outcome.Detail) : Again(Reasons.Deferred);
        }

        Standing Again(string reason)
        {
            var next = now + policy.Wait(Math.Max(1, Tries), chance, outcome.RetryAfter);
            return this with
            {
                State = MessageState.Queued,
                Reason = reason,
                Detail = outcome.Detail,
                NextTime = next < expire ? next : expire,
                IsHandedOver = false,
            };
        }
    }

    /// <summary>Goes on after the process ended within a try: before the mark nothing was handed over, after it nobody knows.</summary>
    public Standing Recover(RetryPolicy policy, OnUnknown onUnknown, DateTimeOffset expire, DateTimeOffset now, double chance)
    {
        const string Ended = "the server ended within the try";
        return IsHandedOver
            ? End(new Outcome(OutcomeKind.NoAnswer, Ended), policy, onUnknown, expire, now, chance)
            : this with { State = MessageState.Queued, Reason = "", Detail = "", Tries = Tries - 1, NextTime = now };
    }

    /// <summary>Takes that it reached the recipient; unchanged where that was known, or is not what happened.</summary>
    public Standing Deliver(string detail) => State is MessageState.Sent or MessageState.Unknown
        ? this with { State = MessageState.Delivered, Reason = "", Detail = detail, IsDoubtful = false }
        : this;

    /// <summary>Takes that it came back; unchanged where that was known.</summary>
    public Standing Bounce(string detail) => State is MessageState.Sent or MessageState.Unknown or MessageState.Delivered
        ? this with { State = MessageState.Bounced, Reason = Reasons.Refused, Detail = detail, IsDoubtful = false }
        : this;

    // What may have arrived is never said not to have been sent.
    private Standing End(MessageState state, string reason, string detail) => this with
    {
        State = IsDoubtful ? MessageState.Unknown : state,
        Reason = IsDoubtful ? Reasons.NoAnswer : reason,
        Detail = IsDoubtful ? $"an earlier try was not answered; then: {detail}" : detail,
        NextTime = null,
        IsHandedOver = false,
    };
}
