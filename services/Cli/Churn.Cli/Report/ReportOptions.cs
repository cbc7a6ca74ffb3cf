using Churn.Cli.Report.Input;

namespace Churn.Cli.Report;

/// <summary>Says how a report is shown on standard output.</summary>
internal enum ReportFormat
{
    Table,
    Csv,
    Json,
}

/// <summary>Says what a report is to be; months are as the calendar counts them.</summary>
internal sealed record ReportOptions(InputOptions Input)
{
    /// <summary>Gives the first month, or null for that of the first start.</summary>
    public int? From { get; init; }

    /// <summary>Gives the last month, or null for the last complete one in the files.</summary>
    public int? To { get; init; }

    public ReportFormat Format { get; init; }

    /// <summary>Gives the folder for the files, or null.</summary>
    public string? Out { get; init; }

    /// <summary>Gives the folder for the pictures, or null.</summary>
    public string? Svg { get; init; }

    /// <summary>Gives the file for all rejected rows, or null.</summary>
    public string? Rejects { get; init; }

    /// <summary>Gives how many threads may work; the report is the same with any number.</summary>
    public int Threads { get; init; } = Math.Clamp(Environment.ProcessorCount, 1, 16);
}
