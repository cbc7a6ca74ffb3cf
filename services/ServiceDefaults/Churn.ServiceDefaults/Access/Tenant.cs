namespace Churn.ServiceDefaults.Access;

/// <summary>Describes a tenant: whose data is apart from all others'.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Name">What people call it.</param>
/// <param name="Spread">Over how many shards its keys go; fixed when it is made.</param>
/// <param name="CreateTime">When it was made, in microseconds since 1970.</param>
/// <param name="Limits">What it may use.</param>
public sealed record Tenant(string Id, string Name, int Spread, long CreateTime, TenantLimits Limits)
{
    /// <summary>Names the longest id, in characters.</summary>
    public const int LongestId = 63;

    /// <summary>Tells whether this can be a tenant's id: a-z, 0-9 and -, beginning with a letter or digit.</summary>
    public static bool IsId(string text) =>
        text.Length is >= 1 and <= LongestId && text[0] != '-' && text.All(letter => letter is >= 'a' and <= 'z' or >= '0' and <= '9' or '-');
}

/// <summary>Says what a tenant may use; 0 is no limit.</summary>
/// <param name="CallsPerSecond">Calls a second at each process.</param>
/// <param name="FactsPerSecond">Facts a second at each process.</param>
/// <param name="FactsPerMonth">Facts a calendar month of UTC, over all processes.</param>
public readonly record struct TenantLimits(long CallsPerSecond, long FactsPerSecond, long FactsPerMonth);
