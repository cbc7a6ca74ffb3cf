using Churn.Metrics.Books;
using Churn.Metrics.Domain.Signals;
using Churn.Metrics.Reads;
using WireFact = Churn.Ingestion.V1.Fact;

namespace Churn.Metrics.Signals;

/// <summary>Translates signals into what the wire has.</summary>
internal static class SignalToWire
{
    /// <summary>Gives a signal of a customer; known when the domain says.</summary>
    /// <param name="signal">The signal.</param>
    /// <param name="customer">The customer.</param>
    /// <param name="fact">The fact that raised it; null where time did.</param>
    /// <param name="plans">The numbers of plans and currencies.</param>
    public static V1.Signal ToWire(this Signal signal, string customer, WireFact? fact, PlanTable plans)
    {
        var wire = new V1.Signal
        {
            Id = signal.Id,
            Retracted = signal.Retracted,
            CustomerId = customer,
            Time = Wire.ToTimestamp(signal.Time),
            KnownTime = Wire.ToTimestamp(signal.KnownTime),
            Standing = signal.Standing.ToWire(plans),
        };
        SetCause(wire, signal, fact);
        wire.Movements.AddRange(Ordered(signal.Changes, plans).Select(change => new V1.SignalMovement
        {
            Kind = change.Movement.Kind.ToWire(),
            Currency = plans.Currencies[change.Currency],
            BeforeMicros = change.Movement.Before,
            AfterMicros = change.Movement.After,
            Time = Wire.ToTimestamp(change.Movement.Period),
            Undone = change.Undone,
        }));
        foreach (var (name, value) in signal.Attributes.OrderBy(a => a.Key, StringComparer.Ordinal))
        {
            wire.Attributes.Add(name, value);
        }

        wire.Contacts.AddRange(signal.Persons.Select(person => new V1.Contact
        {
            ContactId = person.Id,
            Role = person.Role,
            Name = person.Name,
            Email = person.Email,
            Phone = person.Phone,
            Locale = person.Locale,
            TimeZone = person.TimeZone,
        }));
        foreach (var (name, times) in signal.History)
        {
            var history = new V1.KindHistory { Kind = name };
            history.TimesMicros.AddRange(times);
            wire.History.Add(history);
        }

        return wire;
    }

    public static V1.Standing ToWire(this Standing standing, PlanTable plans)
    {
        var wire = new V1.Standing
        {
            State = (V1.CustomerState)(standing.State + 1),
            FirstPaidTime = standing.FirstPaid is { } paid ? Wire.ToTimestamp(paid) : null,
        };
        wire.Mrr.AddRange(standing.Mrr
            .Select(m => new V1.CurrencyMrr { Currency = plans.Currencies[m.Currency], MrrMicros = m.Mrr })
            .OrderBy(m => m.Currency, StringComparer.Ordinal));
        wire.Plans.AddRange(standing.Plans.Select(plans.NameOf).Where(name => name.Length > 0).Distinct().Order(StringComparer.Ordinal));
        return wire;
    }

    // Numbers of currencies are of one process.
    private static IEnumerable<Change> Ordered(IReadOnlyList<Change> changes, PlanTable plans) => changes.Count < 2
        ? changes
        : changes.OrderBy(c => c.Movement.Period).ThenBy(c => plans.Currencies[c.Currency], StringComparer.Ordinal).ThenByDescending(c => c.Undone);

    private static void SetCause(V1.Signal wire, Signal signal, WireFact? fact)
    {
        switch (signal.Deadline)
        {
            case { Kind: DeadlineKind.PastDue } d:
                wire.PastDue = new V1.PastDueDay { InvoiceId = d.Subject, SubscriptionId = d.Subscription, Day = d.Days };
                break;
            case { Kind: DeadlineKind.ScheduledEnd } d:
                wire.ScheduledEnd = new V1.ScheduledEnd { SubscriptionId = d.Subject, DaysBefore = d.Days, ReasonCode = d.Reason };
                break;
            case { Kind: DeadlineKind.Renewal } d:
                wire.Renewal = new V1.RenewalWindow { RenewalDate = d.Subject, DaysBefore = d.Days };
                break;
            case { Kind: DeadlineKind.PaymentMethodExpiry } d:
                wire.PaymentMethodExpiry = new V1.PaymentMethodExpiry { ExpiryMonth = d.Subject, DaysBefore = d.Days };
                break;
            case { } d:
                wire.Absence = new V1.Absence { Kind = d.Subject, Days = d.Days };
                break;
            case null when signal.Fact?.Name == Signal.Usage:
                wire.Activity = fact;
                break;
            default:
                wire.Fact = fact;
                break;
        }
    }
}
