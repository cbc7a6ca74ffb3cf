using System.Collections.Concurrent;
using Churn.Notifications.Storage;

namespace Churn.Notifications.Templates;

/// <summary>Gives templates, each read from its document once.</summary>
internal sealed class TemplateShelf(NotificationsStore store)
{
    private readonly ConcurrentDictionary<(string Name, int Version), Template> _read = new();

    /// <summary>Gives a template, or null; version 0 is the latest.</summary>
    public Template? Find(string name, int version = 0)
    {
        if (version != 0 && _read.TryGetValue((name, version), out var known))
        {
            return known;
        }

        var row = store.Read(connection => TemplateRows.Find(connection, name, version));
        return row is null ? null : Read(row);
    }

    public List<Template> Latest() => store.Read(TemplateRows.Latest).ConvertAll(Read);

    /// <summary>Saves a template; another content makes a version.</summary>
    public (Template Template, bool Changed) Put(Template template)
    {
        var (row, changed) = store.Write(connection =>
        {
            var latest = TemplateRows.Find(connection, template.Name, 0);
            if (latest?.Hash == template.Hash)
            {
                return (latest, false);
            }

            var next = new TemplateRow(template.Name, (latest?.Version ?? 0) + 1, template.Hash, template.Document);
            TemplateRows.Add(connection, next);
            return (next, true);
        });
        return (Read(row), changed);
    }

    private Template Read(TemplateRow row) => _read.GetOrAdd((row.Name, row.Version), _ =>
        (TemplateReader.Read(row.Name, row.Document, out var problems)
            ?? throw new InvalidDataException($"Template {row.Name} version {row.Version} cannot be read: {problems.Errors[0]}")) with { Version = row.Version });
}
