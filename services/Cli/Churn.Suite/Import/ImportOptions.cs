using Churn.Cli.Report.Input;
using Churn.Suite.Calls;

namespace Churn.Suite.Import;

/// <summary>Says what is to be imported, and where to.</summary>
/// <param name="Input">The files, and how those of CSV are to be read.</param>
/// <param name="Server">The server.</param>
internal sealed record ImportOptions(InputOptions Input, ServerAccess Server)
{
    /// <summary>Names the source of facts that name none themselves, where the user does not.</summary>
    public const string DefaultSource = "csv";

    /// <summary>Gives the source of what CSV says; null where the user does not.</summary>
    public string? Source { get; init; }

    /// <summary>Gives the file for everything that is rejected, or null.</summary>
    public string? Rejects { get; init; }

    /// <summary>Gives how many facts a second are sent at most; null for as many as both sides can.</summary>
    public int? Rate { get; init; }

    /// <summary>Gives how many threads may read; what is imported is the same with any number.</summary>
    public int Threads { get; init; } = Math.Clamp(Environment.ProcessorCount, 1, 16);
}
