using Churn.Notifications.Domain;
using Churn.ServiceDefaults.Streams;

namespace Churn.Notifications.Storage;

/// <summary>Holds a message as its row does.</summary>
internal sealed record MessageRow
{
    /// <summary>Gives its place among all; 0 before it is stored.</summary>
    public long Seq { get; init; }

    public required string Tenant { get; init; }

    public required string Id { get; init; }

    public required byte[] Hash { get; init; }

    public required V1.SendRequest Request { get; init; }

    public required MessageClass Class { get; init; }

    public required string Category { get; init; }

    public int TemplateVersion { get; init; }

    public string Locale { get; init; } = "";

    public string Subject { get; init; } = "";

    public string Text { get; init; } = "";

    public string Html { get; init; } = "";

    public bool Track { get; init; }

    public required Standing Standing { get; init; }

    /// <summary>Gives when it last went out for the caps; null before.</summary>
    public DateTimeOffset? SlotTime { get; init; }

    public required DateTimeOffset CreateTime { get; init; }

    public required DateTimeOffset ExpireTime { get; init; }

    public DateTimeOffset? SendTime { get; init; }

    /// <summary>Gives the shard whose owner sends it: one for all messages to a customer.</summary>
    public int Shard => Shards.Of(Tenant, Request.Recipient?.CustomerId is { Length: > 0 } customer ? customer : Request.Key, Shards.Count);

    public Channel Channel => (Channel)Request.Channel;

    public OnUnknown OnUnknown => Request.OnUnknown == V1.OnUnknown.Resend ? OnUnknown.Resend : OnUnknown.Leave;

    public TimeZoneInfo Zone => Request.Recipient.TimeZone is { Length: > 0 } name && TimeZoneInfo.TryFindSystemTimeZoneById(name, out var zone) ? zone : TimeZoneInfo.Utc;
}

/// <summary>Holds a step in a message's life.</summary>
internal sealed record EventRow(DateTimeOffset Time, MessageState State, string Event, string Detail);
