namespace Churn.SystemTests;

/// <summary>Holds a folder that goes with the test.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("churn-system-").FullName;

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
