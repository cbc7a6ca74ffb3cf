using System.Collections;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Churn.Ingestion.V1;
using Churn.Playbooks.Domain;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Google.Protobuf.WellKnownTypes;
using Cause = Churn.Metrics.V1.Signal.CauseOneofCase;
using WireSignal = Churn.Metrics.V1.Signal;
using WireStanding = Churn.Metrics.V1.Standing;
using WireState = Churn.Metrics.V1.CustomerState;

namespace Churn.Playbooks.Consumers;

/// <summary>Translates signals of the wire into those that playbooks decide on.</summary>
internal static class SignalFromWire
{
    private static readonly Dictionary<int, string> FactKinds =
        Fact.Descriptor.Oneofs[0].Fields.ToDictionary(field => field.FieldNumber, field => field.Name);

    /// <summary>Gives the signal as playbooks need it.</summary>
    /// <exception cref="InvalidDataException">It lacks what every signal has.</exception>
    public static Signal FromWire(this WireSignal signal)
    {
        var (happened, fields) = CauseOf(signal);
        return new Signal
        {
            Id = Required(signal.Id, "id"),
            Retracted = signal.Retracted,
            Customer = Required(signal.CustomerId, "customer_id"),
            Time = Instants.FromWire(signal.Time ?? throw Lacks("time")),
            KnownTime = Instants.FromWire(signal.KnownTime ?? throw Lacks("known_time")),
            Event = happened,
            Fields = fields,
            Movements = [.. signal.Movements.Select(movement => new SignalMovement(
                FieldsOf.Word(movement.Kind), movement.Currency, movement.BeforeMicros, movement.AfterMicros,
                movement.Time is null ? 0 : Instants.FromWire(movement.Time), movement.Undone))],
            Profile = signal.ProfileFromWire(),
        };
    }

    /// <summary>Gives what the signal says of the customer.</summary>
    public static Profile ProfileFromWire(this WireSignal signal)
    {
        var standing = signal.Standing ?? new WireStanding();
        return new Profile
        {
            State = standing.State switch
            {
                WireState.Trial => CustomerState.Trial,
                WireState.Active => CustomerState.Active,
                WireState.PastDue => CustomerState.PastDue,
                WireState.Paused => CustomerState.Paused,
                WireState.Ended => CustomerState.Ended,
                _ => CustomerState.Lead,
            },
            Mrr = standing.Mrr.GroupBy(mrr => mrr.Currency, StringComparer.Ordinal)
                .ToDictionary(mrr => mrr.Key, mrr => mrr.Sum(of => of.MrrMicros), StringComparer.Ordinal),
            Plans = [.. standing.Plans],
            FirstPaid = standing.FirstPaidTime is { } first ? Instants.FromWire(first) : null,
            Attributes = new Dictionary<string, string>(signal.Attributes, StringComparer.Ordinal),
            Contacts = [.. signal.Contacts.Select(person => new Contact(
                person.ContactId, person.Role, person.Name, person.Email, person.Phone, person.Locale, person.TimeZone))],
            History = signal.History.GroupBy(kind => kind.Kind, StringComparer.Ordinal)
                .ToDictionary(kind => kind.Key, IReadOnlyList<long> (kind) => [.. kind.SelectMany(of => of.TimesMicros)], StringComparer.Ordinal),
        };
    }

    private static (string Event, IReadOnlyDictionary<string, FieldValue> Fields) CauseOf(WireSignal signal) => signal.CauseCase switch
    {
        Cause.Fact => (KindOf(signal.Fact), new FieldsOf(Said(signal.Fact))),
        Cause.Activity => ("activity", new FieldsOf(Said(signal.Activity))),
        Cause.PastDue => ("past_due", new FieldsOf(signal.PastDue)),
        Cause.ScheduledEnd => ("scheduled_end", new FieldsOf(signal.ScheduledEnd)),
        Cause.Renewal => ("renewal", new FieldsOf(signal.Renewal)),
        Cause.Absence => ("absence", new FieldsOf(signal.Absence)),
        _ => throw Lacks("cause that this version knows"),
    };

    private static string KindOf(Fact fact) =>
        FactKinds.TryGetValue((int)fact.KindCase, out var kind) ? kind : throw Lacks("kind of fact that this version knows");

