namespace Churn.Notifications.Domain;

/// <summary>Names what is to be done with a message that is due.</summary>
public enum PassageKind : byte
{
    /// <summary>Says to send it.</summary>
    Go,

    /// <summary>Says to hold it.</summary>
    Hold,

    /// <summary>Says never to send it.</summary>
    Suppress,

    /// <summary>Says that its time is over.</summary>
    Expire,
}

/// <summary>Holds what is to be done with a message that is due.</summary>
/// <param name="Kind">What to do.</param>
/// <param name="Reason">Why; empty to go.</param>
/// <param name="Detail">Why, in words.</param>
/// <param name="Until">When to look again, where it is held.</param>
public readonly record struct Passage(PassageKind Kind, string Reason = "", string Detail = "", DateTimeOffset Until = default);

/// <summary>Decides whether a message may be sent now: by its expiry, what the person wants, the address, quiet hours and the cap.</summary>
public sealed record Gate
{
    /// <summary>Gives the channel.</summary>
    public required Channel Channel { get; init; }

    /// <summary>Gives the class.</summary>
    public required MessageClass Class { get; init; }

    /// <summary>Gives when the message is no longer worth sending; that instant is too late.</summary>
    public required DateTimeOffset Expire { get; init; }

    /// <summary>Tells whether the recipient has an address for the channel.</summary>
    public bool HasAddress { get; init; } = true;

    /// <summary>Tells whether the person wants it.</summary>
    public bool IsWanted { get; init; } = true;

    /// <summary>Gives why the address is suppressed; null where it is not.</summary>
    public string? Suppression { get; init; }

    /// <summary>Tells whether the suppression is one for transactional messages too.</summary>
    public bool SuppressesAll { get; init; }

    /// <summary>Gives the quiet hours; null for none.</summary>
    public QuietHours? QuietHours { get; init; }

    /// <summary>Gives the recipient's zone.</summary>
    public TimeZoneInfo Zone { get; init; } = TimeZoneInfo.Utc;

    /// <summary>Gives the cap; null for none.</summary>
    public SendingCap? Cap { get; init; }

    /// <summary>Gives when the person's other messages that the cap counts were sent.</summary>
    public IReadOnlyList<DateTimeOffset> Sent { get; init; } = [];

    /// <summary>Decides.</summary>
    public Passage Decide(DateTimeOffset now)
    {
        if (now >= Expire)
        {
            return new Passage(PassageKind.Expire, Reasons.Expired, $"it was worth sending until {Text(Expire)}");
        }

        if (!HasAddress)
        {
            return new Passage(PassageKind.Suppress, Reasons.NoAddress, "the recipient has no e-mail address");
        }

        if (Channel == Channel.Webhook)
        {
            return new Passage(PassageKind.Go);
        }

        if (Suppression is not null && (SuppressesAll || Class == MessageClass.Marketing))
        {
            return new Passage(PassageKind.Suppress, Reasons.Suppressed, $"the address is suppressed: {Suppression}");
        }

        if (Class == MessageClass.Marketing && !IsWanted)
        {
            return new Passage(PassageKind.Suppress, Reasons.Unsubscribed, "the person does not want messages of this kind");
        }

        var reason = "";
        var detail = "";
        var at = now;
        while (true)
        {
            var before = at;
            if (Cap is not null && Class == MessageClass.Marketing && Cap.NextAllowed(at, Sent) is var allowed && allowed > at)
            {
                at = allowed;
                (reason, detail) = (Reasons.Cap, $"the person has had {Cap.Messages} messages within {Cap.Window.TotalDays:0.##} days, which is the cap");
            }

            if (QuietHours is not null && QuietHours.NextAllowed(at, Zone) is var loud && loud > at)
            {
                at = loud;
                if (reason.Length == 0)
                {
                    (reason, detail) = (Reasons.QuietHours, $"it is quiet from {QuietHours.From:HH\\:mm} to {QuietHours.To:HH\\:mm} in {Zone.Id}");
                }
            }

            if (at == before)
            {
                break;
            }
        }

        if (at == now)
        {
            return new Passage(PassageKind.Go);
        }

        var tooLate = at >= Expire ? $"; it is no longer worth sending at {Text(Expire)}" : $"; until {Text(at)}";
        return new Passage(PassageKind.Hold, reason, detail + tooLate, at < Expire ? at : Expire);
    }

    private static string Text(DateTimeOffset instant) => instant.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss'Z'", System.Globalization.CultureInfo.InvariantCulture);
}
