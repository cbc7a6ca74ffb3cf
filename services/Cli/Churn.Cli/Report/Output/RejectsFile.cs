using Churn.Cli.Report.Input;

namespace Churn.Cli.Report.Output;

/// <summary>Writes what was not taken as CSV: file, line, column, reason.</summary>
internal sealed class RejectsFile : IDisposable
{
    private const int FlushAt = 1 << 16;

    private readonly FileStream _file;
    private readonly Lines _lines = new();

    public RejectsFile(string path)
    {
        _file = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.Read, bufferSize: 0);
        _lines.Text("file,line,column,reason\n"u8);
    }

    /// <summary>Writes rejects as one file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="files">The names of the files that were read, as a reject counts them.</param>
    /// <param name="rejects">The rejects.</param>
    public static void Write(string path, IReadOnlyList<string> files, IReadOnlyList<Reject> rejects)
    {
        using var file = new RejectsFile(path);
        foreach (var reject in rejects)
        {
            file.Add(files[reject.File], reject);
        }
    }

    /// <summary>Adds a reject.</summary>
    public void Add(string file, Reject reject)
    {
        _lines.Cell(file).Comma().Number(reject.Line).Comma().Cell(reject.Column).Comma().Cell(reject.Reason).End();
        if (_lines.Written.Length >= FlushAt)
        {
            Flush();
        }
    }

    public void Dispose()
    {
        Flush();
        _file.Dispose();
    }

    private void Flush()
    {
        _file.Write(_lines.Written);
        _lines.Clear();
    }
}
