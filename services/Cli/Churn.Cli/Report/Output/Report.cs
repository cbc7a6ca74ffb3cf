using Churn.Metrics.Domain;

namespace Churn.Cli.Report.Output;

/// <summary>Holds everything that the outputs of a report show.</summary>
internal sealed record Report
{
    /// <summary>Names the definitions that the figures follow.</summary>
    public const string Policy = "standard@1";

    /// <summary>Names the policy's time zone.</summary>
    public const string TimeZone = "UTC";

    /// <summary>Gives the names of the files that were read.</summary>
    public IReadOnlyList<string> Files { get; init; } = [];

    /// <summary>Gives the currency; empty where none was stated.</summary>
    public string Currency { get; init; } = "";

    /// <summary>Gives the months reported.</summary>
    public required Horizon Horizon { get; init; }

    /// <summary>Gives the figures: those of one whose segment is null, or one for each segment.</summary>
    public required IReadOnlyList<Section> Sections { get; init; }

    /// <summary>Gives the column that splits the report, or null.</summary>
    public string? By { get; init; }

    /// <summary>Tells whether the segments are plans: then MRR is also transferred between them.</summary>
    public bool IsByPlan { get; init; }

    /// <summary>Gives the names of the plans, by number.</summary>
    public IReadOnlyList<string> Plans { get; init; } = [];

    /// <summary>Gives the rows that are reported.</summary>
    public int Rows { get; init; }

    /// <summary>Gives the customers that have rows.</summary>
    public int Customers { get; init; }

    /// <summary>Gives the rows that said the same as an earlier one.</summary>
    public int Duplicates { get; init; }

    /// <summary>Gives the number of rows that could not be reported.</summary>
    public int Rejected { get; init; }

    /// <summary>Gives the largest movements of the last month, the largest first; empty where nobody collected them.</summary>
    public IReadOnlyList<Mover> Movers { get; init; } = [];

    /// <summary>Gives sentences about what was ignored.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];

    /// <summary>Gives the server that answered; null where files were read.</summary>
    public Provenance? Server { get; init; }

    /// <summary>Gives the folder that the files were written to, or null.</summary>
    public string? Folder { get; init; }

    /// <summary>Gives the paths of the pictures that were written.</summary>
    public IReadOnlyList<string> Drawn { get; init; } = [];

    /// <summary>Tells whether the report is split into segments.</summary>
    public bool IsSplit => Sections.Count != 1 || Sections[0].Segment is not null;

    /// <summary>Gives the kinds of movements that few businesses have and this one has.</summary>
    public IReadOnlyList<MovementKind> RareKinds =>
        [.. Columns.Rare.Where(kind => Sections.Any(s => s.Figures.Months.Any(m => m.Count(kind) > 0)))];

    /// <summary>Says where the amounts are exact that a page rounds or leaves out.</summary>
    public string ExactPlace => Server is null ? "the files" : "--format csv";

    /// <summary>Tells whether a month goes on, so that its figures are not its last.</summary>
    public bool IsRunning(int month) => month >= Server?.RunningMonth;

    /// <summary>Names a month, and says whether it goes on.</summary>
    public string NameOf(int month) => Numerals.Month(month) + (IsRunning(month) ? ", in progress" : "");
}

/// <summary>Holds one customer's net movement of a month, in micros.</summary>
internal readonly record struct Mover(string Customer, long Before, long After, MovementKind Kind)
{
    /// <summary>Gives the signed change.</summary>
    public long Delta => After - Before;
}
