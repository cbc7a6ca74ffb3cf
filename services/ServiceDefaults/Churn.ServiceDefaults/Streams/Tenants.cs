namespace Churn.ServiceDefaults.Streams;

/// <summary>Names the tenants of an installation.</summary>
public static class Tenants
{
    /// <summary>Names the tenant of an installation that has one.</summary>
    public const string Default = "default";

    /// <summary>Gives over how many shards a tenant's keys go; fixed when the tenant is made.</summary>
    public static int SpreadOf(string tenant)
    {
        ArgumentException.ThrowIfNullOrEmpty(tenant);
        return Shards.Count;
    }
}
