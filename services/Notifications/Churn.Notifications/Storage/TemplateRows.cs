using Churn.ServiceDefaults.Storage;

namespace Churn.Notifications.Storage;

/// <summary>Holds a version of a template.</summary>
internal sealed record TemplateRow(string Name, int Version, string Hash, string Document);

/// <summary>Reads and writes templates, within a transaction of the caller's.</summary>
internal static class TemplateRows
{
    /// <summary>Gives a template, or null; version 0 is the latest.</summary>
    public static TemplateRow? Find(DatabaseConnection connection, string name, int version)
    {
        var row = connection.Prepare("SELECT name, version, hash, document FROM template WHERE name = ?1 AND (?2 = 0 OR version = ?2) ORDER BY version DESC LIMIT 1")
            .Bind(1, name).Bind(2, version);
        var found = row.Step() ? Read(row) : null;
        row.Rewind();
        return found;
    }

    public static List<TemplateRow> Latest(DatabaseConnection connection)
    {
        var rows = connection.Prepare("""
            SELECT name, version, hash, document FROM template AS t
            WHERE version = (SELECT max(version) FROM template WHERE name = t.name) ORDER BY name
            """);
        var found = new List<TemplateRow>();
        while (rows.Step())
        {
            found.Add(Read(rows));
        }

        return found;
    }

    public static void Add(DatabaseConnection connection, TemplateRow template) =>
        connection.Prepare("INSERT INTO template VALUES (?, ?, ?, ?)")
            .Bind(1, template.Name).Bind(2, template.Version).Bind(3, template.Hash).Bind(4, template.Document).Execute();

    private static TemplateRow Read(Statement row) => new(row.Text(0), (int)row.Number(1), row.Text(2), row.Text(3));
}
