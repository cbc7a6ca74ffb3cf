using System.Globalization;
using Churn.Ingestion.V1;
using Churn.Metrics.V1;
using Churn.Playbooks.Domain;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Google.Protobuf.WellKnownTypes;

namespace Churn.Playbooks.Documents;

/// <summary>Names what a field of an event can be compared with.</summary>
internal enum FieldType
{
    Text,
    Number,
    Truth,
    Time,
    Word,
}

/// <summary>Says what a field of an event is.</summary>
/// <param name="Path">Its path, such as "amount.currency".</param>
/// <param name="Type">What it can be compared with.</param>
/// <param name="Words">What a word can be; empty for others.</param>
internal sealed record EventField(string Path, FieldType Type, IReadOnlyList<string> Words);

/// <summary>Knows the events and their fields, from the contracts themselves: playbooks are checked and signals are read by the same table.</summary>
internal static class EventFields
{
    public const string Activity = "activity";
    public const string Usage = "usage_recorded";
    public const string PastDue = "past_due";
    public const string ScheduledEnd = "scheduled_end";
    public const string Renewal = "renewal";
    public const string Absence = "absence";
    public const string PaymentMethodExpiry = "payment_method_expiry";

    /// <summary>Gives the kinds of facts that a playbook can name, as fields of Fact are named.</summary>
    public static IReadOnlyList<string> FactKinds { get; } = [.. Fact.Descriptor.Oneofs[0].Fields
        .Where(field => field.FieldNumber is not (Fact.RetractionFieldNumber or Fact.CustomerErasedFieldNumber))
        .Select(field => field.Name)];

    /// <summary>Gives the fields of each event, by path. Any attribute is a field "attributes.NAME" where there are attributes.</summary>
    public static IReadOnlyDictionary<string, IReadOnlyDictionary<string, EventField>> ByEvent { get; } = Fact.Descriptor.Oneofs[0].Fields
        .Select(field => (Event: EventOf(field.Name), Says: field.MessageType))
        .Append((Event: PastDue, Says: PastDueDay.Descriptor))
        .Append((Event: ScheduledEnd, Says: Metrics.V1.ScheduledEnd.Descriptor))
        .Append((Event: Renewal, Says: RenewalWindow.Descriptor))
        .Append((Event: Absence, Says: Metrics.V1.Absence.Descriptor))
        .Append((Event: PaymentMethodExpiry, Says: Metrics.V1.PaymentMethodExpiry.Descriptor))
        .ToDictionary(
            of => of.Event,
            of => (IReadOnlyDictionary<string, EventField>)Paths(of.Says, "").ToDictionary(field => field.Path, StringComparer.Ordinal),
            StringComparer.Ordinal);

    /// <summary>Gives the event that a kind of fact raises: usage raises the first activity of a day.</summary>
    public static string EventOf(string factKind) => factKind == Usage ? Activity : factKind;

    /// <summary>Gives the event of a signal and what it says.</summary>
    public static (string Event, IReadOnlyDictionary<string, FieldValue> Fields) Of(Metrics.V1.Signal signal) => signal.CauseCase switch
    {
        Metrics.V1.Signal.CauseOneofCase.Fact => OfFact(signal.Fact),
        Metrics.V1.Signal.CauseOneofCase.Activity => OfFact(signal.Activity),
        Metrics.V1.Signal.CauseOneofCase.PastDue => (PastDue, Read(signal.PastDue)),
        Metrics.V1.Signal.CauseOneofCase.ScheduledEnd => (ScheduledEnd, Read(signal.ScheduledEnd)),
        Metrics.V1.Signal.CauseOneofCase.Renewal => (Renewal, Read(signal.Renewal)),
        Metrics.V1.Signal.CauseOneofCase.Absence => (Absence, Read(signal.Absence)),
        Metrics.V1.Signal.CauseOneofCase.PaymentMethodExpiry => (PaymentMethodExpiry, Read(signal.PaymentMethodExpiry)),
        _ => throw new InvalidDataException($"The signal '{signal.Id}' says nothing that raised it."),
    };

