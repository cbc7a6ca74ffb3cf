namespace Churn.ServiceDefaults.Storage;

/// <summary>Holds for whom the current call works: a shared database then shows it no other tenant's rows, whatever its SQL says.</summary>
public static class TenantScope
{
    private static readonly AsyncLocal<string?> Held = new();

    /// <summary>Gives or sets the tenant of the current call; null for the service's own work, which is for all.</summary>
    public static string? Current
    {
        get => Held.Value;
        set => Held.Value = value;
    }

    /// <summary>Works for a tenant until what it gives is disposed of.</summary>
    public static IDisposable Enter(string? tenant)
    {
        var left = new Left(Current);
        Current = tenant;
        return left;
    }

    private sealed class Left(string? before) : IDisposable
    {
        public void Dispose() => Current = before;
    }
}
