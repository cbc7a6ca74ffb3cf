using System.Globalization;

namespace Churn.Ingestion.Domain;

/// <summary>Holds the rules of time: instants are UTC with microseconds, since 1970-01-01T00:00Z; finer digits are cut off.</summary>
public static class Instants
{
    /// <summary>Gives the microseconds of a second.</summary>
    public const long Second = 1_000_000;

    /// <summary>Gives how far a fact may lie ahead of the server's clock, that instant included: clocks differ by so much.</summary>
    public const long Ahead = 5 * 60 * Second;

    private const int NanosOfMicro = 1_000;
    private const int LastNano = 999_999_999;
    private const long YearOne = -62_135_596_800;
    private const long EndOfYear9999 = 253_402_300_799;

    /// <summary>Gives an instant in microseconds; finer digits are cut off towards the past.</summary>
    /// <param name="seconds">Whole seconds since 1970, negative before.</param>
    /// <param name="nanos">Nanoseconds after these, 0 to 999,999,999.</param>
    public static long ToMicros(long seconds, int nanos) => (seconds * Second) + (nanos / NanosOfMicro);

    /// <summary>Gives the nanoseconds without the digits that are finer than a microsecond.</summary>
    public static int Floor(int nanos) => nanos - (nanos % NanosOfMicro);

    /// <summary>Checks that an instant is one: of the years 1 to 9999, with nanoseconds that are less than a second.</summary>
    public static Violation? Check(string field, long seconds, int nanos)
    {
        if (nanos is < 0 or > LastNano)
        {
            return new Violation(Reasons.FieldInvalid, field, $"{field} has {nanos} nanoseconds: give 0 to 999999999, which count onwards also before 1970.");
        }

        return seconds is < YearOne or > EndOfYear9999
            ? new Violation(Reasons.FieldInvalid, field, $"{field} is no instant of the years 1 to 9999: give seconds since 1970-01-01T00:00:00Z.")
            : null;
    }

    /// <summary>Checks when a fact was true: from 1970 on, and at most <see cref="Ahead"/> after now.</summary>
    /// <param name="field">The field's path.</param>
    /// <param name="seconds">Whole seconds since 1970.</param>
    /// <param name="nanos">Nanoseconds after these.</param>
    /// <param name="now">The server's clock, in microseconds since 1970.</param>
    public static Violation? CheckPast(string field, long seconds, int nanos, long now)
    {
        if (Check(field, seconds, nanos) is { } violation)
        {
            return violation;
        }

        if (seconds < 0)
        {
            return new Violation(Reasons.FieldInvalid, field, $"{field} is {Text(ToMicros(seconds, nanos))}: facts are taken from 1970-01-01T00:00:00Z on.");
        }

        var at = ToMicros(seconds, nanos);
        return at - now > Ahead
            ? new Violation(
                Reasons.FactInFuture,
                field,
                $"{field} is {Text(at)}, more than 5 minutes ahead of the server's clock ({Text(now)}): send a fact when it is true, or set the clock right.")
            : null;
    }

    /// <summary>Writes an instant for people, as in 2026-01-31T23:59:59.999999Z.</summary>
    /// <param name="micros">Microseconds since 1970; of the years 1 to 9999.</param>
    public static string Text(long micros) =>
        DateTime.UnixEpoch.AddTicks(micros * TimeSpan.TicksPerMicrosecond).ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFF'Z'", CultureInfo.InvariantCulture);
}
