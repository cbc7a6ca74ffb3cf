using Grpc.Core;

namespace Churn.Client.Facts;

/// <summary>Says how a <see cref="FactWriter"/> batches, waits and tells.</summary>
public sealed record FactWriterOptions
{
    /// <summary>Gives after how many facts that the server has not decided writing waits; 20,000 by default.</summary>
    public int MostUndecided { get; init; } = 20_000;

    /// <summary>Gives how long a fact waits for others to be sent with; 20 milliseconds by default.</summary>
    public TimeSpan FlushAfter { get; init; } = TimeSpan.FromMilliseconds(20);

    /// <summary>Gives how many facts a second are sent at most, so that who reads meanwhile is not held up; null, the default, for as many as both sides can.</summary>
    public int? MostPerSecond { get; init; }

    /// <summary>Gives how long the stream tries to come back after a break before it fails; 60 seconds by default.</summary>
    public TimeSpan GiveUpAfter { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Takes every fact that the server rejects, in their order; what it throws ends the stream.</summary>
    public Action<FactReject>? Rejected { get; init; }

    /// <summary>Takes how far the stream is, after every answer of the server.</summary>
    public Action<FactWriterProgress>? Progress { get; init; }

    /// <summary>Takes every break, and after how long the stream tries again.</summary>
    public Action<RpcException, TimeSpan>? Broken { get; init; }
}

/// <summary>Says why the server did not record a fact.</summary>
/// <param name="Index">The fact's place in the stream, from 0.</param>
/// <param name="Tag">The number that the fact was written with.</param>
/// <param name="Reason">A stable word such as "FIELD_INVALID".</param>
/// <param name="Field">The field at fault, for example "subscription_started.price.currency"; empty where it is the whole fact.</param>
/// <param name="Message">What is wrong and what to do, in one sentence.</param>
public readonly record struct FactReject(long Index, long Tag, string Reason, string Field, string Message);

/// <summary>Says how far a stream of facts is.</summary>
/// <param name="Written">How many facts were given to the stream.</param>
/// <param name="Recorded">How many of them the server has recorded.</param>
/// <param name="Duplicates">How many it had already; after a break also those whose answer was lost.</param>
/// <param name="Rejected">How many it did not take.</param>
public readonly record struct FactWriterProgress(long Written, long Recorded, long Duplicates, long Rejected)
{
    /// <summary>Gives how many facts the server has decided.</summary>
    public long Decided => Recorded + Duplicates + Rejected;
}
