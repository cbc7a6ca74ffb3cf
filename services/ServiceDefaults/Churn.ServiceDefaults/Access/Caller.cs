using Grpc.Core;

namespace Churn.ServiceDefaults.Access;

/// <summary>Says who makes a call: the tenant that all it reads and writes is bound to, and what it may do.</summary>
/// <param name="Bound">The tenant; null for a service that works for none in particular.</param>
/// <param name="Scopes">What the caller may do.</param>
/// <param name="IsService">Whether it is a service of the suite, whose calls are not counted: those of tenants are, that it works for.</param>
/// <param name="Name">The caller's name in the audit log: "key " and an id, or "open".</param>
public sealed record Caller(Tenant? Bound, ScopeSet Scopes, bool IsService, string Name)
{
    private static readonly object Key = new();

    /// <summary>Gives the tenant's id.</summary>
    /// <exception cref="RpcException">The caller names no tenant.</exception>
    public string Tenant => Whole.Id;

    /// <summary>Gives over how many shards the tenant's keys go.</summary>
    /// <exception cref="RpcException">The caller names no tenant.</exception>
    public int Spread => Whole.Spread;

    private Tenant Whole => Bound ?? throw AccessFaults.TenantMissing();

    internal static Caller? Find(ServerCallContext context) => context.UserState.TryGetValue(Key, out var caller) ? (Caller)caller : null;

    internal void PutInto(ServerCallContext context) => context.UserState[Key] = this;
}

/// <summary>Gives the caller of a call: the one place where an API learns whose data it works on.</summary>
public static class CallerOfCall
{
    /// <summary>Gives who makes this call.</summary>
    public static Caller Caller(this ServerCallContext context) =>
        Access.Caller.Find(context) ?? throw new InvalidOperationException($"{context.Method} was reached without asking who calls.");
}
