using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using Churn.Notifications.Domain;
using Churn.Notifications.Storage;
using Churn.ServiceDefaults.Telemetry;

namespace Churn.Notifications.Sending;

/// <summary>Measures each try to send a message, within the trace of the request for it as long as that is remembered: not over a restart.</summary>
internal sealed class SendTelemetry
{
    private const int MostRemembered = 10_000;

    private static readonly Histogram<double> Tries = Instruments.Duration("churn.notification.send.duration", "How long tries to send a message took.");

    private readonly ConcurrentDictionary<string, ActivityContext> _causes = new(StringComparer.Ordinal);
    private readonly ConcurrentQueue<string> _order = [];

    /// <summary>Remembers what a message is caused by: the span that it is made in.</summary>
    public void Remember(string message)
    {
        if (Causes.Current is not { } cause || !_causes.TryAdd(message, cause))
        {
            return;
        }

        _order.Enqueue(message);
        while (_order.Count > MostRemembered && _order.TryDequeue(out var oldest))
        {
            _causes.TryRemove(oldest, out _);
        }
    }

    /// <summary>Begins a try.</summary>
    public Try Begin(MessageRow message)
    {
        var span = Instruments.Spans.HasListeners()
            ? Causes.Begin("send notification", ActivityKind.Internal, _causes.TryGetValue(message.Id, out var cause) ? [cause] : [])
            : null;
        return new Try(span, Stopwatch.GetTimestamp(), message.Channel);
    }

    /// <summary>Holds a try that has begun.</summary>
    internal readonly record struct Try(Activity? Span, long Began, Channel Channel) : IDisposable
    {
        /// <summary>Keeps what came of it.</summary>
        public void End(Outcome outcome)
        {
            var channel = Channel.ToString().ToLowerInvariant();
            var name = outcome.Kind.ToString().ToLowerInvariant();
            if (Tries.Enabled)
            {
                Tries.Record(Stopwatch.GetElapsedTime(Began).TotalSeconds, new("churn.channel", channel), new("churn.outcome", name));
            }

            Span?.SetTag("churn.channel", channel).SetTag("churn.outcome", name);
        }

        public void Dispose() => Span?.Dispose();
    }
}
