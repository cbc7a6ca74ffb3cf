namespace Churn.ServiceDefaults.Documents;

/// <summary>Holds one document of a file.</summary>
/// <param name="Root">Its value.</param>
/// <param name="Source">Its text as the file has it, comments too.</param>
/// <param name="Line">The first line of it, from 1.</param>
public sealed record FileDocument(DocumentNode Root, string Source, int Line)
{
    /// <summary>Gives what is wrong in its file.</summary>
    public DocumentProblems Problems => Root.Problems;

    /// <summary>Gives the text behind as many empty lines as stand before it in the file: read alone, it has the same lines.</summary>
    public string InPlace => new string('\n', Line - 1) + Source;
}
