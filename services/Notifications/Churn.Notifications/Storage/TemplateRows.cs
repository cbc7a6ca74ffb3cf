using Churn.ServiceDefaults.Storage;

namespace Churn.Notifications.Storage;

/// <summary>Holds a version of a template.</summary>
internal sealed record TemplateRow(string Name, int Version, string Hash, string Document);

/// <summary>Reads and writes templates, within a transaction of the caller's.</summary>
internal static class TemplateRows
{
    /// <summary>Gives a template, or null; version 0 is the latest.</summary>
    public static TemplateRow? Find(DatabaseConnection connection, string tenant, string name, int version)
    {
        var row = connection.Prepare("SELECT name, version, hash, document FROM template WHERE tenant = ?3 AND name = ?1 AND (?2 = 0 OR version = ?2) ORDER BY version DESC LIMIT 1")
            .Bind(1, name).Bind(2, version).Bind(3, tenant);
        var found = row.Step() ? Read(row) : null;
        row.Rewind();
        return found;
    }

    public static List<TemplateRow> Latest(DatabaseConnection connection, string tenant)
    {
        var rows = connection.Prepare("""
            SELECT t.name, t.version, t.hash, t.document FROM template t
            WHERE t.tenant = ?1 AND t.version = (SELECT max(o.version) FROM template o WHERE o.tenant = t.tenant AND o.name = t.name) ORDER BY t.name
            """).Bind(1, tenant);
        var found = new List<TemplateRow>();
        while (rows.Step())
        {
            found.Add(Read(rows));
        }

        return found;
    }

    public static void Add(DatabaseConnection connection, string tenant, TemplateRow template) =>
        connection.Prepare("INSERT INTO template (name, version, hash, document, tenant) VALUES (?, ?, ?, ?, ?)")
            .Bind(1, template.Name).Bind(2, template.Version).Bind(3, template.Hash).Bind(4, template.Document).Bind(5, tenant).Execute();

    private static TemplateRow Read(Statement row) => new(row.Text(0), (int)row.Number(1), row.Text(2), row.Text(3));
}
