using System.Runtime.CompilerServices;

namespace Churn.Suite.Tests;

/// <summary>Compares text with a file in the folder Golden beside the test; UPDATE_GOLDEN=1 writes it.</summary>
internal static class Golden
{
    public static void Matches(string name, string text, [CallerFilePath] string test = "")
    {
        // The help ends lines with the blanks of an empty column.
        text = string.Join('\n', text.Split('\n').Select(l => l.TrimEnd(' ')));
        var path = Path.Combine(Path.GetDirectoryName(test)!, "Golden", name + ".txt");
        if (Environment.GetEnvironmentVariable("UPDATE_GOLDEN") == "1")
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllText(path, text);
        }

        Assert.Equal(File.ReadAllText(path), text);
    }
}
