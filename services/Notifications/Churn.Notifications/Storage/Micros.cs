using Churn.ServiceDefaults.Storage;
using Google.Protobuf.WellKnownTypes;

namespace Churn.Notifications.Storage;

/// <summary>Translates instants: rows hold microseconds since 1970-01-01T00:00Z.</summary>
internal static class Micros
{
    public static DateTimeOffset Now(this TimeProvider clock) => ToInstant(ToMicros(clock.GetUtcNow()));

    public static long ToMicros(this DateTimeOffset instant) => Math.DivRem(instant.UtcTicks - DateTimeOffset.UnixEpoch.Ticks, TimeSpan.TicksPerMicrosecond, out var rest) - (rest < 0 ? 1 : 0);

    public static DateTimeOffset ToInstant(long micros) => DateTimeOffset.UnixEpoch.AddTicks(micros * TimeSpan.TicksPerMicrosecond);

    public static Timestamp ToWire(this DateTimeOffset instant) => Timestamp.FromDateTimeOffset(instant);

    public static Statement Bind(this Statement statement, int parameter, DateTimeOffset? instant) =>
        instant is { } known ? statement.Bind(parameter, known.ToMicros()) : statement.BindNull(parameter);

    public static DateTimeOffset Instant(this Statement row, int column) => ToInstant(row.Number(column));

    public static DateTimeOffset? InstantOrNull(this Statement row, int column) => row.IsNull(column) ? null : ToInstant(row.Number(column));
}
