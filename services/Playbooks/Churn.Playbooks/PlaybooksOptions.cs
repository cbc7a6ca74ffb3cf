using Churn.ServiceDefaults.Storage;
using Churn.Playbooks.Documents;

namespace Churn.Playbooks;

/// <summary>Says how the playbooks service is set up.</summary>
internal sealed record PlaybooksOptions
{
    /// <summary>Gives the folder of the database.</summary>
    public required string DataFolder { get; init; }

    /// <summary>Gives the PostgreSQL that holds it instead of a file; null for a file.</summary>
    public PostgresOptions? Postgres { get; init; }

    /// <summary>Gives the name under which leases are held; the same one takes its own back at once after a crash.</summary>
    public string Owner { get; init; } = "embedded";

    /// <summary>Gives where other replicas call this one.</summary>
    public string Address { get; init; } = "";

    /// <summary>Gives the share of customers that are held out of all playbooks, 0 to 0.5; those that were exposed stay where they are.</summary>
    public double GlobalHoldoutShare { get; init; }

    /// <summary>Gives what holdouts are drawn with; another salt holds out other customers.</summary>
    public string Salt { get; init; } = "churn";

    /// <summary>Gives what documents may say beyond the default, for example of webhooks in development.</summary>
    public DocumentRules DocumentRules { get; init; } = DocumentRules.Default;
}
