using Churn.Metrics.Domain;

namespace Churn.Cli.Report.Output;

/// <summary>Says who gave the figures of a report, and how far they can be trusted.</summary>
internal sealed record Provenance
{
    /// <summary>Gives the address of the server.</summary>
    public required string Address { get; init; }

    /// <summary>Gives the policy and its version: the definitions that the figures follow.</summary>
    public required string Policy { get; init; }

    /// <summary>Gives the policy's time zone.</summary>
    public required string TimeZone { get; init; }

    /// <summary>Gives the first instant that no longer counts.</summary>
    public required long AsOf { get; init; }

    /// <summary>Gives the instant until which all recorded facts are in the figures.</summary>
    public required long Watermark { get; init; }

    /// <summary>Gives the number of facts that are recorded and not yet in the figures.</summary>
    public long LagFacts { get; init; }

    /// <summary>Gives the number of facts that could not be applied and are in no figure.</summary>
    public long QuarantinedFacts { get; init; }

    /// <summary>Tells whether the server found that openings and movements lead to closings.</summary>
    public bool IsBalanced { get; init; } = true;

    /// <summary>Gives the last day that counts.</summary>
    public int LastDay => Calendar.DayOf(AsOf - 1);

    /// <summary>Gives the month that the last day is in, where that month is not over; else the one after it.</summary>
    public int RunningMonth => Calendar.MonthOfDay(LastDay) is var month && AsOf == Calendar.Start(month + 1) && Watermark >= AsOf ? month + 1 : month;

    /// <summary>Tells whether the figures are all that was recorded, and add up.</summary>
    public bool IsSound => IsBalanced && QuarantinedFacts == 0;
}
