namespace Churn.Cli.Report.Input;

/// <summary>Says how files are to be read.</summary>
internal sealed record InputOptions
{
    /// <summary>Gives the files; "-" is standard input.</summary>
    public IReadOnlyList<string> Files { get; init; } = [];

    /// <summary>Gives the currency to report, or null for that of the first row; where rows are kept whole, that of rows that state none.</summary>
    public string? Currency { get; init; }

    /// <summary>Tells whether rows keep their ids, their own currencies and all of their attributes.</summary>
    public bool KeepsRowsWhole { get; init; }

    /// <summary>Gives columns that are attributes although they resemble a known column.</summary>
    public IReadOnlyList<string> Attributes { get; init; } = [];

    /// <summary>Gives the column that splits the report, or null.</summary>
    public string? By { get; init; }

    /// <summary>Gives the column that names the plan where it is not "plan".</summary>
    public string? Plan { get; init; }

    /// <summary>Gives the column of whole months since the start; then the next four are there too.</summary>
    public string? Tenure { get; init; }

    public string? ChurnedColumn { get; init; }

    public string? ChurnedValue { get; init; }

    public string? Price { get; init; }

    /// <summary>Gives the day that tenures are counted back from.</summary>
    public int SnapshotDay { get; init; }

    /// <summary>Tells whether the report is split by plan.</summary>
    public bool IsByPlan => By is not null && string.Equals(By, Plan ?? "plan", StringComparison.OrdinalIgnoreCase);
}
