using System.Collections.Concurrent;
using Churn.Notifications.Storage;

namespace Churn.Notifications.Templates;

/// <summary>Gives templates, each read from its document once.</summary>
internal sealed class TemplateShelf(NotificationsStore store)
{
    private readonly ConcurrentDictionary<(string Tenant, string Name, int Version), Template> _read = new();

    /// <summary>Gives a template, or null; version 0 is the latest.</summary>
    public Template? Find(string tenant, string name, int version = 0)
    {
        if (version != 0 && _read.TryGetValue((tenant, name, version), out var known))
        {
            return known;
        }

        var row = store.Read(connection => TemplateRows.Find(connection, tenant, name, version));
        return row is null ? null : Read(tenant, row);
    }

    public List<Template> Latest(string tenant) => store.Read(connection => TemplateRows.Latest(connection, tenant)).ConvertAll(row => Read(tenant, row));

    /// <summary>Saves a template; another content makes a version.</summary>
    public (Template Template, bool Changed) Put(string tenant, Template template)
    {
        var (row, changed) = store.Write(connection =>
        {
            var latest = TemplateRows.Find(connection, tenant, template.Name, 0);
            if (latest?.Hash == template.Hash)
            {
                return (latest, false);
            }

            var next = new TemplateRow(template.Name, (latest?.Version ?? 0) + 1, template.Hash, template.Document);
            TemplateRows.Add(connection, tenant, next);
            return (next, true);
        });
        return (Read(tenant, row), changed);
    }

    private Template Read(string tenant, TemplateRow row) => _read.GetOrAdd((tenant, row.Name, row.Version), _ =>
        (TemplateReader.Read(row.Name, row.Document, out var problems)
            ?? throw new InvalidDataException($"Template {row.Name} version {row.Version} cannot be read: {problems.Errors[0]}")) with { Version = row.Version });
}
