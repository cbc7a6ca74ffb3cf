namespace Churn.ServiceDefaults.Grpc;

/// <summary>Names the tags that say which question a health check answers.</summary>
public static class HealthTags
{
    /// <summary>Marks a check of the process alone, never of a store or a peer: restart the process when it fails.</summary>
    public const string Live = "live";

    /// <summary>Marks a check of the start: give the process time while it fails.</summary>
    public const string Startup = "startup";

    /// <summary>Marks a check of what calls need: send no calls while it fails.</summary>
    public const string Ready = "ready";
}
