using Churn.Metrics.V1;
using Churn.Playbooks.Documents;
using Churn.Playbooks.Domain;
using Google.Protobuf.Reflection;
using Contact = Churn.Playbooks.Domain.Contact;
using CustomerState = Churn.Playbooks.Domain.CustomerState;
using Signal = Churn.Playbooks.Domain.Signal;
using SignalMovement = Churn.Playbooks.Domain.SignalMovement;
using WireSignal = Churn.Metrics.V1.Signal;
using WireStanding = Churn.Metrics.V1.Standing;
using WireState = Churn.Metrics.V1.CustomerState;

namespace Churn.Playbooks.Consumers;

/// <summary>Translates signals of the wire into those that playbooks decide on.</summary>
internal static class SignalFromWire
{
    private static readonly EnumDescriptor Movements = MetricsReflection.Descriptor.EnumTypes.First(type => type.Name == nameof(MovementKind));

    /// <summary>Gives the signal as playbooks need it.</summary>
    /// <exception cref="InvalidDataException">It lacks what every signal has.</exception>
    public static Signal FromWire(this WireSignal signal)
    {
        var (happened, fields) = EventFields.Of(signal);
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
                Movements.FindValueByNumber((int)movement.Kind) is { } kind ? EventFields.WordOf(kind) : "", movement.Currency, movement.BeforeMicros, movement.AfterMicros,
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

    private static string Required(string text, string name) => text.Length > 0 ? text : throw Lacks(name);

    private static InvalidDataException Lacks(string what) => new($"The signal has no {what}.");
}
