using System.CommandLine;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Churn.Cli;

/// <summary>The command <c>churn version</c>: what was built, and how.</summary>
internal static class VersionCommand
{
    public static Command Create()
    {
        var command = new Command("version", "Shows the version and how it was built");
        command.SetAction(parsed =>
        {
            var assembly = typeof(VersionCommand).Assembly;
            var packages = assembly.GetCustomAttributes<AssemblyMetadataAttribute>().First(m => m.Key == "Packages").Value;
            var output = parsed.InvocationConfiguration.Output;
            output.WriteLine($"churn {assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion}");
            output.WriteLine($"  runtime   {RuntimeInformation.FrameworkDescription}, {RuntimeInformation.RuntimeIdentifier}");
            output.WriteLine($"  code      {(RuntimeFeature.IsDynamicCodeCompiled ? "compiled at run time where it is not ahead of it" : "native")}");
            output.WriteLine($"  packages  {packages}");
        });
        return command;
    }
}
