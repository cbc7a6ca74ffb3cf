using System.Diagnostics;
using System.Text.RegularExpressions;

namespace Churn.SystemTests;

/// <summary>Runs the README's blocks that want a server: those marked <c>sh served</c>, one after the other, against one of its own.</summary>
public sealed partial class ReadmeTests
{
    [Fact]
    public async Task ServedBlocks_OfTheReadme_RunAsTheyStand()
    {
        Assert.SkipUnless(
            (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(folder => File.Exists(Path.Combine(folder, "grpcurl"))), "grpcurl is not on PATH");
        var root = Repository.Root;
        var blocks = BlocksOf(await File.ReadAllLinesAsync(Path.Combine(root, "README.md"), TestContext.Current.CancellationToken));
        Assert.Equal(3, blocks.Count);
        using var folder = new TemporaryFolder();
        using var server = await Server.StartAsync(folder.Path);
        var script = Path.Combine(folder.Path, "blocks.sh");
        var churn = $"dotnet exec '{Path.Combine(AppContext.BaseDirectory, "Churn.Suite.dll")}'";
        var text = Command().Replace(string.Join('\n', blocks.SelectMany(b => b)), $"{churn} ${{command}} --address {server.Address}")
            .Replace("127.0.0.1:8080", new Uri(server.Address).Authority, StringComparison.Ordinal);
        Assert.DoesNotContain("./churn", text, StringComparison.Ordinal);
        await File.WriteAllTextAsync(script, $"set -eux\n{text}\n", TestContext.Current.CancellationToken);
        var start = new ProcessStartInfo("/bin/sh", [script]) { WorkingDirectory = root, RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        var error = await process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(process.ExitCode == 0, error);
        Assert.Contains("MRR 316,986 USD", await output, StringComparison.Ordinal);
        Assert.Contains("By contract, 2020-01", await output, StringComparison.Ordinal);
        Assert.Contains("VERDICT_RECORDED", await output, StringComparison.Ordinal);
        Assert.Contains("failed-payment is started", await output, StringComparison.Ordinal);
    }

    [GeneratedRegex(@"\./churn (?<command>import|(metrics|playbooks|tasks|notify) [a-z]+)", RegexOptions.ExplicitCapture)]
    private static partial Regex Command();

    private static List<List<string>> BlocksOf(string[] lines)
    {
        var blocks = new List<List<string>>();
        for (var i = 0; i < lines.Length; i++)
        {
            if (lines[i] == "```sh served")
            {
                blocks.Add([.. lines.Skip(i + 1).TakeWhile(line => line != "```")]);
            }
        }

        return blocks;
    }
}
