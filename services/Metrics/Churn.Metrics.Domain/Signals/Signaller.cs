namespace Churn.Metrics.Domain.Signals;

/// <summary>Raises the signals of one customer, as facts arrive and time passes between them.</summary>
/// <remarks>
/// It is the same for what happens now and for what is told again of the past. Time is told: what it brings about until an instant is
/// raised by <see cref="Pass"/>, in order, once; a fact that arrives is preceded by what time brought about until then. A fact that
/// comes late changes what time should have brought about in the <see cref="Late"/> before its arrival: what did not come about is
/// retracted, what did is raised.
/// <para>
/// Law: let all facts of a customer arrive, in any order, within <see cref="Late"/> of the instant from which they count, and
/// span less than the policy's days past due. Then what time brought about and is not retracted, is what it brings about
/// by all the facts together.
/// </para>
/// </remarks>
public sealed class Signaller
{
    /// <summary>Gives how late a fact may come and still raise signals; both ends belong to it.</summary>
    public const long Late = 7 * Calendar.Day;

    private readonly Policy _policy;
    private readonly Func<int, int> _currencyOf;
    private readonly List<Fact> _facts = [];
    private readonly HashSet<(string Source, string EventId)> _known = [];
    private readonly HashSet<(string Source, string EventId)> _signalled = [];
    private readonly SortedDictionary<int, UsageDay> _usage = [];
    private Knowledge? _knowledge;
    private List<Stretch>? _silences;
    private long _passed;

    /// <summary>Makes one that knows nothing of its customer.</summary>
    /// <param name="policy">The choices.</param>
    /// <param name="currencyOf">Gives the number of the currency in which a plan is paid.</param>
    /// <param name="passed">The instant until which time has passed.</param>
    public Signaller(Policy policy, Func<int, int> currencyOf, long passed)
    {
        _policy = policy;
        _currencyOf = currencyOf;
        _passed = passed;
    }

