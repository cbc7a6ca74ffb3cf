using Churn.Metrics.Domain;

namespace Churn.Cli.Report.Input;

/// <summary>Holds what was read from the files: terms grouped by customer, and what could not be read.</summary>
internal sealed class Subscriptions
{
    /// <summary>Gives the customers' ids.</summary>
    public required MergedNames Customers { get; init; }

    /// <summary>Gives the customers that have rows, by id in byte order.</summary>
    public required int[] Order { get; init; }

    /// <summary>Gives the names of the plans in byte order; a term's plan is an index of this.</summary>
    public required IReadOnlyList<string> Plans { get; init; }

    /// <summary>Gives the values of the segment column in byte order; empty where the report is not split by an attribute.</summary>
    public required IReadOnlyList<string> Segments { get; init; }

    /// <summary>Gives each customer's segment: its latest value; empty where the report is not split by an attribute.</summary>
    public required int[] SegmentOf { get; init; }

    /// <summary>Gives the currency; empty where none was stated.</summary>
    public required string Currency { get; init; }

    /// <summary>Gives the rows that are reported.</summary>
    public int Rows => Terms.Length;

    /// <summary>Gives the rows that said the same as an earlier one.</summary>
    public required int Duplicates { get; init; }

    /// <summary>Gives the names of the files, as a reject counts them.</summary>
    public required IReadOnlyList<string> Files { get; init; }

    /// <summary>Gives the rows that are not reported, by file and line.</summary>
    public required IReadOnlyList<Reject> Rejects { get; init; }

    /// <summary>Gives sentences about what was ignored.</summary>
    public required IReadOnlyList<string> Notes { get; init; }

    /// <summary>Gives the earliest start of a row.</summary>
    public required long FirstStart { get; init; }

    /// <summary>Gives the latest instant that any row names.</summary>
    public required long Latest { get; init; }

    internal required Term[] Terms { get; init; }

    internal required int[] Offsets { get; init; }

    /// <summary>Gives the terms of a customer.</summary>
    public ReadOnlySpan<Term> Of(int customer) => Terms.AsSpan(Offsets[customer]..Offsets[customer + 1]);
}
