namespace Churn.Notifications.Domain;

/// <summary>Holds the stretch of the day, [From, To) on the recipient's clock, in which nothing is sent; over midnight where To is not after From.</summary>
/// <param name="From">When it begins.</param>
/// <param name="To">When it ends; not the same as From.</param>
public sealed record QuietHours(TimeOnly From, TimeOnly To)
{
    // Zones change their offset at whole minutes and far less often than this.
    private static readonly TimeSpan Stride = TimeSpan.FromMinutes(30);

    /// <summary>Tells whether an instant is quiet in a zone.</summary>
    public bool Holds(DateTimeOffset now, TimeZoneInfo zone) => Holds(Clock(now, zone));

    /// <summary>Gives the first instant from <paramref name="now"/> on that is not quiet.</summary>
    /// <remarks>
    /// Clocks that are put forward over the end end the quiet there; where they are put back, an hour that comes twice counts each time.
    /// </remarks>
    public DateTimeOffset NextAllowed(DateTimeOffset now, TimeZoneInfo zone)
    {
        var at = now;
        while (Holds(at, zone))
        {
            var end = at + UntilTo(Clock(at, zone));
            at = NextChange(at, end, zone) ?? end;
        }

        return at;
    }

    private static TimeOnly Clock(DateTimeOffset instant, TimeZoneInfo zone) => TimeOnly.FromTimeSpan(TimeZoneInfo.ConvertTime(instant, zone).TimeOfDay);

    private static DateTimeOffset? NextChange(DateTimeOffset from, DateTimeOffset to, TimeZoneInfo zone)
    {
        var offset = zone.GetUtcOffset(from);
        for (var at = from; at < to;)
        {
            var next = at + Stride < to ? at + Stride : to;
            if (zone.GetUtcOffset(next) != offset)
            {
                return FirstAfterChange(at, next, offset, zone);
            }

            at = next;
        }

        return null;
    }

    private static DateTimeOffset FirstAfterChange(DateTimeOffset before, DateTimeOffset after, TimeSpan offset, TimeZoneInfo zone)
    {
        var (low, high) = (before.UtcTicks, after.UtcTicks);
        while (high - low > 1)
        {
            var middle = low + ((high - low) / 2);
            if (zone.GetUtcOffset(new DateTimeOffset(middle, TimeSpan.Zero)) == offset)
            {
                low = middle;
            }
            else
            {
                high = middle;
            }
        }

        return new DateTimeOffset(high, TimeSpan.Zero);
    }

    // TimeOnly subtracts around midnight.
    private TimeSpan UntilTo(TimeOnly clock) => To - clock;

    private bool Holds(TimeOnly clock) => From < To ? clock >= From && clock < To : clock >= From || clock < To;
}
