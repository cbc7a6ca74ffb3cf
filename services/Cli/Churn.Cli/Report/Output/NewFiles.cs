using Microsoft.Win32.SafeHandles;

namespace Churn.Cli.Report.Output;

/// <summary>Writes files beside the ones they are to replace, and replaces them when all are whole.</summary>
/// <remarks>A run that fails leaves the files of the run before; one that is killed leaves hidden parts besides.</remarks>
internal sealed class NewFiles(string folder) : IDisposable
{
    private readonly List<(string Part, string Path, SafeFileHandle Handle)> _files = [];
    private bool _complete;

    /// <summary>Starts a file.</summary>
    public SafeFileHandle Create(string name)
    {
        var part = Path.Combine(folder, $".{name}.part");
        // A file that was cut to nothing, even an empty one, is written to the disk when it is closed; a new one in its time.
        File.Delete(part);
        var handle = File.OpenHandle(part, FileMode.CreateNew, FileAccess.Write, FileShare.None);
        _files.Add((part, Path.Combine(folder, name), handle));
        return handle;
    }

    /// <summary>Puts all files into their places.</summary>
    /// <param name="threads">How many threads may do so: letting go of a large file takes time.</param>
    public void Complete(int threads)
    {
        foreach (var file in _files)
        {
            file.Handle.Dispose();
        }

        Work.Run(threads, _files.Count, i => File.Move(_files[i].Part, _files[i].Path, overwrite: true));
        _complete = true;
    }

    public void Dispose()
    {
        foreach (var file in _complete ? [] : _files)
        {
            file.Handle.Dispose();
            File.Delete(file.Part);
        }
    }
}