    /// <summary>Gives what the facts say.</summary>
    public Knowledge Knowledge => _knowledge ??= Knowledge.Of(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_facts), _policy);

    private List<Stretch> Silences => _silences ??= Stretches.Of(_usage.Values);

    /// <summary>Tells whether a fact that arrives at an instant is in time to raise signals.</summary>
    public static bool IsInTime(long occurTime, long arrival) => occurTime >= arrival - Late;

    /// <summary>Gives when a silence since the last use next lasts a number of days that is told; null for never.</summary>
    /// <param name="lastUse">The last use.</param>
    /// <param name="after">The instant after which it is sought.</param>
    public static long? NextSilence(long lastUse, long after) =>
        Knowledge.NextAfter([new Stretch(DeadlineKind.Absence, Signal.Usage, lastUse, lastUse, Calendar.Open)], after);

    /// <summary>Takes in a fact that raises nothing: it is known already, or history.</summary>
    /// <param name="fact">The fact.</param>
    /// <param name="signalled">Whether it raised a signal when it arrived.</param>
    public void Know(Fact fact, bool signalled)
    {
        if (_known.Add((fact.Source, fact.EventId)))
        {
            _facts.Add(fact);
            _knowledge = null;
            if (signalled)
            {
                _signalled.Add((fact.Source, fact.EventId));
            }
        }
    }

    /// <summary>Takes in use that raises nothing.</summary>
    public void Know(UsageDay day)
    {
        _usage[day.Day] = _usage.TryGetValue(day.Day, out var known)
            ? new UsageDay(day.Day, Math.Min(known.First, day.First), Math.Max(known.Last, day.Last))
            : day;
        _silences = null;
    }

    /// <summary>Gives when time next brings something about by what facts say; null for never.</summary>
    public long? NextOfFacts(long after) => Knowledge.NextAfter(after);

    /// <summary>Gives when time next brings something about by when the product was used; null for never.</summary>
    public long? NextOfUsage(long after) => Knowledge.NextAfter(Silences, after);

    /// <summary>Lets time pass until an instant, which belongs to it.</summary>
    public void Pass(long until, ICollection<Signal> raised)
    {
        if (until <= _passed)
        {
            return;
        }

        var said = new HashSet<long>();
        foreach (var deadline in Between(_passed + 1, until))
        {
            var moves = deadline is { Kind: DeadlineKind.ScheduledEnd, Days: 0 } || (deadline.Kind == DeadlineKind.PastDue && deadline.Days == _policy.PastDueDays);

            // What happens at one instant is said once, however many have brought it about.
            var changes = moves && said.Add(deadline.At) ? Knowledge.ChangesAt(deadline.At, _currencyOf) : [];
            raised.Add(Of(deadline, deadline.At, retracted: false, changes));
        }

        _passed = until;
    }

    /// <summary>Takes in a fact that arrives now: time passes until then, and the fact raises what it does.</summary>
    /// <param name="fact">The fact; none of use, but to take out another.</param>
    /// <param name="arrival">When it arrived; not before the arrival of the fact before.</param>
    /// <param name="raises">Whether it raises signals; what it takes out is told of in any case.</param>
    /// <param name="raised">Where signals go.</param>
    public void Arrive(Fact fact, long arrival, bool raises, ICollection<Signal> raised)
    {
        Pass(arrival, raised);
        if (_known.Contains((fact.Source, fact.EventId)))
        {
            return;
        }

        var before = Knowledge;
        var target = fact.Retracts is { } id && _signalled.Contains((fact.Source, id)) ? before.Find(fact.Source, id) : null;
        Know(fact, raises);
        if (target is not null)
        {
            raised.Add(Of(target, arrival, retracted: true, []));
        }

        if (!raises)
        {
            return;
        }

        // A bare retraction counts for nothing by itself, and yet it moves.
        if (fact.Name != Signal.Usage && (fact.Kind == FactKind.Retraction || Knowledge.Counts(fact)))
        {
            raised.Add(Of(fact, arrival, retracted: false, Knowledge.Changes(before, Knowledge, _currencyOf)));
        }

        if (Knowledge.Bears(fact))
        {
            var had = new List<Deadline>();
            before.AddBetween(arrival - Late, arrival, had);
            var has = new List<Deadline>();
            Knowledge.AddBetween(arrival - Late, arrival, has);
            Correct(had, has, arrival, raised);
        }
    }

    /// <summary>Takes in use of a meter that arrives now: time passes until then, and the first use of a meter on a day raises a signal.</summary>
    /// <param name="use">The day of use.</param>
    /// <param name="first">The fact, where it is the first of its meter and day; else null.</param>
    /// <param name="arrival">When it arrived.</param>
    /// <param name="raises">Whether it raises signals.</param>
    /// <param name="raised">Where signals go.</param>
    public void Arrive(UsageDay use, Fact? first, long arrival, bool raises, ICollection<Signal> raised)
    {
        Pass(arrival, raised);
        var before = Silences;
        Know(use);
        if (!raises)
        {
            return;
        }

        if (first is not null)
        {
            raised.Add(Of(first, arrival, retracted: false, []));
        }

        var (had, has) = (new List<Deadline>(), new List<Deadline>());
        before.ForEach(stretch => stretch.AddBetween(arrival - Late, arrival, had));
        Silences.ForEach(stretch => stretch.AddBetween(arrival - Late, arrival, has));
        Correct(had, has, arrival, raised);
    }

    private List<Deadline> Between(long from, long to)
    {
        var deadlines = new List<Deadline>();
        Knowledge.AddBetween(from, to, deadlines);
        foreach (var stretch in Silences)
        {
            stretch.AddBetween(from, to, deadlines);
        }

        deadlines.Sort(Deadline.Compare);
        return deadlines;
    }

    private void Correct(List<Deadline> had, List<Deadline> has, long arrival, ICollection<Signal> raised)
    {
        if (had.Count == 0 && has.Count == 0)
        {
            return;
        }

        var before = had.Select(d => d.Id).ToHashSet(StringComparer.Ordinal);
        var after = has.Select(d => d.Id).ToHashSet(StringComparer.Ordinal);
        had.Sort(Deadline.Compare);
        has.Sort(Deadline.Compare);
        foreach (var deadline in had.Where(d => !after.Contains(d.Id)))
        {
            raised.Add(Of(deadline, arrival, retracted: true, []));
        }

        foreach (var deadline in has.Where(d => !before.Contains(d.Id)))
        {
            raised.Add(Of(deadline, arrival, retracted: false, []));
        }
    }

    private Signal Of(Fact fact, long arrival, bool retracted, IReadOnlyList<Change> changes) => Make(Math.Max(arrival, fact.OccurTime)) with
    {
        Id = $"fact:{fact.Source}:{fact.EventId}",
        Retracted = retracted,
        Time = fact.OccurTime,
        KnownTime = arrival,
        Fact = fact,
        Changes = changes,
    };

    private Signal Of(Deadline deadline, long known, bool retracted, IReadOnlyList<Change> changes) => Make(known) with
    {
        Id = deadline.Id,
        Retracted = retracted,
        Time = deadline.At,
        KnownTime = known,
        Deadline = deadline,
        Changes = changes,
    };

    private Signal Make(long instant) => new()
    {
        Id = "",
        Time = instant,
        KnownTime = instant,
        Standing = Standing.At(Knowledge.Account.Terms, instant, _currencyOf),
        Attributes = Knowledge.Account.Attributes,
        Persons = Knowledge.Persons(),
        History = Knowledge.History(_usage.Values, instant),
    };
}
