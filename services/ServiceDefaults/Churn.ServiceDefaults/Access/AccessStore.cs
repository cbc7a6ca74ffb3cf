using System.Globalization;
using Churn.ServiceDefaults.Storage;
using Churn.ServiceDefaults.Streams;

namespace Churn.ServiceDefaults.Access;

/// <summary>Keeps tenants, keys and the audit log in a database of their own.</summary>
public sealed class AccessStore
{
    /// <summary>Names the database.</summary>
    public const string Name = "access";

    /// <summary>Names the file of the database within a data folder.</summary>
    public const string File = "access.db";

    private const string TenantColumns = "id, name, spread, create_time, calls_per_second, facts_per_second, facts_per_month";
    private const string KeyColumns = "id, tenant, hash, scopes, label, create_time, expire_time, revoke_time, last_use_time";

    private readonly Database _database;
    private readonly TimeProvider _clock;

    /// <summary>Opens the store over its database, with the default tenant in it.</summary>
    /// <param name="database">The database, opened with <see cref="Options"/>.</param>
    /// <param name="clock">Tells when things are done.</param>
    public AccessStore(Database database, TimeProvider clock)
    {
        (_database, _clock) = (database, clock);
        database.Write(connection => Insert(
            connection, new Tenant(Tenants.Default, "Default", Shards.Count, Now(), default), "ON CONFLICT (id) DO NOTHING"));
    }

    /// <summary>Gives what the database holds.</summary>
    public static DatabaseOptions Options { get; } = new()
    {
        Name = Name,
        Scripts = typeof(AccessStore).Assembly,
        Migrations =
        [
            """
            CREATE TABLE tenant (
                id TEXT PRIMARY KEY,
                name TEXT NOT NULL,
                spread INTEGER NOT NULL,
                create_time INTEGER NOT NULL,
                calls_per_second INTEGER NOT NULL,
                facts_per_second INTEGER NOT NULL,
                facts_per_month INTEGER NOT NULL
            );
            CREATE TABLE api_key (
                id TEXT PRIMARY KEY,
                tenant TEXT NOT NULL,
                hash BLOB NOT NULL,
                scopes TEXT NOT NULL,
                label TEXT NOT NULL,
                create_time INTEGER NOT NULL,
                expire_time INTEGER,
                revoke_time INTEGER,
                last_use_time INTEGER
            );
            CREATE INDEX api_key_tenant ON api_key (tenant, id);
            CREATE TABLE audit (
                id INTEGER PRIMARY KEY,
                time INTEGER NOT NULL,
                actor TEXT NOT NULL,
                action TEXT NOT NULL,
                subject TEXT NOT NULL,
                detail TEXT NOT NULL
            );
            CREATE INDEX audit_subject ON audit (subject, id);
            CREATE TABLE usage_month (
                tenant TEXT NOT NULL,
                month TEXT NOT NULL,
                facts INTEGER NOT NULL,
                PRIMARY KEY (tenant, month)
            );
            """,
        ],
    };