    private static IMessage Said(Fact fact) =>
        Fact.Descriptor.FindFieldByNumber((int)fact.KindCase)?.Accessor.GetValue(fact) as IMessage ?? throw Lacks("kind of fact that this version knows");

    private static string Required(string text, string name) => text.Length > 0 ? text : throw Lacks(name);

    private static InvalidDataException Lacks(string what) => new($"The signal has no {what}.");
}

/// <summary>Gives the fields of a message by path, read when the first is asked for: most signals start nothing.</summary>
internal sealed class FieldsOf(IMessage message) : IReadOnlyDictionary<string, FieldValue>
{
    private Dictionary<string, FieldValue>? _read;

    public IEnumerable<string> Keys => Read().Keys;

    public IEnumerable<FieldValue> Values => Read().Values;

    public int Count => Read().Count;

    public FieldValue this[string key] => Read()[key];

    /// <summary>Gives the name of an enum's value as playbooks write it: in small letters, without the enum's name; empty where it is not said.</summary>
    public static string Word<T>(T value)
        where T : struct, System.Enum
    {
        var name = value.ToString();
        if (name.StartsWith("Unspecified", StringComparison.Ordinal) || char.IsAsciiDigit(name[0]))
        {
            return "";
        }

        return string.Concat(name.Select((letter, i) => char.IsAsciiLetterUpper(letter) && i > 0 ? "_" + char.ToLowerInvariant(letter) : char.ToLowerInvariant(letter).ToString()));
    }

    public bool ContainsKey(string key) => Read().ContainsKey(key);

    public bool TryGetValue(string key, [MaybeNullWhen(false)] out FieldValue value) => Read().TryGetValue(key, out value);

    public IEnumerator<KeyValuePair<string, FieldValue>> GetEnumerator() => Read().GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private Dictionary<string, FieldValue> Read()
    {
        if (_read is null)
        {
            var read = new Dictionary<string, FieldValue>(StringComparer.Ordinal);
            Add(read, "", message);
            _read = read;
        }

        return _read;
    }

    private static void Add(Dictionary<string, FieldValue> to, string path, IMessage message)
    {
        foreach (var field in message.Descriptor.Fields.InFieldNumberOrder())
        {
            var value = field.Accessor.GetValue(message);
            if (field.IsMap)
            {
                foreach (DictionaryEntry entry in (IDictionary)value)
                {
                    to[$"{path}{field.Name}.{entry.Key}"] = new FieldValue(Convert.ToString(entry.Value, CultureInfo.InvariantCulture) ?? "", null);
                }
            }
            else if (!field.IsRepeated && (!field.HasPresence || field.Accessor.HasValue(message)))
            {
                Add(to, path + field.Name, field, value);
            }
        }
    }

    private static void Add(Dictionary<string, FieldValue> to, string path, FieldDescriptor field, object value)
    {
        switch (value)
        {
            case Timestamp time:
                to[path] = new FieldValue(Instants.Text(Instants.FromWire(time)), null);
                break;
            case IMessage nested:
                Add(to, path + ".", nested);
                break;
            case bool truth:
                to[path] = new FieldValue(truth ? "true" : "false", null, truth);
                break;
            case string text:
                to[path] = new FieldValue(text, null);
                break;
            case double number:
                to[path] = new FieldValue(number.ToString("R", CultureInfo.InvariantCulture), Math.Abs(number) < 1e28 ? (decimal)number : null);
                break;
            case System.Enum when field.EnumType is { } type:
                var name = type.FindValueByNumber((int)value)?.Name ?? "";
                var prefix = PrefixOf(type);
                name = name.StartsWith(prefix, StringComparison.Ordinal) ? name[prefix.Length..] : name;
                to[path] = new FieldValue(name is "UNSPECIFIED" ? "" : name.ToLowerInvariant(), null);
                break;
            case int or long or uint or ulong:
                var whole = Convert.ToDecimal(value, CultureInfo.InvariantCulture);
                to[path] = new FieldValue(whole.ToString(CultureInfo.InvariantCulture), whole);
                break;
        }
    }

    private static string PrefixOf(EnumDescriptor type) =>
        string.Concat(type.Name.Select((letter, i) => char.IsAsciiLetterUpper(letter) && i > 0 ? "_" + letter : char.ToUpperInvariant(letter).ToString())) + "_";
}
