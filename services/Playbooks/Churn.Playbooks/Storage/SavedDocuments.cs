using Churn.Playbooks.Documents;
using Churn.ServiceDefaults.Documents;

namespace Churn.Playbooks.Storage;

/// <summary>Reads saved documents: each was checked when it was saved, by the rules of then.</summary>
internal sealed class SavedDocuments : IPlaybookReader
{
    private static readonly DocumentRules Any = new() { AllowHttp = true, AllowPrivate = true };

    public SavedPlaybook Read(string document, int version)
    {
        var file = DocumentFile.Read("saved", document);
        return file.Documents is [var only] && PlaybookReader.Read(only, Any) is { } read
            ? new SavedPlaybook(read.Playbook with { Version = version }, read.Title, read.Description, read.ContentHash)
            : throw new InvalidDataException(file.Problems.Errors.Select(problem => problem.ToString()).FirstOrDefault("The document holds no playbook."));
    }
}
