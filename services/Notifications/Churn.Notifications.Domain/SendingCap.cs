namespace Churn.Notifications.Domain;

/// <summary>Holds how many messages a person may be sent in any stretch of time, over all playbooks and channels.</summary>
/// <param name="Messages">How many; at least 1.</param>
/// <param name="Window">In how long: the stretch (t - Window, t].</param>
public sealed record SendingCap(int Messages, TimeSpan Window)
{
    /// <summary>Gives the first instant from <paramref name="now"/> on at which one more may be sent.</summary>
    /// <param name="now">The time.</param>
    /// <param name="sent">When the person's messages were sent, in any order; older ones than the window do no harm.</param>
    public DateTimeOffset NextAllowed(DateTimeOffset now, IReadOnlyList<DateTimeOffset> sent)
    {
        var within = sent.Where(time => time > now - Window).Order().ToList();
        return within.Count < Messages ? now : within[^Messages] + Window;
    }
}
