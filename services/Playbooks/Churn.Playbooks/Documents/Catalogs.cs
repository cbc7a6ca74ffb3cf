using Churn.Notifications.V1;

namespace Churn.Playbooks.Documents;

/// <summary>Knows the templates that there are, those of the documents that are applied with a playbook too.</summary>
internal interface ITemplateCatalog
{
    /// <summary>Gives a template; null where there is none.</summary>
    ValueTask<Template?> FindAsync(string name, CancellationToken cancellationToken);
}

/// <summary>Knows the attributes that customers have.</summary>
internal interface IAttributeCatalog
{
    /// <summary>Gives their names; null where they are not known.</summary>
    ValueTask<IReadOnlyCollection<string>?> NamesAsync(CancellationToken cancellationToken);
}

/// <summary>Says what documents may do beyond the default.</summary>
internal sealed record DocumentRules
{
    public static DocumentRules Default { get; } = new();

    /// <summary>Whether webhooks may go over http.</summary>
    public bool AllowHttp { get; init; }

    /// <summary>Whether webhooks may go into private networks.</summary>
    public bool AllowPrivate { get; init; }
}
