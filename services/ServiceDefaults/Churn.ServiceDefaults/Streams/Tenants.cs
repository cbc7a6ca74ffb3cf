namespace Churn.ServiceDefaults.Streams;

/// <summary>Names the tenants of an installation.</summary>
public static class Tenants
{
    /// <summary>Names the tenant of an installation that has one.</summary>
    public const string Default = "default";
}
