namespace Churn.Playbooks.Domain;

/// <summary>Holds all that playbooks know of one customer: what is decided next is a function of it.</summary>
public sealed record Journey
{
    /// <summary>Gives the customer.</summary>
    public required string Customer { get; init; }

    /// <summary>Gives the instant of the latest decision; none is made before it.</summary>
    public long Now { get; init; } = long.MinValue;

    /// <summary>Gives what was last known of the customer; null where nothing is kept.</summary>
    public Profile? Profile { get; init; }

    /// <summary>Gives all runs ever, in order of entry.</summary>
    public IReadOnlyList<Run> Runs { get; init; } = [];

    /// <summary>Gives the arms in which the customer is for life.</summary>
    public IReadOnlyList<Exposure> Exposures { get; init; } = [];

    /// <summary>Tells whether anything is to be kept: a customer that never entered needs nothing.</summary>
    public bool IsEmpty => Runs.Count == 0 && Exposures.Count == 0;

    /// <summary>Gives the instant of the next timer; null where there is none.</summary>
    public long? NextDue
    {
        get
        {
            long? next = null;
            foreach (var run in Runs)
            {
                next = run.Due is { } due && (next is null || due < next) ? due : next;
            }

            return next;
        }
    }
}

/// <summary>Holds the arm in which a customer was put at its first exposure to a playbook, for life.</summary>
/// <param name="Playbook">The playbook; <see cref="Holdout.Global"/> for the holdout of all playbooks.</param>
/// <param name="HeldOut">Whether the customer is held out.</param>
/// <param name="Share">The probability of being held out that was in force: of the playbook's holdout and the global one together.</param>
/// <param name="Time">When, in microseconds since 1970-01-01T00:00Z.</param>
/// <param name="Version">The playbook's version then; 0 for the global holdout.</param>
public sealed record Exposure(string Playbook, bool HeldOut, double Share, long Time, int Version);

/// <summary>Holds what is in force when something is decided.</summary>
public sealed record Policy
{
    /// <summary>Gives the latest versions of the playbooks that customers may enter: by priority, the higher first, then by name.</summary>
    public required IReadOnlyList<Playbook> Open { get; init; }

    /// <summary>Gives every version on which a run may go on.</summary>
    public required IReadOnlyDictionary<(string Name, int Version), Playbook> Versions { get; init; }

    /// <summary>Gives the names of the playbooks of which no run takes a step.</summary>
    public required IReadOnlySet<string> Paused { get; init; }

    /// <summary>Gives the share of customers that are held out of all playbooks, 0 to 0.5.</summary>
    public double GlobalHoldoutShare { get; init; }

    /// <summary>Gives what the holdouts are drawn with: another salt, other customers.</summary>
    public string Salt { get; init; } = "";

    /// <summary>Makes the policy of playbooks in their latest versions.</summary>
    /// <param name="versions">Every version.</param>
    /// <param name="active">The names of those that are not paused.</param>
    /// <param name="globalHoldoutShare">The share of customers that are held out of all.</param>
    /// <param name="salt">What the holdouts are drawn with.</param>
    public static Policy Of(IReadOnlyCollection<Playbook> versions, IReadOnlySet<string> active, double globalHoldoutShare, string salt) => new()
    {
        Open =
        [
            .. versions.GroupBy(playbook => playbook.Name, StringComparer.Ordinal)
                .Where(name => active.Contains(name.Key))
                .Select(name => name.MaxBy(playbook => playbook.Version)!)
                .OrderByDescending(playbook => playbook.Priority).ThenBy(playbook => playbook.Name, StringComparer.Ordinal),
        ],
        Versions = versions.ToDictionary(playbook => (playbook.Name, playbook.Version)),
        Paused = versions.Select(playbook => playbook.Name).Where(name => !active.Contains(name)).ToHashSet(StringComparer.Ordinal),
        GlobalHoldoutShare = globalHoldoutShare,
        Salt = salt,
    };
}
