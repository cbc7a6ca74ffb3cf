namespace Churn.Metrics.Domain.Signals;

/// <summary>Holds what a set of facts says of a customer.</summary>
public sealed class Knowledge
{
    private const int MostTimes = 64;
    private const long Remembered = 400 * Calendar.Day;

    private readonly List<Fact> _counting;
    private readonly List<Stretch> _stretches;

    private Knowledge(List<Fact> counting, Account account, List<Stretch> stretches) => (_counting, Account, _stretches) = (counting, account, stretches);

    /// <summary>Gives the terms and the attributes.</summary>
    public Account Account { get; }

    /// <summary>Reads it off the set of facts; order and repetition are nothing.</summary>
    /// <param name="facts">The customer's facts.</param>
    /// <param name="policy">The choices.</param>
    /// <exception cref="ArgumentException">Two facts have the same identity and say different things.</exception>
    /// <exception cref="OverflowException">The customer's MRR exceeds 2^63 micros, over all currencies.</exception>
    public static Knowledge Of(ReadOnlySpan<Fact> facts, Policy policy)
    {
        var counting = Facts.ThatCount(facts);
        return new Knowledge(counting, Account.Of(counting, policy), Stretches.Of(counting, policy));
    }

    /// <summary>Tells whether a fact bears on what time brings about or on the ledger; else it can only be looked back on.</summary>
    public static bool Bears(Fact fact) =>
        fact.Retracts is not null || fact.Kind is not (FactKind.ContactJoined or FactKind.ContactLeft or FactKind.Other) || Stretches.IsCounted(fact.Name);

    /// <summary>Gives when time next brings something about after an instant; null for never.</summary>
    public long? NextAfter(long instant) => NextAfter(_stretches, instant);

    internal static long? NextAfter(List<Stretch> stretches, long instant)
    {
        var next = Calendar.Open;
        foreach (var stretch in stretches)
        {
            next = Math.Min(next, stretch.NextAfter(instant));
        }

        return next == Calendar.Open ? null : next;
    }

    /// <summary>Tells whether a fact counts.</summary>
    internal bool Counts(Fact fact) => _counting.Exists(f => f.EventId == fact.EventId && f.Source == fact.Source);

    /// <summary>Gives the fact of an identity, where it counts.</summary>
    internal Fact? Find(string source, string eventId) => _counting.Find(f => f.EventId == eventId && f.Source == source);

    internal void AddBetween(long from, long to, List<Deadline> deadlines)
    {
        foreach (var stretch in _stretches)
        {
            stretch.AddBetween(from, to, deadlines);
        }
    }

    internal List<Person> Persons()
    {
        var persons = new SortedDictionary<string, Person>(StringComparer.Ordinal);
        foreach (var fact in _counting)
        {
            switch (fact.Kind)
            {
                case FactKind.CustomerErased:
                    persons.Clear();
                    break;
                case FactKind.ContactJoined when fact.Person is { } person:
                    persons[person.Id] = person;
                    break;
                case FactKind.ContactLeft when fact.Person is { } person:
                    persons.Remove(person.Id);
                    break;
            }
        }

        return [.. persons.Values];
    }

    internal SortedDictionary<string, IReadOnlyList<long>> History(IEnumerable<UsageDay> usage, long instant)
    {
        var times = new SortedDictionary<string, List<long>>(StringComparer.Ordinal);
        foreach (var fact in _counting)
        {
            if (fact.OccurTime > instant - Remembered && fact.Name.Length > 0)
            {
                Of(fact.Name).Add(fact.OccurTime);
            }
        }

        foreach (var day in usage)
        {
            if (day.First > instant - Remembered)
            {
                Of(Signal.Usage).Add(day.First);
            }
        }

        var history = new SortedDictionary<string, IReadOnlyList<long>>(StringComparer.Ordinal);
        foreach (var (name, all) in times)
        {
            all.Sort();
            history.Add(name, all.Count > MostTimes ? all[^MostTimes..] : all);
        }

        return history;

        List<long> Of(string name)
        {
            if (!times.TryGetValue(name, out var list))
            {
                times.Add(name, list = []);
            }

            return list;
        }
    }

    /// <summary>Gives what other knowledge of the customer has moved: movements that are undone or came about.</summary>
    internal static List<Change> Changes(Knowledge before, Knowledge after, Func<int, int> currencyOf)
    {
        var changes = new List<Change>();
        if (before.Account.Terms.AsSpan().SequenceEqual(after.Account.Terms))
        {
            return changes;
        }

        var had = before.Movements(currencyOf);
        var has = after.Movements(currencyOf);
        changes.AddRange(had.Except(has).Select(m => new Change(m.Movement, m.Currency, Undone: true)));
        changes.AddRange(has.Except(had).Select(m => new Change(m.Movement, m.Currency, Undone: false)));
        return changes;
    }

    /// <summary>Gives the movements that happen at an instant.</summary>
    internal List<Change> ChangesAt(long instant, Func<int, int> currencyOf) =>
        [.. Movements(currencyOf).Where(m => m.Movement.Period == instant).Select(m => new Change(m.Movement, m.Currency, Undone: false))];

    private List<(int Currency, Movement Movement)> Movements(Func<int, int> currencyOf)
    {
        var found = new List<(int, Movement)>();
        foreach (var terms in Account.Terms.GroupBy(term => currencyOf(term.Plan)).OrderBy(terms => terms.Key))
        {
            var ofCurrency = terms.ToArray();
            var steps = new Step[Timeline.MostSteps(ofCurrency.Length)];
            var count = Timeline.Build(ofCurrency, steps);
            var movements = new Movement[count];
            var moved = Domain.Movements.Read(Grain.Instant, steps.AsSpan(0, count), movements);
            found.AddRange(movements.Take(moved).Select(movement => (terms.Key, movement)));
        }

        return found;
    }
}
