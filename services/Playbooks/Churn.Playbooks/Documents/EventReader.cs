using System.Globalization;
using Churn.Playbooks.Domain;
using Churn.ServiceDefaults.Documents;

namespace Churn.Playbooks.Documents;

/// <summary>Reads which events are meant: those that start a playbook, end it, or end a wait.</summary>
internal sealed class EventReader
{
    private const int MostEvents = 20;
    private const string AnyAttribute = "attributes.";
    private IReadOnlyList<SignalPattern> _trigger = [];

    /// <summary>Reads what starts a playbook; references to the event are checked against it from then on.</summary>
    public Trigger? ReadTrigger(DocumentNode node)
    {
        const long OldestDefault = 72 * Lengths.Hour;
        if (node.AsMap(Keys.Trigger) is not { } map)
        {
            return null;
        }

        var age = map.Get("max_age") is { } max ? Lengths.Read(max, Lengths.Minute, 7 * Lengths.Day) : OldestDefault;
        var named = Keys.Event.Append("any").Where(map.Has).ToList();
        IReadOnlyList<SignalPattern>? patterns = null;
        if (named.Count != 1)
        {
            node.Error(named.Count == 0
                ? $"say what starts it: one of {string.Join(", ", Keys.Event)}, or 'any' with a list of these"
                : $"{string.Join(" and ", named)} stand side by side; put them into a list under 'any', or keep one of them");
        }
        else if (named[0] == "any")
        {
            patterns = ReadList(map.Get("any")!);
        }
        else if (ReadPattern(map, named[0]) is { } one)
        {
            patterns = [one];
        }

        _trigger = patterns ?? [];
        return patterns is not null && age is { } oldest ? new Trigger(patterns, oldest) : null;
    }

    /// <summary>Reads a list of events of which any is meant.</summary>
    public static IReadOnlyList<SignalPattern>? ReadList(DocumentNode node)
    {
        if (node.AsList(1, MostEvents) is not { } items)
        {
            return null;
        }

        var patterns = new List<SignalPattern>();
        foreach (var item in items)
        {
            if (item.AsMap(Keys.Event) is not { } map)
            {
                continue;
            }

            if (map.Keys.Count != 1)
            {
                item.Error(map.Keys.Count == 0 ? $"name one of {string.Join(", ", Keys.Event)}" : "each item names one event; make an item of each");
            }
            else if (ReadPattern(map, map.Keys.First()) is { } pattern)
            {
                patterns.Add(pattern);
            }
        }

        return patterns.Count == items.Count ? patterns : null;
    }

    /// <summary>Reads the name of a kind of fact.</summary>
    public static string? ReadKind(DocumentNode node)
    {
        if (node.AsText() is not { } kind)
        {
            return null;
        }

        if (EventFields.FactKinds.Contains(kind))
        {
            return kind;
        }

        node.Error(kind == "customer_erased"
            ? "'customer_erased' is no event of playbooks: an erased customer leaves all of them at once"
            : $"there is no kind of fact '{kind}'; {Spelling.Hint(kind, EventFields.FactKinds)}");
        return null;
    }

    /// <summary>Reads what a text must be; null where nothing is said of it.</summary>
    public static TextTest? ReadTextTest(DocumentMap map)
    {
        var isIn = map.Get("in")?.AsTexts();
        var notIn = map.Get("not_in")?.AsTexts();
        var present = map.Get("present")?.AsTruth();
        return isIn is null && notIn is null && present is null ? null : new TextTest(isIn, notIn ?? [], present);
    }

    /// <summary>Reads in which range a number must be; null where nothing is said of it.</summary>
    public static NumberTest? ReadNumberTest(DocumentMap map) =>
        ReadRange(map, node => node.AsNumber());

    /// <summary>Reads a range whose ends are read in some way; null where there is none, or it is wrong.</summary>
    public static NumberTest? ReadRange(DocumentMap map, Func<DocumentNode, decimal?> read)
    {
        var (least, most) = (map.Get("at_least"), map.Get("at_most"));
        var test = new NumberTest(least is null ? null : read(least), most is null ? null : read(most));
        if (test.AtLeast > test.AtMost)
        {
            most!.Error("'at_most' is less than 'at_least', so nothing is in the range; exchange them");
        }

        return test.AtLeast is null && test.AtMost is null ? null : test;
    }

