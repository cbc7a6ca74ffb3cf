namespace Churn.Cli.Report.Input;

/// <summary>Holds the rows of files as they are, and what could not be read.</summary>
internal sealed class WholeRows
{
    /// <summary>Gives the rows, in the order of the files; those that do not count have the customer -1.</summary>
    public required IReadOnlyList<RowBlock> Blocks { get; init; }

    /// <summary>Gives the names of the files, as a block and a reject count them.</summary>
    public required IReadOnlyList<string> Files { get; init; }

    /// <summary>Gives the rows that are not taken, by file and line.</summary>
    public required IReadOnlyList<Reject> Rejects { get; init; }

    /// <summary>Gives sentences about what was ignored.</summary>
    public required IReadOnlyList<string> Notes { get; init; }

    /// <summary>Gives the rows that said the same as an earlier one.</summary>
    public required int Duplicates { get; init; }
}
