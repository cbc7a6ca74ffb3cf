using System.Collections.Concurrent;
using System.Security.Cryptography;

namespace Churn.ServiceDefaults.Access;

/// <summary>Remembers keys and tenants for a few seconds, also those that are not there, so that a call costs no read of the database.</summary>
internal sealed class KeyRing(AccessStore store, TimeProvider clock)
{
    /// <summary>Is how long a key that was revoked, and a tenant's limits that were changed, may still be taken for what they were.</summary>
    public static readonly TimeSpan Memory = TimeSpan.FromSeconds(5);

    // So many wrong keys at once are an attack: what they have pushed out is read again.
    private const int Most = 10_000;

    private readonly ConcurrentDictionary<string, Remembered<ApiKey>> _keys = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, Remembered<Tenant>> _tenants = new(StringComparer.Ordinal);

    public Tenant? FindTenant(string id) => Tenant.IsId(id) ? Find(_tenants, id, store.FindTenant) : null;

    /// <summary>Gives the key whose text this is.</summary>
    /// <exception cref="global::Grpc.Core.RpcException">It is none, or is over.</exception>
    public ApiKey Admit(string text)
    {
        if (KeyText.Read(text) is not var (id, hash))
        {
            throw AccessFaults.KeyMalformed();
        }

        return Find(_keys, id, store.FindKey) is { } key && CryptographicOperations.FixedTimeEquals(key.Hash, hash) ? Good(key) : throw AccessFaults.KeyUnknown(id);
    }

    /// <summary>Looks again at a key that a call which still runs began with.</summary>
    /// <exception cref="global::Grpc.Core.RpcException">It is over.</exception>
    public void Again(string id) => _ = Good(Find(_keys, id, store.FindKey) ?? throw AccessFaults.KeyUnknown(id));

    /// <summary>Forgets all, because this process has changed something.</summary>
    public void Forget()
    {
        _keys.Clear();
        _tenants.Clear();
    }

    private ApiKey Good(ApiKey key) =>
        key.RevokeTime is { } revoked ? throw AccessFaults.KeyRevoked(key.Id, revoked)
        : key.ExpireTime is { } end && end <= store.Now() ? throw AccessFaults.KeyExpired(key.Id, end)
        : key;

    private T? Find<T>(ConcurrentDictionary<string, Remembered<T>> all, string id, Func<string, T?> read)
        where T : class
    {
        var now = clock.GetTimestamp();
        if (!all.TryGetValue(id, out var known) || clock.GetElapsedTime(known.Time, now) >= Memory)
        {
            if (all.Count >= Most)
            {
                all.Clear();
            }

            // Whoever asks at the same time waits for the one read.
            var fresh = new Remembered<T>(now, new Lazy<T?>(() => read(id)));
            known = known is null ? all.GetOrAdd(id, fresh) : all.TryUpdate(id, fresh, known) ? fresh : all.GetOrAdd(id, fresh);
        }

        try
        {
            return known.Value.Value;
        }
        catch
        {
            // A failure is not remembered.
            all.TryRemove(new KeyValuePair<string, Remembered<T>>(id, known));
            throw;
        }
    }

    private sealed record Remembered<T>(long Time, Lazy<T?> Value)
        where T : class;
}
