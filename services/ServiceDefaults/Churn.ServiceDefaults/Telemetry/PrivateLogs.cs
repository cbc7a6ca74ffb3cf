using System.Diagnostics;
using System.Globalization;
using OpenTelemetry;
using OpenTelemetry.Logs;

namespace Churn.ServiceDefaults.Telemetry;

/// <summary>Takes out of exported logs what may be about a person: the sentences stay, of what they quote only numbers and names of parts.</summary>
/// <remarks>The console has all of it. A text goes out only under a name that is listed here: what is new is left out until somebody has thought about it.</remarks>
internal sealed class PrivateLogs : BaseProcessor<LogRecord>
{
    private const string Template = "{OriginalFormat}";

    private static readonly HashSet<string> Harmless = new(StringComparer.Ordinal) { Template, "Method", "Stream", "Tenant", "Change", "Service", "Setting" };

    public override void OnEnd(LogRecord data)
    {
        var attributes = new List<KeyValuePair<string, object?>>();
        foreach (var attribute in data.Attributes ?? [])
        {
            if (attribute.Value is TimeSpan span)
            {
                attributes.Add(new(attribute.Key, span.ToString("c", CultureInfo.InvariantCulture)));
            }
            else if (Harmless.Contains(attribute.Key) || attribute.Value is IConvertible and not string)
            {
                attributes.Add(attribute);
            }
        }

        if (data.Exception is { } exception)
        {
            // Messages of exceptions quote what they met; where they were thrown says nothing about anybody.
            attributes.Add(new("exception.type", exception.GetType().FullName));
            attributes.Add(new("exception.stacktrace", FramesOf(exception)));
            data.Exception = null;
        }

        data.Attributes = attributes;
        data.FormattedMessage = null;
    }

    private static string FramesOf(Exception exception)
    {
        var frames = new StackTrace(exception).ToString();
        return exception.InnerException is { } inner ? $"{frames}caused by {inner.GetType().FullName}\n{FramesOf(inner)}" : frames;
    }
}
