using System.Diagnostics;

namespace Churn.Conventions.Tests;

/// <summary>What clients build on: the protos are linted, break nothing that was released, and are published as a descriptor set.</summary>
public sealed class BufTests
{
    private const string Published = "churn.binpb";

    // Renewed only by a commit that says which break it makes, and why.
    private const string Released = "released.binpb";

    private static readonly string Protos = Path.Combine(Tree.Root, "protos");
    private static readonly string Buf = Path.Combine(Tree.Root, "tests", "node_modules", ".bin", "buf");

    [Fact]
    public void Protos_Lint_FindsNothing() => Assert.Equal("", Run("lint"));

    [Fact]
    public void Protos_AgainstWhatWasReleased_BreakNothing() => Assert.Equal("", Run("breaking", "--against", Released));

    [Fact]
    public void Protos_DescriptorSet_IsTheirs()
    {
        var built = Path.GetTempFileName();
        try
        {
            Assert.Equal("", Run("build", "-o", $"{built}#format=binpb"));
            if (Environment.GetEnvironmentVariable("UPDATE_GOLDEN") == "1")
            {
                File.Copy(built, Path.Combine(Protos, Published), overwrite: true);
            }

            Assert.True(
                File.ReadAllBytes(built).AsSpan().SequenceEqual(File.ReadAllBytes(Path.Combine(Protos, Published))),
                $"protos/{Published} is not what the protos say; UPDATE_GOLDEN=1 ./test Churn.Conventions.Tests renews it");
        }
        finally
        {
            File.Delete(built);
        }
    }

    [Fact]
    public void Breaking_AFieldThatGoes_IsFound()
    {
        var copy = Directory.CreateTempSubdirectory("churn-protos-");
        try
        {
            foreach (var file in Directory.EnumerateFiles(Protos, "*", SearchOption.AllDirectories).Where(f => Path.GetExtension(f) is ".proto" or ".yaml"))
            {
                var target = Path.Combine(copy.FullName, Path.GetRelativePath(Protos, file));
                Directory.CreateDirectory(Path.GetDirectoryName(target)!);
                File.WriteAllText(target, File.ReadAllText(file).Replace("string source = 1;", "int64 source = 1;", StringComparison.Ordinal));
            }

            Assert.Contains("source", RunIn(copy.FullName, "breaking", "--against", Path.Combine(Protos, Released)), StringComparison.Ordinal);
        }
        finally
        {
            copy.Delete(recursive: true);
        }
    }

    private static string Run(params string[] arguments) => RunIn(Protos, arguments);

    private static string RunIn(string folder, params string[] arguments)
    {
        Assert.SkipUnless(File.Exists(Buf), "buf is not installed: npm ci --prefix tests");
        var start = new ProcessStartInfo(Buf, arguments)
        {
            WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false,
        };
        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return output + error.GetAwaiter().GetResult();
    }
}