    internal long Now() => (_clock.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;

    internal Tenant? FindTenant(string id) => _database.Read(connection => FindTenant(connection, id));

    internal List<Tenant> ListTenants(string after, int most) => _database.Read(connection =>
    {
        var row = connection.Prepare($"SELECT {TenantColumns} FROM tenant WHERE id > ?1 ORDER BY id LIMIT ?2").Bind(1, after).Bind(2, most);
        return All(row, TenantOf);
    });

    /// <summary>Makes a tenant; gives the one that has its id, if there is one.</summary>
    internal (Tenant Tenant, bool IsNew) AddTenant(string actor, Tenant tenant) => _database.Write(connection =>
    {
        var made = tenant with { CreateTime = Now() };
        if (Insert(connection, made, "ON CONFLICT (id) DO NOTHING") == 0)
        {
            return (FindTenant(connection, tenant.Id)!, false);
        }

        Audit(connection, actor, "CreateTenant", $"tenant {tenant.Id}", $"name \"{tenant.Name}\", spread {tenant.Spread}, {Words(tenant.Limits)}");
        return (made, true);
    });

    /// <summary>Changes a tenant; null where there is none.</summary>
    internal Tenant? ChangeTenant(string actor, string id, Func<Tenant, Tenant> change) => _database.Write(connection =>
    {
        if (FindTenant(connection, id) is not { } before)
        {
            return null;
        }

        var after = change(before);
        if (after != before)
        {
            connection.Prepare("UPDATE tenant SET name = ?2, calls_per_second = ?3, facts_per_second = ?4, facts_per_month = ?5 WHERE id = ?1")
                .Bind(1, id).Bind(2, after.Name).Bind(3, after.Limits.CallsPerSecond).Bind(4, after.Limits.FactsPerSecond).Bind(5, after.Limits.FactsPerMonth).Execute();
            Audit(connection, actor, "UpdateTenant", $"tenant {id}", $"name \"{after.Name}\", {Words(after.Limits)}; before: name \"{before.Name}\", {Words(before.Limits)}");
        }

        return after;
    });

    internal ApiKey? FindKey(string id) => _database.Read(connection => FindKey(connection, id));

    /// <summary>Tells whether there is a key that is good, of those with a scope.</summary>
    internal bool HasKeys() => _database.Read(connection =>
        connection.Prepare("SELECT 1 FROM api_key WHERE revoke_time IS NULL AND (expire_time IS NULL OR expire_time > ?1) LIMIT 1").Bind(1, Now()).Step());

    internal List<ApiKey> Keys(string tenant, bool ended, (string Tenant, string Id) after, int most) => _database.Read(connection =>
    {
        var row = connection.Prepare($"""
            SELECT {KeyColumns} FROM api_key
            WHERE (?1 = '' OR tenant = ?1) AND (?2 = 1 OR (revoke_time IS NULL AND (expire_time IS NULL OR expire_time > ?3)))
            AND (tenant > ?4 OR (tenant = ?4 AND id > ?5)) ORDER BY tenant, id LIMIT ?6
            """)
            .Bind(1, tenant).Bind(2, ended ? 1 : 0).Bind(3, Now()).Bind(4, after.Tenant).Bind(5, after.Id).Bind(6, most);
        return All(row, KeyOf);
    });

    /// <summary>Makes a key and gives its text; null where there is no such tenant.</summary>
    internal (ApiKey Key, string Text)? AddKey(string actor, string tenant, ScopeSet scopes, string label, long? expireTime) => _database.Write<(ApiKey, string)?>(connection =>
    {
        if (FindTenant(connection, tenant) is null)
        {
            return null;
        }

        var (key, text) = Insert(connection, tenant, scopes, label, expireTime);
        Audit(connection, actor, "CreateKey", $"key {key.Id}", $"for {tenant}: {scopes}, label \"{label}\"{Until(expireTime)}");
        return (key, text);
    });

    /// <summary>Makes a key in the place of another that goes on until a time; null where there is none, and no text where it is over.</summary>
    internal (ApiKey Old, ApiKey Key, string? Text)? RotateKey(string actor, string id, TimeSpan overlap, long? expireTime) => _database.Write<(ApiKey, ApiKey, string?)?>(connection =>
    {
        if (FindKey(connection, id) is not { } old)
        {
            return null;
        }

        if (old.IsOver(Now()))
        {
            return (old, old, null);
        }

        var end = Now() + (overlap.Ticks / TimeSpan.TicksPerMicrosecond);
        old = old with { ExpireTime = Math.Min(end, old.ExpireTime ?? long.MaxValue) };
        connection.Prepare("UPDATE api_key SET expire_time = ?2 WHERE id = ?1").Bind(1, id).Bind(2, old.ExpireTime.Value).Execute();
        var (key, text) = Insert(connection, old.Tenant, old.Scopes, old.Label, expireTime);
        Audit(connection, actor, "RotateKey", $"key {id}", $"replaced by key {key.Id}{Until(expireTime)}; it goes on until {AccessFaults.Text(old.ExpireTime.Value)}");
        return (old, key, text);
    });

    /// <summary>Revokes a key; null where there is none.</summary>
    internal ApiKey? RevokeKey(string actor, string id) => _database.Write(connection =>
    {
        if (FindKey(connection, id) is not { RevokeTime: null } key)
        {
            return FindKey(connection, id);
        }

        var now = Now();
        connection.Prepare("UPDATE api_key SET revoke_time = ?2 WHERE id = ?1").Bind(1, id).Bind(2, now).Execute();
        Audit(connection, actor, "RevokeKey", $"key {id}", $"of {key.Tenant}, label \"{key.Label}\"");
        return key with { RevokeTime = now };
    });

    internal List<AuditEntry> Entries(string subject, long before, int most) => _database.Read(connection =>
    {
        var row = connection.Prepare("""
            SELECT id, time, actor, action, subject, detail FROM audit WHERE (?1 = '' OR subject = ?1) AND id < ?2 ORDER BY id DESC LIMIT ?3
            """).Bind(1, subject).Bind(2, before).Bind(3, most);
        return All(row, r => new AuditEntry(r.Number(0), r.Number(1), r.Text(2), r.Text(3), r.Text(4), r.Text(5)));
    });

    /// <summary>Gives how many facts a tenant has sent in a month.</summary>
    internal long FactsOf(string tenant, string month) => _database.Read(connection =>
    {
        var row = connection.Prepare("SELECT facts FROM usage_month WHERE tenant = ?1 AND month = ?2").Bind(1, tenant).Bind(2, month);
        return row.Step() ? row.Number(0) : 0;
    });

    /// <summary>Notes which keys were used since, and how many facts tenants have sent.</summary>
    internal void Note(IReadOnlyDictionary<string, long> keys, IReadOnlyDictionary<(string Tenant, string Month), long> facts) => _database.Write(connection =>
    {
        foreach (var (id, time) in keys)
        {
            connection.Prepare("UPDATE api_key SET last_use_time = ?2 WHERE id = ?1 AND (last_use_time IS NULL OR last_use_time < ?2)").Bind(1, id).Bind(2, time).Execute();
        }

        foreach (var ((tenant, month), count) in facts)
        {
            connection.Prepare("""
                INSERT INTO usage_month (tenant, month, facts) VALUES (?1, ?2, ?3)
                ON CONFLICT (tenant, month) DO UPDATE SET facts = usage_month.facts + excluded.facts
                """).Bind(1, tenant).Bind(2, month).Bind(3, count).Execute();
        }
    });

    private static int Insert(DatabaseConnection connection, Tenant tenant, string onConflict) =>
        connection.Prepare($"INSERT INTO tenant ({TenantColumns}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) {onConflict}")
            .Bind(1, tenant.Id).Bind(2, tenant.Name).Bind(3, tenant.Spread).Bind(4, tenant.CreateTime)
            .Bind(5, tenant.Limits.CallsPerSecond).Bind(6, tenant.Limits.FactsPerSecond).Bind(7, tenant.Limits.FactsPerMonth).Execute();

    private (ApiKey Key, string Text) Insert(DatabaseConnection connection, string tenant, ScopeSet scopes, string label, long? expireTime)
    {
        var (id, text, hash) = KeyText.Create();
        var key = new ApiKey { Id = id, Tenant = tenant, Hash = hash, Scopes = scopes, Label = label, CreateTime = Now(), ExpireTime = expireTime };
        var insert = connection.Prepare("INSERT INTO api_key (id, tenant, hash, scopes, label, create_time, expire_time) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)")
            .Bind(1, id).Bind(2, tenant).Bind(3, hash.AsSpan()).Bind(4, scopes.ToString()).Bind(5, label).Bind(6, key.CreateTime);
        (expireTime is { } time ? insert.Bind(7, time) : insert.BindNull(7)).Execute();
        return (key, text);
    }

    // Entries of one instant have an order too.
    private void Audit(DatabaseConnection connection, string actor, string action, string subject, string detail) =>
        connection.Prepare("INSERT INTO audit (id, time, actor, action, subject, detail) SELECT coalesce(max(id), 0) + ?1, ?2, ?3, ?4, ?5, ?6 FROM audit")
            .Bind(1, 1).Bind(2, Now()).Bind(3, actor).Bind(4, action).Bind(5, subject).Bind(6, detail).Execute();

    private static Tenant? FindTenant(DatabaseConnection connection, string id)
    {
        var row = connection.Prepare($"SELECT {TenantColumns} FROM tenant WHERE id = ?1").Bind(1, id);
        return All(row, TenantOf).SingleOrDefault();
    }

    private static ApiKey? FindKey(DatabaseConnection connection, string id)
    {
        var row = connection.Prepare($"SELECT {KeyColumns} FROM api_key WHERE id = ?1").Bind(1, id);
        return All(row, KeyOf).SingleOrDefault();
    }

    private static List<T> All<T>(Statement rows, Func<Statement, T> read)
    {
        var all = new List<T>();
        while (rows.Step())
        {
            all.Add(read(rows));
        }

        return all;
    }

    private static Tenant TenantOf(Statement row) =>
        new(row.Text(0), row.Text(1), (int)row.Number(2), row.Number(3), new TenantLimits(row.Number(4), row.Number(5), row.Number(6)));

    private static ApiKey KeyOf(Statement row) => new()
    {
        Id = row.Text(0),
        Tenant = row.Text(1),
        Hash = row.Blob(2).ToArray(),

        // What a later version has added is nothing that this one could allow.
        Scopes = ScopeSet.Parse(row.Text(3)) ?? default,
        Label = row.Text(4),
        CreateTime = row.Number(5),
        ExpireTime = row.IsNull(6) ? null : row.Number(6),
        RevokeTime = row.IsNull(7) ? null : row.Number(7),
        LastUseTime = row.IsNull(8) ? null : row.Number(8),
    };

    private static string Words(TenantLimits limits) => string.Create(CultureInfo.InvariantCulture,
        $"calls a second {limits.CallsPerSecond}, facts a second {limits.FactsPerSecond}, facts a month {limits.FactsPerMonth}");

    private static string Until(long? expireTime) => expireTime is { } time ? $", until {AccessFaults.Text(time)}" : "";
}
