namespace Churn.Notifications.Domain;

/// <summary>Says when a failed try is made again: each wait twice as long as the one before, up to a longest one, shortened by chance.</summary>
/// <param name="First">The first wait.</param>
/// <param name="Longest">The longest wait.</param>
/// <param name="MostTries">How many tries are made.</param>
public sealed record RetryPolicy(TimeSpan First, TimeSpan Longest, int MostTries)
{
    /// <summary>Gives the usual policy: 12 tries within some six hours.</summary>
    public static RetryPolicy Usual { get; } = new(TimeSpan.FromSeconds(15), TimeSpan.FromHours(2), 12);

    /// <summary>Gives the longest time that a provider may ask for.</summary>
    public static TimeSpan LongestAsked { get; } = TimeSpan.FromDays(1);

    /// <summary>Gives the wait after a try.</summary>
    /// <param name="tries">How many tries there were; at least 1.</param>
    /// <param name="chance">A random number, 0 to below 1: the wait is between half of the whole and the whole.</param>
    /// <param name="asked">What the provider asks for at least.</param>
    public TimeSpan Wait(int tries, double chance, TimeSpan? asked = null)
    {
        var whole = Math.Min(Longest.TotalSeconds, First.TotalSeconds * Math.Pow(2, Math.Clamp(tries - 1, 0, 40)));
        var wait = TimeSpan.FromSeconds(whole * (0.5 + (chance / 2)));
        return asked is { } least && least > wait ? (least < LongestAsked ? least : LongestAsked) : wait;
    }
}
