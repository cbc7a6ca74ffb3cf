using System.Reflection;

namespace Churn.Compat.Tests;

public class PublicApiTests
{
    /// <summary>
    /// The kept files were written from the official packages, so a stand-in that passes can be compiled against like them.
    /// </summary>
    [Theory]
    [InlineData("Grpc.Core.Api")]
    [InlineData("Grpc.Net.Common")]
    public void PublicApi_OfTheAssemblyInUse_IsTheKeptOne(string name)
    {
        var actual = ApiText.Of(Assembly.Load(name));
        if (Environment.GetEnvironmentVariable("UPDATE_GOLDEN") == "1")
        {
            Assert.True(Official, "The kept API is that of the official packages: update it with -p:OfficialPackages=true.");
            File.WriteAllText(Path.Combine(SourceFolder(), $"PublicApi.{name}.txt"), actual);
            return;
        }

        var kept = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, $"PublicApi.{name}.txt"));
        Assert.Equal(kept.Split('\n'), actual.Split('\n'));
    }

    [Theory]
    [InlineData("Grpc.Core.Api")]
    [InlineData("Grpc.Net.Common")]
    public void Description_OfTheAssemblyInUse_SaysWhetherItIsAStandIn(string name) => Assert.Equal(
        !Official, Assembly.Load(name).GetCustomAttribute<AssemblyDescriptionAttribute>()?.Description.Contains("stand-in", StringComparison.Ordinal) ?? false);

    internal static bool Official => typeof(PublicApiTests).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
        .Any(metadata => metadata is { Key: "OfficialPackages", Value: "true" });

    private static string SourceFolder()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "Churn.sln")))
        {
            folder = folder.Parent!;
        }

        return Path.Combine(folder.FullName, "tests", "Churn.Compat.Tests");
    }
}
