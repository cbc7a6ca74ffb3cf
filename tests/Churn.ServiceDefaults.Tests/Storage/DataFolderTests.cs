using System.Globalization;
using Churn.ServiceDefaults.Storage;

namespace Churn.ServiceDefaults.Tests.Storage;

public sealed class DataFolderTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Open_NoSuchFolder_MakesItForItsUserAlone()
    {
        using var data = DataFolder.Open(_folder.File("a/b"));
        Assert.Equal(_folder.File("a/b"), data.Path);
        Assert.Equal(_folder.File("a/b/c.db"), data.File("c.db"));
        Assert.True(Directory.Exists(data.Path));
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(data.Path));
        }
    }

    [Fact]
    public void Open_HeldByAnother_NamesTheFolderAndTheProcess()
    {
        using (DataFolder.Open(_folder.Path))
        {
            var refused = Assert.Throws<StorageException>(() => DataFolder.Open(_folder.Path));
            Assert.Equal($"{_folder.Path} is in use by process {Environment.ProcessId.ToString(CultureInfo.InvariantCulture)}; end that, or give another folder.", refused.Message);
        }

        DataFolder.Open(_folder.Path).Dispose();
    }

    [Fact]
    public void Open_OwnerDied_IsTakenOver()
    {
        File.WriteAllText(_folder.File("lock"), "");
        File.WriteAllText(_folder.File("pid"), "1\n");
        DataFolder.Open(_folder.Path).Dispose();
    }

    [Theory]
    [InlineData("file")]
    [InlineData("file/below")]
    [InlineData("/proc/churn")]
    public void Open_CannotBeAFolder_SaysSoInOneLine(string name)
    {
        if (name.StartsWith("/proc", StringComparison.Ordinal) && !Directory.Exists("/proc/self"))
        {
            Assert.Skip("There is no /proc here.");
        }

        File.WriteAllText(_folder.File("file"), "");
        var path = Path.Combine(_folder.Path, name);
        var refused = Assert.Throws<StorageException>(() => DataFolder.Open(path));
        Assert.StartsWith($"{path} cannot be used", refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', refused.Message);
    }

    [Fact]
    public void Default_Always_IsTheUsersOwn() => Assert.Equal("churn", Path.GetFileName(DataFolder.Default));
}
