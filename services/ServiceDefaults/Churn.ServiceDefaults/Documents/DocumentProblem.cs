namespace Churn.ServiceDefaults.Documents;

/// <summary>Says what is wrong in a file, or may not be meant: where, and what to do.</summary>
/// <param name="File">The file's name.</param>
/// <param name="Line">The line, from 1.</param>
/// <param name="Column">The column, from 1.</param>
/// <param name="Path">The path within the document, such as "steps[1].wait"; empty for the whole.</param>
/// <param name="Message">What is wrong and what to do, in a sentence.</param>
public sealed record DocumentProblem(string File, int Line, int Column, string Path, string Message)
{
    /// <summary>Gives all of it on one line, in the form that editors jump to.</summary>
    public override string ToString() => $"{File}:{Line}:{Column}: {(Path.Length == 0 ? "" : Path + ": ")}{Message}";
}
