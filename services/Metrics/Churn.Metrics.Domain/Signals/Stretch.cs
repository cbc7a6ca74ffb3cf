namespace Churn.Metrics.Domain.Signals;

/// <summary>Holds a stretch of time in which one thing is counted in days: those of its deadlines that lie in it come about.</summary>
/// <param name="Kind">What is counted.</param>
/// <param name="Subject">As in <see cref="Deadline"/>.</param>
/// <param name="Origin">The instant from which days are counted, forward or backward.</param>
/// <param name="From">The first instant at which it is so.</param>
/// <param name="Until">The first instant at which it is so no longer; <see cref="Calendar.Open"/> for no end.</param>
/// <param name="Subscription">As in <see cref="Deadline"/>.</param>
/// <param name="Reason">As in <see cref="Deadline"/>.</param>
internal readonly record struct Stretch(DeadlineKind Kind, string Subject, long Origin, long From, long Until, string Subscription = "", string Reason = "")
{
    // In order of the instants that they come to.
    private static readonly int[] PastDue = [.. Enumerable.Range(0, 91)];
    private static readonly int[] ScheduledEnd = [-30, -14, -7, -3, -1, 0];
    private static readonly int[] Renewal = [-180, -120, -90, -60, -45, -30, -21, -14, -7, -3, -1];
    private static readonly int[] Absence = [1, 2, 3, 5, 7, 10, 14, 21, 30, 45, 60, 90];
    private static readonly int[] PaymentMethodExpiry = [-60, -30, -14, -7, -3, -1, 0];

    private int[] Days => Kind switch
    {
        DeadlineKind.PastDue => PastDue,
        DeadlineKind.ScheduledEnd => ScheduledEnd,
        DeadlineKind.Renewal => Renewal,
        DeadlineKind.PaymentMethodExpiry => PaymentMethodExpiry,
        _ => Absence,
    };

    /// <summary>Gives the earliest deadline after an instant, or <see cref="Calendar.Open"/>.</summary>
    public long NextAfter(long instant)
    {
        foreach (var days in Days)
        {
            var at = Origin + (days * Calendar.Day);
            if (at >= Until)
            {
                break;
            }

            if (at > instant && at >= From)
            {
                return at;
            }
        }

        return Calendar.Open;
    }

    /// <summary>Adds the deadlines in [from, to] to a list.</summary>
    public void AddBetween(long from, long to, List<Deadline> deadlines)
    {
        if (from >= Until || to < From)
        {
            return;
        }

        foreach (var days in Days)
        {
            var at = Origin + (days * Calendar.Day);
            if (at >= Until || at > to)
            {
                break;
            }

            if (at >= from && at >= From)
            {
                deadlines.Add(new Deadline(at, Kind, Subject, Math.Abs(days), Origin, Subscription, Reason));
            }
        }
    }
}
