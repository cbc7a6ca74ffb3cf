using Churn.ServiceDefaults.Storage;

namespace Churn.Playbooks.Storage;

/// <summary>Holds a version of a playbook as it was saved.</summary>
internal sealed record PlaybookRow(string Name, int Version, bool Active, string Document, long Saved);

/// <summary>Reads and writes playbooks, their versions and whether they are started.</summary>
internal static class PlaybookRows
{
    /// <summary>Gives a number that is another after each change.</summary>
    public static long Change(DatabaseConnection connection, string tenant)
    {
        var row = connection.Prepare("SELECT number FROM playbook_change WHERE tenant = ?").Bind(1, tenant);
        return row.Step() ? row.Number(0) : 0;
    }

    public static List<PlaybookRow> Versions(DatabaseConnection connection, string tenant) =>
        Read(connection.Prepare("""
            SELECT v.name, v.version, p.active, v.document, v.save_time FROM playbook_version v JOIN playbook p USING (tenant, name)
            WHERE v.tenant = ? ORDER BY v.name, v.version
            """).Bind(1, tenant));

    /// <summary>Gives a version; the latest for 0; null where there is none.</summary>
    public static PlaybookRow? Find(DatabaseConnection connection, string tenant, string name, int version) =>
        Read(connection.Prepare("""
            SELECT v.name, v.version, p.active, v.document, v.save_time FROM playbook_version v JOIN playbook p USING (tenant, name)
            WHERE v.tenant = ?1 AND v.name = ?2 AND (?3 = 0 OR v.version = ?3) ORDER BY v.version DESC LIMIT 1
            """).Bind(1, tenant).Bind(2, name).Bind(3, version)).FirstOrDefault();

    public static HashSet<string> Active(DatabaseConnection connection, string tenant)
    {
        var row = connection.Prepare("SELECT name FROM playbook WHERE tenant = ? AND active = 1").Bind(1, tenant);
        var active = new HashSet<string>(StringComparer.Ordinal);
        while (row.Step())
        {
            active.Add(row.Text(0));
        }

        return active;
    }

    /// <summary>Saves a version after the latest.</summary>
    public static void Add(DatabaseConnection connection, string tenant, string name, int version, string document, long now)
    {
        connection.Prepare("INSERT INTO playbook VALUES (?, ?, 0) ON CONFLICT DO NOTHING").Bind(1, tenant).Bind(2, name).Execute();
        connection.Prepare("INSERT INTO playbook_version VALUES (?, ?, ?, ?, ?)")
            .Bind(1, tenant).Bind(2, name).Bind(3, version).Bind(4, document).Bind(5, now).Execute();
        Changed(connection, tenant);
    }

    /// <summary>Lets customers enter from now on, and runs go on whose step waited for that.</summary>
    public static void Start(DatabaseConnection connection, string tenant, string name, long now)
    {
        SetActive(connection, tenant, name, active: true);
        connection.Prepare("UPDATE run SET due_time = ? WHERE tenant = ? AND playbook = ? AND end_time IS NULL AND due_time IS NULL")
            .Bind(1, now).Bind(2, tenant).Bind(3, name).Execute();
    }

    public static void Pause(DatabaseConnection connection, string tenant, string name) => SetActive(connection, tenant, name, active: false);

    private static void SetActive(DatabaseConnection connection, string tenant, string name, bool active)
    {
        connection.Prepare("UPDATE playbook SET active = ? WHERE tenant = ? AND name = ?").Bind(1, active ? 1 : 0).Bind(2, tenant).Bind(3, name).Execute();
        Changed(connection, tenant);
    }

    private static void Changed(DatabaseConnection connection, string tenant) =>
        connection.Prepare("INSERT INTO playbook_change VALUES (?, 1) ON CONFLICT (tenant) DO UPDATE SET number = playbook_change.number + 1").Bind(1, tenant).Execute();

    private static List<PlaybookRow> Read(Statement row)
    {
        var rows = new List<PlaybookRow>();
        while (row.Step())
        {
            rows.Add(new PlaybookRow(row.Text(0), (int)row.Number(1), row.Number(2) != 0, row.Text(3), row.Number(4)));
        }

        return rows;
    }
}
