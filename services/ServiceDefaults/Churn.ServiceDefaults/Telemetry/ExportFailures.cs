using System.Collections.Concurrent;
using System.Diagnostics.Tracing;
using Microsoft.Extensions.Logging;

namespace Churn.ServiceDefaults.Telemetry;

/// <summary>Tells in the log that telemetry cannot be delivered, which its library keeps to itself: each kind of failure at most every five minutes.</summary>
internal sealed partial class ExportFailures(TimeProvider clock, ILogger<ExportFailures> logger) : EventListener
{
    private static readonly TimeSpan Rest = TimeSpan.FromMinutes(5);

    private readonly ConcurrentDictionary<string, long> _told = new(StringComparer.Ordinal);

    protected override void OnEventSourceCreated(EventSource eventSource)
    {
        if (eventSource.Name.StartsWith("OpenTelemetry", StringComparison.Ordinal))
        {
            EnableEvents(eventSource, EventLevel.Warning);
        }
    }

    protected override void OnEventWritten(EventWrittenEventArgs eventData)
    {
        // Called by the base's constructor too, before there is anything to tell.
        if (clock is null || eventData.EventName is not { } name)
        {
            return;
        }

        var now = clock.GetTimestamp();
        if (!_told.TryGetValue(name, out var last) || clock.GetElapsedTime(last, now) >= Rest)
        {
            _told[name] = now;
            LogFailing(name, string.Join(", ", (eventData.Payload ?? (IEnumerable<object?>)[]).Select(FirstLine)));
        }
    }

    // Below it are the frames of the library.
    private static string FirstLine(object? told) => $"{told}".Split('\n')[0].Trim();

    [LoggerMessage(Level = LogLevel.Warning, Message = "Telemetry is not delivered whole; the services are not concerned. {Failure}: {Detail}")]
    private partial void LogFailing(string failure, string detail);
}
