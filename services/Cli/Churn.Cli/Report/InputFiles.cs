using Churn.Cli.Report.Input;

namespace Churn.Cli.Report;

/// <summary>Opens the files that a command names.</summary>
internal static class InputFiles
{
    /// <summary>Refuses names that would count rows twice or overwrite what is read.</summary>
    /// <exception cref="ReportException">There is one.</exception>
    public static void RefuseRepeated(IReadOnlyList<string> files, string? rejects)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var file in files)
        {
            if (file.Length == 0)
            {
                throw new ReportException("the name of a file is empty");
            }

            if (!seen.Add(file == "-" ? file : Path.GetFullPath(file)))
            {
                throw new ReportException($"{(file == "-" ? "standard input" : Printable.OfPath(file))} is named twice: its rows would count twice");
            }
        }

        if (rejects is not null && seen.Contains(Path.GetFullPath(rejects)))
        {
            throw new ReportException($"--rejects {Printable.OfPath(rejects)} is a file to read: it would be overwritten");
        }
    }

    /// <summary>Opens a file, or standard input for "-".</summary>
    /// <exception cref="ReportException">It is a folder.</exception>
    public static Stream Open(string name, Func<Stream> standardInput)
    {
        if (name == "-")
        {
            return standardInput();
        }

        return Directory.Exists(name)
            ? throw new ReportException("is a folder: name the files in it")
            : new FileStream(name, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0, FileOptions.SequentialScan);
    }
}
