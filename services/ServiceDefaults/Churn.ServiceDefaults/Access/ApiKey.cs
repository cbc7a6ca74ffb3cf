namespace Churn.ServiceDefaults.Access;

/// <summary>Describes an API key as it is stored.</summary>
internal sealed record ApiKey
{
    public required string Id { get; init; }

    public required string Tenant { get; init; }

    /// <summary>Gives the SHA-256 of its secret.</summary>
    public required byte[] Hash { get; init; }

    public required ScopeSet Scopes { get; init; }

    public required string Label { get; init; }

    /// <summary>Gives when it was made, in microseconds since 1970, as all its times.</summary>
    public required long CreateTime { get; init; }

    public long? ExpireTime { get; init; }

    public long? RevokeTime { get; init; }

    public long? LastUseTime { get; init; }

    public bool IsOver(long now) => RevokeTime is not null || ExpireTime <= now;
}

/// <summary>Describes what an administrator did.</summary>
internal sealed record AuditEntry(long Id, long Time, string Actor, string Action, string Subject, string Detail);
