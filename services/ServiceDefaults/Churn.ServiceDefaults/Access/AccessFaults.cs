using Churn.Access.V1;
using Churn.ServiceDefaults.Errors;
using Churn.ServiceDefaults.Grpc;
using Grpc.Core;

namespace Churn.ServiceDefaults.Access;

/// <summary>Makes the errors of callers who are not who they say, or may not do what they ask; none repeats a secret.</summary>
internal static class AccessFaults
{
    public const string Variable = "CHURN_KEY";

    public static RpcException KeyMissing() => Unauthenticated(
        "KEY_MISSING", $"This server asks for an API key: send the metadata authorization with \"Bearer churn_...\" (the churn command: --key, or {Variable}); churn admin keys create makes one.");

    public static RpcException KeyMalformed() => Unauthenticated(
        "KEY_UNKNOWN", "What the metadata authorization holds is no API key: it is \"Bearer \" and the key as it was shown, 62 characters from churn_ on.");

    public static RpcException KeyUnknown(string id) => Unauthenticated(
        "KEY_UNKNOWN", $"There is no key {id} with this secret: see that all of it was copied, and that it is one of this installation's.", ("key", id));

    public static RpcException KeyExpired(string id, long time) => Unauthenticated(
        "KEY_EXPIRED", $"Key {id} has expired at {Text(time)}: ask an administrator for another.", ("key", id));

    public static RpcException KeyRevoked(string id, long time) => Unauthenticated(
        "KEY_REVOKED", $"Key {id} was revoked at {Text(time)}: ask an administrator for another.", ("key", id));

    public static RpcException ScopeMissing(Scope scope, ScopeSet has) => Faults.Of(
        StatusCode.PermissionDenied, "SCOPE_MISSING", $"This call needs the scope {ScopeSet.WordOf(scope)}; the key has {has}: use another key, or have one made with this scope.",
        ("scope", ScopeSet.WordOf(scope))).ToRpcException();

    public static RpcException RuleMissing(string method) => Faults.Of(
        StatusCode.PermissionDenied, "RULE_MISSING", $"{method} does not say which scope it needs, so that nobody may call it: its proto lacks the option churn.access.v1.scope.").ToRpcException();

    public static RpcException TenantForbidden() => Faults.Of(
        StatusCode.PermissionDenied, "TENANT_FORBIDDEN", $"The key belongs to another tenant than the metadata {AccessHeaders.Tenant} names: leave that out, or use a key of that tenant.").ToRpcException();

    public static RpcException TenantUnknown(string tenant) => Faults.NotFound(
        "TENANT_UNKNOWN", $"There is no tenant \"{(Tenant.IsId(tenant) ? tenant : "?")}\": churn admin tenants list shows those that there are.");

    public static RpcException TenantMissing() => Faults.Precondition(
        "TENANT_MISSING", $"A service that calls this names the tenant that it works for, in the metadata {AccessHeaders.Tenant}.");

    public static RpcException RateLimited(TimeSpan wait) => Faults.Exhausted(
        "RATE_LIMITED", "This tenant makes more calls, or sends more facts, a second than it may: send this again after the delay, and less at once.", wait);

    public static RpcException QuotaExhausted(TimeSpan wait) => Faults.Exhausted(
        "QUOTA_EXHAUSTED", "This tenant has sent all the facts of this month: send this again next month, or ask an administrator for a larger quota.", wait);

    public static string Text(long micros) => $"{DateTimeOffset.UnixEpoch.AddTicks(micros * TimeSpan.TicksPerMicrosecond):yyyy-MM-dd HH:mm:ss} UTC";

    private static RpcException Unauthenticated(string reason, string message, params ReadOnlySpan<(string Key, string Value)> metadata) =>
        Faults.Of(StatusCode.Unauthenticated, reason, message, metadata).ToRpcException();
}