    /// <summary>Gives a word of the contract as documents write it: PAST_DUE of CUSTOMER_STATE is "past_due".</summary>
    public static string WordOf(EnumValueDescriptor value)
    {
        var prefix = value.EnumDescriptor.Values[0].Name;
        prefix = prefix[..(prefix.LastIndexOf('_') + 1)];
        var name = value.Name.StartsWith(prefix, StringComparison.Ordinal) ? value.Name[prefix.Length..] : value.Name;
        return value.Number == 0 ? "" : name.ToLowerInvariant();
    }

    private static (string Event, IReadOnlyDictionary<string, FieldValue> Fields) OfFact(Fact fact)
    {
        var kind = Fact.Descriptor.FindFieldByNumber((int)fact.KindCase) ?? throw new InvalidDataException($"The fact '{fact.EventId}' of '{fact.Source}' is of no kind.");
        return (EventOf(kind.Name), Read((IMessage)kind.Accessor.GetValue(fact)));
    }

    private static IEnumerable<EventField> Paths(MessageDescriptor message, string before)
    {
        foreach (var field in message.Fields.InDeclarationOrder().Where(field => !field.IsRepeated))
        {
            var path = before + field.Name;
            if (field.FieldType == Google.Protobuf.Reflection.FieldType.Message && field.MessageType != Timestamp.Descriptor)
            {
                foreach (var within in Paths(field.MessageType, path + "."))
                {
                    yield return within;
                }
            }
            else
            {
                yield return new EventField(path, TypeOf(field), field.FieldType == Google.Protobuf.Reflection.FieldType.Enum
                    ? [.. field.EnumType.Values.Where(value => value.Number != 0).Select(WordOf)]
                    : []);
            }
        }
    }

    private static FieldType TypeOf(FieldDescriptor field) => field.FieldType switch
    {
        Google.Protobuf.Reflection.FieldType.String => FieldType.Text,
        Google.Protobuf.Reflection.FieldType.Bool => FieldType.Truth,
        Google.Protobuf.Reflection.FieldType.Enum => FieldType.Word,
        Google.Protobuf.Reflection.FieldType.Message => FieldType.Time,
        _ => FieldType.Number,
    };

    private static Dictionary<string, FieldValue> Read(IMessage message)
    {
        var fields = new Dictionary<string, FieldValue>(StringComparer.Ordinal);
        Read(message, "", fields);
        return fields;
    }

    private static void Read(IMessage message, string before, Dictionary<string, FieldValue> into)
    {
        foreach (var field in message.Descriptor.Fields.InDeclarationOrder())
        {
            var path = before + field.Name;
            if (field.IsMap)
            {
                foreach (System.Collections.DictionaryEntry entry in (System.Collections.IDictionary)field.Accessor.GetValue(message))
                {
                    into[$"{path}.{entry.Key}"] = new FieldValue((string)entry.Value!, null);
                }

                continue;
            }

            if (field.IsRepeated || (field.HasPresence && !field.Accessor.HasValue(message)))
            {
                continue;
            }

            switch (field.Accessor.GetValue(message))
            {
                case string text:
                    into[path] = new FieldValue(text, null);
                    break;
                case bool truth:
                    into[path] = new FieldValue(truth ? "true" : "false", null, truth);
                    break;
                case Timestamp time:
                    into[path] = new FieldValue(time.ToDateTime().ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFF'Z'", CultureInfo.InvariantCulture), null);
                    break;
                case IMessage within:
                    Read(within, path + ".", into);
                    break;
                case System.Enum word:
                    into[path] = new FieldValue(field.EnumType.FindValueByNumber(Convert.ToInt32(word, CultureInfo.InvariantCulture)) is { } known ? WordOf(known) : "", null);
                    break;
                case IConvertible number:
                    var value = Convert.ToDecimal(number, CultureInfo.InvariantCulture);
                    into[path] = new FieldValue(value.ToString(CultureInfo.InvariantCulture), value);
                    break;
                default:
                    break;
            }
        }
    }
}