    /// <summary>Tells whether the event that starts the playbook can have a field; where none can, that is an error.</summary>
    public bool IsFieldOfTrigger(string field, DocumentNode at)
    {
        if (_trigger.Count == 0)
        {
            return true;
        }

        var without = _trigger.Where(pattern => pattern.Event is not null && !HasField(pattern.Event, field)).Select(pattern => pattern.Event!).Distinct().ToList();
        if (without.Count == 0 && _trigger.Any(pattern => pattern.Event is null) && !EventFields.ByEvent.Keys.Any(name => HasField(name, field)))
        {
            at.Error($"no event has a field '{field}'");
            return false;
        }

        if (without.Count == 0)
        {
            return true;
        }

        if (without.Count == _trigger.Count)
        {
            var known = without.SelectMany(name => EventFields.ByEvent[name].Keys).Distinct().ToList();
            at.Error($"the event '{without[0]}', which starts this playbook, has no field '{field}'; {(known.Count == 0 ? "it has none" : Spelling.Hint(field, known))}");
            return false;
        }

        at.Warn($"'{field}' is empty where {string.Join(" or ", without)} started the playbook");
        return true;
    }

    /// <summary>Gives the type of a field of the event that starts the playbook; null where it is not one alone.</summary>
    public FieldType? TypeOfTriggerField(string field)
    {
        var types = _trigger
            .Select(pattern => pattern.Event is not null && EventFields.ByEvent[pattern.Event].TryGetValue(field, out var known) ? known.Type : (FieldType?)null)
            .Distinct().ToList();
        return types.Count == 1 ? types[0] : null;
    }

    private static bool HasField(string name, string field) =>
        EventFields.ByEvent[name].ContainsKey(field) || (name == "customer_profile" && field.StartsWith(AnyAttribute, StringComparison.Ordinal));

    private static SignalPattern? ReadPattern(DocumentMap map, string key)
    {
        var node = map.Get(key)!;
        return key switch
        {
            "fact" => ReadFact(node),
            "movement" => ReadMovement(node),
            "past_due" => ReadDays(node, Keys.PastDue, EventFields.PastDue, [.. Enumerable.Range(0, Words.LastPastDueDay + 1)]),
            "scheduled_end" => ReadDays(node, Keys.ScheduledEnd, EventFields.ScheduledEnd, Words.ScheduledEndDays),
            "renewal" => ReadDays(node, Keys.Renewal, EventFields.Renewal, Words.RenewalDays),
            "payment_method_expiry" => ReadDays(node, Keys.PaymentMethodExpiry, EventFields.PaymentMethodExpiry, Words.ExpiryDays),
            _ => ReadAbsence(node),
        };
    }

    private static SignalPattern? ReadFact(DocumentNode node)
    {
        if (node.IsScalar)
        {
            return ReadKind(node) is { } alone ? new SignalPattern(EventFields.EventOf(alone), [], []) : null;
        }

        if (node.AsMap(Keys.Fact) is not { } map || map.Require("kind", "write 'kind: payment_failed' or another kind of fact") is not { } named || ReadKind(named) is not { } kind)
        {
            return null;
        }

        var name = EventFields.EventOf(kind);
        if (map.Get("where") is not { } where)
        {
            return new SignalPattern(name, [], []);
        }

        if (where.AsEntries() is not { } entries)
        {
            return null;
        }

        var tests = entries.Select(entry => ReadWhere(name, entry.Key, entry.Value)).ToList();
        return tests.Contains(null) ? null : new SignalPattern(name, [.. tests.OfType<FieldTest>()], []);
    }

