namespace Churn.ServiceDefaults.Documents;

/// <summary>Collects what is wrong in a file, so that one look at it finds everything.</summary>
/// <remarks>Not for several threads at once.</remarks>
public sealed class DocumentProblems(string file)
{
    /// <summary>Gives the most errors, and the most warnings, that are kept: a file with more of them is another kind of file.</summary>
    public const int Most = 100;

    private readonly List<DocumentProblem> _errors = [];
    private readonly List<DocumentProblem> _warnings = [];

    /// <summary>Gives the file's name.</summary>
    public string File { get; } = file;

    /// <summary>Gives what must be mended, in the order of the file.</summary>
    public IReadOnlyList<DocumentProblem> Errors => InOrder(_errors);

    /// <summary>Gives what is not wrong and may not be meant, in the order of the file.</summary>
    public IReadOnlyList<DocumentProblem> Warnings => InOrder(_warnings);

    /// <summary>Tells whether anything must be mended.</summary>
    public bool Any => ErrorCount > 0;

    /// <summary>Counts what must be mended, with what is not kept: one that has not changed says that nothing was found since.</summary>
    public int ErrorCount { get; private set; }

    /// <summary>Adds an error.</summary>
    public void Error(int line, int column, string path, string message)
    {
        ErrorCount++;
        Add(_errors, new DocumentProblem(File, line, column, path, message));
    }

    /// <summary>Adds a warning.</summary>
    public void Warn(int line, int column, string path, string message) => Add(_warnings, new DocumentProblem(File, line, column, path, message));

    private static void Add(List<DocumentProblem> to, DocumentProblem problem)
    {
        if (to.Count < Most && !to.Contains(problem))
        {
            to.Add(problem);
        }
    }

    private static List<DocumentProblem> InOrder(List<DocumentProblem> problems) => [.. problems.OrderBy(problem => problem.Line).ThenBy(problem => problem.Column)];
}
