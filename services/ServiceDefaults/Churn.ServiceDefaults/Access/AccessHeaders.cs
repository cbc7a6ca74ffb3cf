namespace Churn.ServiceDefaults.Access;

/// <summary>Names the metadata that say who calls.</summary>
public static class AccessHeaders
{
    /// <summary>Names the metadata that hold the key, behind <see cref="Bearer"/>.</summary>
    public const string Authorization = "authorization";

    /// <summary>Names the metadata in which a service says which tenant it works for.</summary>
    public const string Tenant = "churn-tenant";

    /// <summary>Stands before the key.</summary>
    public const string Bearer = "Bearer ";
}
