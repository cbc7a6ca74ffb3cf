using System.Globalization;
using System.Text;
using Churn.Access.V1;
using Churn.Admin.V1;
using Churn.ServiceDefaults.Errors;
using Churn.ServiceDefaults.Grpc;
using Churn.ServiceDefaults.Streams;
using Google.Protobuf.Collections;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using WireKey = Churn.Admin.V1.ApiKey;
using WireTenant = Churn.Admin.V1.Tenant;

namespace Churn.ServiceDefaults.Access;

/// <summary>Answers churn.admin.v1.</summary>
internal sealed class AdminApi(AccessStore store, KeyRing ring) : AdminService.AdminServiceBase
{
    private const string FieldInvalid = "FIELD_INVALID";
    private const string FieldMissing = "FIELD_MISSING";
    private const int MostText = 200;
    private const int UsualPage = 100;
    private const int LargestPage = 1_000;

    private static readonly TimeSpan UsualOverlap = TimeSpan.FromDays(1);
    private static readonly TimeSpan LongestOverlap = TimeSpan.FromDays(30);

    public override Task<CreateKeyResponse> CreateKey(CreateKeyRequest request, ServerCallContext context)
    {
        var tenant = request.Tenant.Length == 0 ? Tenants.Default : request.Tenant;
        var scopes = ScopesOf(request.Scopes, tenant);
        var label = TextOf("label", request.Label);
        var (key, text) = store.AddKey(context.Caller().Name, tenant, scopes, label, ExpireOf(request.ExpireTime)) ?? throw AccessFaults.TenantUnknown(tenant);
        return Changed(new CreateKeyResponse { Key = ToWire(key), Secret = text });
    }

    public override Task<ListKeysResponse> ListKeys(ListKeysRequest request, ServerCallContext context)
    {
        var size = PageSize(request.PageSize);
        var bound = $"keys {request.Tenant} {request.Ended}";
        var after = Place(request.PageToken, bound).Split(' ', 2);
        var found = store.Keys(request.Tenant, request.Ended, (after[0], after.ElementAtOrDefault(1) ?? ""), size + 1);
        var response = new ListKeysResponse();
        response.Keys.AddRange(found.Take(size).Select(ToWire));
        response.NextPageToken = found.Count > size ? PageToken.Write($"{found[size - 1].Tenant} {found[size - 1].Id}", bound) : "";
        return Task.FromResult(response);
    }

    public override Task<RotateKeyResponse> RotateKey(RotateKeyRequest request, ServerCallContext context)
    {
        var overlap = OverlapOf(request.Overlap);
        var (old, key, text) = store.RotateKey(context.Caller().Name, KeyIdOf(request.Id), overlap, ExpireOf(request.ExpireTime)) ?? throw NoKey(request.Id);
        return text is null
            ? throw Faults.Precondition("KEY_REVOKED", $"Key {old.Id} is revoked or expired: have a new one made instead.", ("key", old.Id))
            : Changed(new RotateKeyResponse { Key = ToWire(key), Secret = text, Old = ToWire(old) });
    }

    public override Task<RevokeKeyResponse> RevokeKey(RevokeKeyRequest request, ServerCallContext context) =>
        Changed(new RevokeKeyResponse { Key = ToWire(store.RevokeKey(context.Caller().Name, KeyIdOf(request.Id)) ?? throw NoKey(request.Id)) });

    public override Task<CreateTenantResponse> CreateTenant(CreateTenantRequest request, ServerCallContext context)
    {
        if (!Tenant.IsId(request.Id))
        {
            throw Faults.Invalid(
                request.Id.Length == 0 ? FieldMissing : FieldInvalid, "id", $"A tenant's id is 1 to {Tenant.LongestId} of a-z, 0-9 and -, and begins with a letter or digit.");
        }

        if (request.Spread is < 0 or > Shards.Count)
        {
            throw Faults.Invalid(FieldInvalid, "spread", $"The spread is 1 to {Shards.Count}, or 0 for 1.");
        }

        var limits = request.Limits ?? new Limits();
        var asked = new Tenant(
            request.Id,
            request.Name.Length == 0 ? request.Id : TextOf("name", request.Name),
            Math.Max(request.Spread, 1),
            0,
            new TenantLimits(
                LimitOf("limits.calls_per_second", limits.CallsPerSecond),
                LimitOf("limits.facts_per_second", limits.FactsPerSecond),
                LimitOf("limits.facts_per_month", limits.FactsPerMonth)));
        var (tenant, isNew) = store.AddTenant(context.Caller().Name, asked);
        return isNew || tenant with { CreateTime = 0 } == asked
            ? Changed(new CreateTenantResponse { Tenant = ToWire(tenant) })
            : throw Faults.Of(
                StatusCode.AlreadyExists, "TENANT_EXISTS", $"There is a tenant \"{tenant.Id}\", with another name, spread or limits: choose another id, or update it.", ("tenant", tenant.Id)).ToRpcException();
    }

