using System.Globalization;
using Google.Protobuf.WellKnownTypes;

namespace Churn.Playbooks;

/// <summary>Translates instants: microseconds since 1970-01-01T00:00Z here, timestamps on the wire.</summary>
internal static class Instants
{
    public const long Second = 1_000_000;

    public const long Day = 86_400 * Second;

    public static long Now(this TimeProvider clock) => (clock.GetUtcNow().UtcTicks - DateTimeOffset.UnixEpoch.Ticks) / 10;

    public static long FromWire(Timestamp time) => (time.Seconds * Second) + (time.Nanos / 1_000);

    public static Timestamp ToWire(long micros)
    {
        var (seconds, rest) = Math.DivRem(micros, Second);
        return rest < 0
            ? new Timestamp { Seconds = seconds - 1, Nanos = (int)(rest + Second) * 1_000 }
            : new Timestamp { Seconds = seconds, Nanos = (int)rest * 1_000 };
    }

    /// <summary>Gives an instant as RFC 3339 has it, with as many digits as it needs.</summary>
    public static string Text(long micros) =>
        DateTime.UnixEpoch.AddTicks(micros * 10).ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFF'Z'", CultureInfo.InvariantCulture);
}