    private static FieldTest? ReadWhere(string name, string path, DocumentNode node)
    {
        if (!HasField(name, path))
        {
            node.Error($"'{(name == EventFields.Activity ? EventFields.Usage : name)}' has no field '{path}'; "
                + (EventFields.ByEvent[name].Count == 0 ? "it has none" : Spelling.Hint(path, EventFields.ByEvent[name].Keys)));
            return null;
        }

        var field = EventFields.ByEvent[name].GetValueOrDefault(path) ?? new EventField(path, FieldType.Text, []);
        var errors = node.Problems.ErrorCount;
        TextTest? text = null;
        NumberTest? number = null;
        if (!node.IsMap)
        {
            number = field.Type == FieldType.Number && node.AsNumber() is { } value ? new NumberTest(value, value) : null;
            text = field.Type is not (FieldType.Number or FieldType.Time) && node.AsTexts() is { } texts ? new TextTest(texts, [], null) : null;
            if (field.Type == FieldType.Time)
            {
                node.Error("an instant can be tested with 'present: true' or 'present: false' alone");
            }
        }
        else if (node.AsMap(KeysOf(field.Type)) is { } map)
        {
            text = ReadTextTest(map);
            number = ReadNumberTest(map);
            if (text is null && number is null && errors == node.Problems.ErrorCount)
            {
                node.Error($"nothing is said of '{path}'; write one of {string.Join(", ", KeysOf(field.Type))}");
            }
        }

        var words = field.Type == FieldType.Truth ? ["true", "false"] : field.Words;
        if (text is not null && words.Count > 0 && (text.In ?? []).Concat(text.NotIn).FirstOrDefault(word => !words.Contains(word)) is { } unknown)
        {
            node.Error($"'{unknown}' is no value of '{path}'; {Spelling.Hint(unknown, words)}");
        }

        return errors == node.Problems.ErrorCount ? new FieldTest(path, text, number) : null;
    }

    private static string[] KeysOf(FieldType type) => type switch
    {
        FieldType.Number => ["at_least", "at_most"],
        FieldType.Time => ["present"],
        FieldType.Truth => ["in"],
        _ => ["in", "not_in", "present"],
    };

    private static SignalPattern? ReadMovement(DocumentNode node)
    {
        if (node.AsMap(Keys.Movement)?.Require("kinds", "write 'kinds: [churn]' or other kinds of movements") is not { } kinds)
        {
            return null;
        }

        var items = kinds.IsScalar ? [kinds] : kinds.AsList(1, Words.Movements.Length);
        var read = items?.Select(item => item.AsOneOf(Words.Movements)).ToList();
        return read is null || read.Contains(null) ? null : new SignalPattern(null, [], [.. read.OfType<string>()]);
    }

    private static SignalPattern? ReadDays(DocumentNode node, string[] keys, string name, int[] days) =>
        node.AsMap(keys)?.Require(keys[0], $"write '{keys[0]}: {days[1].ToString(CultureInfo.InvariantCulture)}'") is { } value && ReadDay(value, days) is { } day
            ? new SignalPattern(name, [Exactly(keys[0], day)], [])
            : null;

    private static SignalPattern? ReadAbsence(DocumentNode node)
    {
        if (node.AsMap(Keys.Absence) is not { } map)
        {
            return null;
        }

        var kind = map.Require("of", "write 'of: usage_recorded'")?.AsOneOf(Words.AbsenceKinds);
        var days = map.Require("days", "write 'days: 14'") is { } value ? ReadDay(value, Words.AbsenceDays) : null;
        return kind is null || days is null
            ? null
            : new SignalPattern(EventFields.Absence, [new FieldTest("kind", new TextTest([kind], [], null), null), Exactly("days", days.Value)], []);
    }

    private static int? ReadDay(DocumentNode node, int[] days)
    {
        if (node.AsWhole(days[0], days[^1]) is not { } day)
        {
            return null;
        }

        if (days.Contains((int)day))
        {
            return (int)day;
        }

        var near = days.MinBy(known => Math.Abs(known - day));
        node.Error($"no signal is raised at {day} days; the nearest is {near}, all are {string.Join(", ", days)}");
        return null;
    }

    private static FieldTest Exactly(string field, int value) => new(field, null, new NumberTest(value, value));
}