    public override Task<ListTenantsResponse> ListTenants(ListTenantsRequest request, ServerCallContext context)
    {
        const string bound = "tenants";
        var size = PageSize(request.PageSize);
        var found = store.ListTenants(Place(request.PageToken, bound), size + 1);
        var response = new ListTenantsResponse();
        response.Tenants.AddRange(found.Take(size).Select(ToWire));
        response.NextPageToken = found.Count > size ? PageToken.Write(found[size - 1].Id, bound) : "";
        return Task.FromResult(response);
    }

    public override Task<UpdateTenantResponse> UpdateTenant(UpdateTenantRequest request, ServerCallContext context)
    {
        if (request.HasName && request.Name.Length == 0)
        {
            throw Faults.Invalid(FieldInvalid, "name", $"A name has 1 to {MostText} bytes; leave it out to keep it.");
        }

        var name = request.HasName ? TextOf("name", request.Name) : null;
        long? calls = request.HasCallsPerSecond ? LimitOf("calls_per_second", request.CallsPerSecond) : null;
        long? facts = request.HasFactsPerSecond ? LimitOf("facts_per_second", request.FactsPerSecond) : null;
        long? month = request.HasFactsPerMonth ? LimitOf("facts_per_month", request.FactsPerMonth) : null;
        var tenant = store.ChangeTenant(context.Caller().Name, request.Id, before => before with
        {
            Name = name ?? before.Name,
            Limits = new TenantLimits(calls ?? before.Limits.CallsPerSecond, facts ?? before.Limits.FactsPerSecond, month ?? before.Limits.FactsPerMonth),
        });
        return Changed(new UpdateTenantResponse { Tenant = ToWire(tenant ?? throw AccessFaults.TenantUnknown(request.Id)) });
    }

    public override Task<ListAuditResponse> ListAudit(ListAuditRequest request, ServerCallContext context)
    {
        var size = PageSize(request.PageSize);
        var bound = $"audit {request.Subject}";
        var before = Place(request.PageToken, bound) is { Length: > 0 } place ? long.Parse(place, CultureInfo.InvariantCulture) : long.MaxValue;
        var found = store.Entries(request.Subject, before, size + 1);
        var response = new ListAuditResponse();
        response.Entries.AddRange(found.Take(size).Select(entry => new Churn.Admin.V1.AuditEntry
        {
            Id = entry.Id, Time = ToWire(entry.Time), Actor = entry.Actor, Action = entry.Action, Subject = entry.Subject, Detail = entry.Detail,
        }));
        response.NextPageToken = found.Count > size ? PageToken.Write(found[size - 1].Id.ToString(CultureInfo.InvariantCulture), bound) : "";
        return Task.FromResult(response);
    }

    // Other processes learn of it when they next look; this one at once.
    private Task<T> Changed<T>(T response)
    {
        ring.Forget();
        return Task.FromResult(response);
    }

    private static ScopeSet ScopesOf(RepeatedField<Scope> asked, string tenant)
    {
        if (asked.Count == 0)
        {
            throw Faults.Invalid(FieldMissing, "scopes", $"Say what the key may be used for: {string.Join(", ", ScopeSet.Words)}.");
        }

        if (asked.Any(scope => scope == Scope.Unspecified || !System.Enum.IsDefined(scope)))
        {
            throw Faults.Invalid("SCOPE_INVALID", "scopes", $"The scopes are {string.Join(", ", ScopeSet.Words)}.");
        }

        var scopes = ScopeSet.Of(asked);
        return !string.Equals(tenant, Tenants.Default, StringComparison.Ordinal) && (scopes.Has(Scope.Admin) || scopes.Has(Scope.Internal))
            ? throw Faults.Invalid("SCOPE_INVALID", "scopes", $"Keys with {ScopeSet.WordOf(Scope.Admin)} or {ScopeSet.WordOf(Scope.Internal)} reach all tenants: they are of the tenant \"{Tenants.Default}\" alone.")
            : scopes;
    }

