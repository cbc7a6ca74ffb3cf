namespace Churn.ServiceDefaults.Grpc;

/// <summary>Names the tags that say which question a health check answers.</summary>
public static class HealthTags
{
    /// <summary>Restart the process when it fails: the check looks at the process alone, never at a store or a peer.</summary>
    public const string Live = "live";

    /// <summary>Send no calls while it fails: the check looks at what calls need.</summary>
    public const string Ready = "ready";
}
