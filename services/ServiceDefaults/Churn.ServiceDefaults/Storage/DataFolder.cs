using System.Globalization;

namespace Churn.ServiceDefaults.Storage;

/// <summary>Holds the folder that a process keeps its files in, locked against every other process until it is disposed of.</summary>
public sealed class DataFolder : IDisposable
{
    private const string LockName = "lock";
    private const string OwnerName = "pid";

    private readonly FileStream _lock;

    private DataFolder(string path, FileStream held)
    {
        Path = path;
        _lock = held;
    }

    /// <summary>Gives the folder of this user's data where none is named: XDG_DATA_HOME, or the system's own.</summary>
    public static string Default => System.IO.Path.Combine(
        Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify) is { Length: > 0 } data ? data : ".", "churn");

    /// <summary>Gives the folder's whole path.</summary>
    public string Path { get; }

    /// <summary>Makes a folder for data where there is none, and gives its whole path; another process may hold it.</summary>
    /// <exception cref="StorageException">It cannot be made.</exception>
    public static string Make(string path)
    {
        var whole = System.IO.Path.GetFullPath(path);
        try
        {
            Create(whole);
            return whole;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw Unusable(whole, exception);
        }
    }

    /// <summary>Opens and locks a folder, making it where there is none.</summary>
    /// <param name="path">The folder; null for <see cref="Default"/>.</param>
    /// <exception cref="StorageException">It cannot be made or written, or another process holds it.</exception>
    public static DataFolder Open(string? path)
    {
        var whole = System.IO.Path.GetFullPath(path ?? Default);
        try
        {
            Create(whole);
            var held = Lock(whole);
            System.IO.File.WriteAllText(System.IO.Path.Combine(whole, OwnerName), Environment.ProcessId.ToString(CultureInfo.InvariantCulture) + "\n");
            return new DataFolder(whole, held);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw Unusable(whole, exception);
        }
    }

    /// <summary>Gives the path of a file in the folder.</summary>
    public string File(string name) => System.IO.Path.Combine(Path, name);

    /// <summary>Lets go of the folder.</summary>
    public void Dispose() => _lock.Dispose();

    private static void Create(string whole)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(whole);
        }
        else
        {
            // What people and their payments do is nobody else's business.
            Directory.CreateDirectory(whole, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }

    private static StorageException Unusable(string whole, Exception exception) =>
        new($"{whole} cannot be used ({exception.Message.ReplaceLineEndings(" ")}); give a folder that this user can write.", exception);

    private static FileStream Lock(string folder)
    {
        var path = System.IO.Path.Combine(folder, LockName);
        try
        {
            return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException exception) when (exception.GetType() == typeof(IOException) && System.IO.File.Exists(path))
        {
            throw new StorageException($"{folder} is in use by process {Owner(folder)}; end that, or give another folder.", exception);
        }
    }

    private static string Owner(string folder)
    {
        try
        {
            return System.IO.File.ReadAllText(System.IO.Path.Combine(folder, OwnerName)).Trim() is { Length: > 0 } owner ? owner : "?";
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return "?";
        }
    }
}