    private long? ExpireOf(Timestamp? time)
    {
        if (time is null)
        {
            return null;
        }

        var micros = time is { Nanos: >= 0 and < 1_000_000_000, Seconds: >= 0 and < 253_402_300_800 } ? (time.Seconds * 1_000_000) + (time.Nanos / 1_000) : 0;
        return micros > store.Now() ? micros : throw Faults.Invalid(FieldInvalid, "expire_time", "A key expires in the future; leave it out for never.");
    }

    private static TimeSpan OverlapOf(Duration? overlap)
    {
        if (overlap is null)
        {
            return UsualOverlap;
        }

        return overlap.Nanos is >= 0 and < 1_000_000_000 && overlap.Seconds >= 0 && overlap.Seconds <= (long)LongestOverlap.TotalSeconds && overlap.ToTimeSpan() is var span && span <= LongestOverlap
            ? span
            : throw Faults.Invalid(FieldInvalid, "overlap", $"The old key goes on for 0 to {LongestOverlap.TotalDays:F0} days.");
    }

    private static string KeyIdOf(string id) => id.Length == 0 ? throw Faults.Invalid(FieldMissing, "id", "Name the key by its id, the 12 characters behind \"churn_\".")
        : KeyText.IsId(id) ? id : throw NoKey(id);

    // Who gives the whole key for its id must not read it in an error.
    private static RpcException NoKey(string id) =>
        Faults.NotFound("KEY_UNKNOWN", $"There is no key {(KeyText.IsId(id) ? id : "with this id")}: a key's id is the 12 characters behind \"churn_\"; churn admin keys list shows them.");

    private static string TextOf(string field, string text) => Encoding.UTF8.GetByteCount(text) > MostText || text.Any(char.IsControl)
        ? throw Faults.Invalid(FieldInvalid, field, $"{field} has at most {MostText} bytes, and no control characters.")
        : text;

    private static long LimitOf(string field, long limit) => limit < 0 ? throw Faults.Invalid(FieldInvalid, field, "A limit is 1 or more, or 0 for none.") : limit;

    private static int PageSize(int asked) => asked < 0
        ? throw Faults.Invalid(FieldInvalid, "page_size", $"page_size is {asked}; give 1 to {LargestPage}, or 0 for {UsualPage}.")
        : asked == 0 ? UsualPage : Math.Min(asked, LargestPage);

    private static string Place(string token, string bound) => token.Length == 0
        ? ""
        : PageToken.Read(token, bound) ?? throw Faults.Invalid("PAGE_TOKEN_INVALID", "page_token", "The page token is none of this request: begin again without one.");

    private static WireKey ToWire(ApiKey key)
    {
        var wire = new WireKey
        {
            Id = key.Id,
            Tenant = key.Tenant,
            Label = key.Label,
            CreateTime = ToWire(key.CreateTime),
            ExpireTime = key.ExpireTime is { } expire ? ToWire(expire) : null,
            RevokeTime = key.RevokeTime is { } revoke ? ToWire(revoke) : null,
            LastUseTime = key.LastUseTime is { } use ? ToWire(use) : null,
        };
        wire.Scopes.AddRange(key.Scopes.Scopes);
        return wire;
    }

    private static WireTenant ToWire(Tenant tenant) => new()
    {
        Id = tenant.Id,
        Name = tenant.Name,
        Spread = tenant.Spread,
        CreateTime = ToWire(tenant.CreateTime),
        Limits = new Limits
        {
            CallsPerSecond = tenant.Limits.CallsPerSecond, FactsPerSecond = tenant.Limits.FactsPerSecond, FactsPerMonth = tenant.Limits.FactsPerMonth,
        },
    };

    private static Timestamp ToWire(long micros) => Timestamp.FromDateTimeOffset(DateTimeOffset.UnixEpoch.AddTicks(micros * TimeSpan.TicksPerMicrosecond));
}
