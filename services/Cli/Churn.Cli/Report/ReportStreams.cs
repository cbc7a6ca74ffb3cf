namespace Churn.Cli.Report;

/// <summary>Holds what a run reads from and writes to, so that a test can stand in for the process.</summary>
/// <param name="Input">Standard input.</param>
/// <param name="Output">Standard output.</param>
/// <param name="Error">Standard error.</param>
/// <param name="Environment">Looks up an environment variable.</param>
/// <param name="Width">The width of the terminal that Output is; null when it is none.</param>
internal sealed record ReportStreams(
    Func<Stream> Input, Stream Output, TextWriter Error, Func<string, string?> Environment, int? Width)
{
    public static ReportStreams OfProcess() => new(
        Console.OpenStandardInput, Console.OpenStandardOutput(), Console.Error, System.Environment.GetEnvironmentVariable,
        Console.IsOutputRedirected ? null : Console.WindowWidth);
}
