using System.Text;
using Churn.Cli.Report;

namespace Churn.Cli.Tests.Docs;

/// <summary>Compares the screens in README.md with what the commands print; UPDATE_GOLDEN=1 writes them.</summary>
public class ReadmeTests
{
    private const string Mark = "<!-- screen: ./churn ";

    [Fact]
    public void Screens_InReadme_AreWhatTheCommandsPrint()
    {
        var root = Definitions.Root();
        var path = Path.Combine(root, "README.md");
        var lines = File.ReadAllText(path).Split('\n').ToList();
        var screens = 0;
        for (var i = 0; i < lines.Count; i++)
        {
            if (!lines[i].StartsWith(Mark, StringComparison.Ordinal))
            {
                continue;
            }

            screens++;
            Assert.Equal("```text", lines[i + 1]);
            var end = lines.IndexOf("```", i + 2);
            var printed = Print(root, lines[i][Mark.Length..^" -->".Length].Split(' '));
            if (Environment.GetEnvironmentVariable("UPDATE_GOLDEN") == "1")
            {
                lines.RemoveRange(i + 2, end - i - 2);
                lines.InsertRange(i + 2, printed);
                File.WriteAllText(path, string.Join('\n', lines));
            }
            else
            {
                Assert.Equal(printed, lines[(i + 2)..end]);
            }
        }

        Assert.NotEqual(0, screens);
    }

    private static string[] Print(string root, string[] arguments)
    {
        using var output = new MemoryStream();
        using var error = new StringWriter();
        var streams = new ReportStreams(() => Stream.Null, output, error, name => name == "LANG" ? "C.UTF-8" : null, Width: 100);
        var command = ReportCommand.Create(options => ReportRun.Run(
            options with { Input = options.Input with { Files = [.. options.Input.Files.Select(f => Path.Combine(root, f))] } }, streams));
        Assert.Equal("report", arguments[0]);
        Assert.Equal(0, command.Parse(arguments[1..]).Invoke());
        Assert.Equal("", error.ToString());
        return Encoding.UTF8.GetString(output.ToArray()).TrimEnd('\n').Split('\n');
    }
}
