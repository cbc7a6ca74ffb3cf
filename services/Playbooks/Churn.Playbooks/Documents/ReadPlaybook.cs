using Churn.Playbooks.Domain;
using Churn.ServiceDefaults.Documents;

namespace Churn.Playbooks.Documents;

/// <summary>Holds a playbook as its document says it; its version is 0, until it is saved.</summary>
internal sealed record ReadPlaybook
{
    public required Playbook Playbook { get; init; }

    public required string Title { get; init; }

    public required string Description { get; init; }

    /// <summary>Gives a hash of what the document says: another one makes another version.</summary>
    public required string ContentHash { get; init; }

    /// <summary>Gives the document's text, with its comments.</summary>
    public required string Source { get; init; }

    /// <summary>Gives the templates that it uses, with their places.</summary>
    public required IReadOnlyList<TemplateUse> Templates { get; init; }

    /// <summary>Gives the attributes that it names, with their places.</summary>
    public required IReadOnlyList<(string Name, DocumentNode At)> Attributes { get; init; }
}

/// <summary>Holds a use of a template in a step.</summary>
/// <param name="Name">The template.</param>
/// <param name="At">Where it is named.</param>
/// <param name="Step">Where the step is.</param>
/// <param name="Variables">What is given to it, by name.</param>
internal sealed record TemplateUse(string Name, DocumentNode At, DocumentNode Step, IReadOnlyList<(string Name, DocumentNode At, ValueSource Source)> Variables);
