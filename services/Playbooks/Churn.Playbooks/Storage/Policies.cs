using Churn.Playbooks.Domain;
using Churn.ServiceDefaults.Storage;
using Microsoft.Extensions.Logging;

namespace Churn.Playbooks.Storage;

/// <summary>Holds a playbook that was saved, with what people read of it.</summary>
internal sealed record SavedPlaybook(Playbook Playbook, string Title, string Description, string ContentHash);

/// <summary>Reads a playbook from the document that was saved of it.</summary>
internal interface IPlaybookReader
{
    /// <summary>Gives the playbook.</summary>
    /// <exception cref="InvalidDataException">This version of the program cannot read it.</exception>
    SavedPlaybook Read(string document, int version);
}

/// <summary>Gives what is in force for a tenant, read again when it has changed.</summary>
internal sealed partial class Policies(PlaybooksOptions options, IPlaybookReader reader, ILogger<Policies> logger)
{
    private readonly Lock _reading = new();
    private readonly Dictionary<string, (long Change, Policy Policy)> _known = new(StringComparer.Ordinal);

    /// <summary>Gives the policy as the transaction sees it.</summary>
    public Policy Of(DatabaseConnection connection, string tenant)
    {
        var change = PlaybookRows.Change(connection, tenant);
        lock (_reading)
        {
            if (!_known.TryGetValue(tenant, out var known) || known.Change != change)
            {
                _known[tenant] = known = (change, Read(connection, tenant));
            }

            return known.Policy;
        }
    }

    /// <summary>Gives the policy that would be if one playbook were all there is.</summary>
    public Policy Alone(Playbook playbook) =>
        Policy.Of([playbook], new HashSet<string>(StringComparer.Ordinal) { playbook.Name }, options.GlobalHoldoutShare, options.Salt);

    private Policy Read(DatabaseConnection connection, string tenant)
    {
        var playbooks = new List<Playbook>();
        foreach (var row in PlaybookRows.Versions(connection, tenant))
        {
            try
            {
                playbooks.Add(reader.Read(row.Document, row.Version).Playbook);
            }
            catch (InvalidDataException exception)
            {
                LogUnreadable(exception, row.Name, row.Version);
            }
        }

        return Policy.Of(playbooks, PlaybookRows.Active(connection, tenant), options.GlobalHoldoutShare, options.Salt);
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Version {Version} of playbook \"{Name}\" cannot be read; nobody enters it and its runs stand still. Apply its document again.")]
    private partial void LogUnreadable(Exception exception, string name, int version);
}
