namespace Churn.Notifications.Domain;

/// <summary>Holds whether a person wants messages of a channel and category.</summary>
/// <param name="Channel">The channel; null for all.</param>
/// <param name="Category">The category; empty for all.</param>
/// <param name="IsWanted">Whether they are wanted.</param>
public sealed record Preference(Channel? Channel, string Category, bool IsWanted)
{
    /// <summary>Tells whether a person wants a message: the most special preference decides (channel and category, category, channel, all); without one it is wanted.</summary>
    public static bool Wants(IEnumerable<Preference> preferences, Channel channel, string category)
    {
        Preference? best = null;
        foreach (var preference in preferences)
        {
            var applies = (preference.Channel is null || preference.Channel == channel)
                && (preference.Category.Length == 0 || string.Equals(preference.Category, category, StringComparison.Ordinal));
            if (applies && (best is null || preference.Rank > best.Rank))
            {
                best = preference;
            }
        }

        return best?.IsWanted ?? true;
    }

    private int Rank => (Category.Length > 0 ? 2 : 0) + (Channel is not null ? 1 : 0);
}
