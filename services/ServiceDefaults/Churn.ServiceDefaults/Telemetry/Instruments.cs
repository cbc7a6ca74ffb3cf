using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Churn.ServiceDefaults.Telemetry;

/// <summary>Owns the source of the suite's spans and the meters of what all services measure; docs/telemetry.md says what each instrument means.</summary>
/// <remarks>While nobody listens an instrument costs a look at a field, and no span is made.</remarks>
public static class Instruments
{
    /// <summary>Names the source of spans and the meter.</summary>
    public const string Name = "Churn";

    /// <summary>Names the meters of figures of the business, of which there are more series than of anything else.</summary>
    public const string FiguresName = "Churn.Figures";

    // Finer than the usual ones below 5 ms: that is what reads are promised in.
    private static readonly InstrumentAdvice<double> Durations = new()
    {
        HistogramBucketBoundaries = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
    };

    private static readonly InstrumentAdvice<long> Sizes = new() { HistogramBucketBoundaries = [1, 2, 5, 10, 50, 100, 500, 1_000, 5_000, 20_000] };

    /// <summary>Gives the source of spans.</summary>
    public static ActivitySource Spans { get; } = new(Name);

    /// <summary>Gives the meter of what happens; what stands at a time is observed by meters of the same name that hosts make.</summary>
    public static Meter Meter { get; } = new(Name);

    internal static Histogram<double> Calls { get; } =
        Meter.CreateHistogram("rpc.server.call.duration", "s", "How long calls took.", tags: null, Durations);

    internal static Histogram<double> StoreTransactions { get; } =
        Meter.CreateHistogram("churn.store.transaction.duration", "s", "How long transactions took.", tags: null, Durations);

    internal static Histogram<long> CommitSizes { get; } =
        Meter.CreateHistogram("churn.store.commit.size", "{record}", "How many records were committed together.", tags: null, Sizes);

    internal static Counter<long> Appended { get; } = Meter.CreateCounter<long>("churn.stream.appended", "{record}", "Records appended to a log.");

    internal static Counter<long> Published { get; } = Meter.CreateCounter<long>("churn.stream.published", "{message}", "News of a log given to the bus.");

    internal static Counter<long> Applied { get; } = Meter.CreateCounter<long>("churn.stream.applied", "{record}", "Records applied.");

    internal static Histogram<double> Applying { get; } =
        Meter.CreateHistogram("churn.stream.apply.duration", "s", "How long it took to apply a batch.", tags: null, Durations);

    internal static Counter<long> Rebuilds { get; } = Meter.CreateCounter<long>("churn.stream.rebuilds", "{shard}", "Shards begun anew after their log was rolled back.");

    internal static Counter<long> LeaseChanges { get; } = Meter.CreateCounter<long>("churn.lease.changes", "{lease}", "Leases taken, given up and lost.");

    /// <summary>Makes a histogram of durations with the suite's buckets.</summary>
    public static Histogram<double> Duration(string name, string description) => Meter.CreateHistogram(name, "s", description, tags: null, Durations);

    internal static KeyValuePair<string, object?> OfStream(string stream) => new("churn.stream", stream);
}
