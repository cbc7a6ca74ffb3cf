using System.Diagnostics;

namespace Churn.ServiceDefaults.Telemetry;

/// <summary>Carries the trace of what caused a work over to the work, where it is done by another thread or another process.</summary>
public static class Causes
{
    // Beyond this links say nothing more to a reader, and the SDK drops them.
    private const int MostLinks = 64;

    /// <summary>Gives the context of the caller's span; null where nobody records it.</summary>
    public static ActivityContext? Current => Activity.Current is { Recorded: true } activity ? activity.Context : null;

    /// <summary>Begins a span of works that were caused by several: the first is its parent, the others are its links.</summary>
    /// <param name="name">The span's name.</param>
    /// <param name="kind">The span's kind.</param>
    /// <param name="causes">The contexts of the causes, of which some may be the same.</param>
    public static Activity? Begin(string name, ActivityKind kind, IEnumerable<ActivityContext> causes)
    {
        if (!Instruments.Spans.HasListeners())
        {
            return null;
        }

        var distinct = causes.Distinct().Take(MostLinks).ToList();
        return distinct.Count switch
        {
            0 => Instruments.Spans.StartActivity(name, kind, default(ActivityContext)),
            1 => Instruments.Spans.StartActivity(name, kind, distinct[0]),
            _ => Instruments.Spans.StartActivity(name, kind, distinct[0], tags: null, distinct.Skip(1).Select(cause => new ActivityLink(cause))),
        };
    }

    internal static string ToTraceParent(this ActivityContext context) =>
        $"00-{context.TraceId.ToHexString()}-{context.SpanId.ToHexString()}-{(context.TraceFlags.HasFlag(ActivityTraceFlags.Recorded) ? "01" : "00")}";

    internal static IEnumerable<ActivityContext> FromTraceParents(IEnumerable<string> texts)
    {
        foreach (var text in texts.Take(MostLinks))
        {
            if (ActivityContext.TryParse(text, traceState: null, isRemote: true, out var context))
            {
                yield return context;
            }
        }
    }
}
