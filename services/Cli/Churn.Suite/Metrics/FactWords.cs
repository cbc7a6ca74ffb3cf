using System.Globalization;
using Churn.Cli.Report.Input;
using Churn.Cli.Report.Output;
using Churn.Cli.Report.Output.Terminal;
using Churn.Ingestion.V1;

namespace Churn.Suite.Metrics;

/// <summary>Says in plain words what a fact says.</summary>
internal static class FactWords
{
    private const int MostOfANote = 200;

    /// <summary>Gives the sentence, without its time and where it comes from.</summary>
    public static string Of(Fact fact)
    {
        var words = fact.KindCase switch
        {
            Fact.KindOneofCase.SubscriptionStarted => $"subscription {Name(fact.SubscriptionStarted.SubscriptionId)} started"
                + Terms(fact.SubscriptionStarted.Plan, fact.SubscriptionStarted.Price, fact.SubscriptionStarted.Trial),
            Fact.KindOneofCase.SubscriptionChanged => $"subscription {Name(fact.SubscriptionChanged.SubscriptionId)} changed"
                + Terms(fact.SubscriptionChanged.Plan, fact.SubscriptionChanged.Price, fact.SubscriptionChanged.Trial),
            Fact.KindOneofCase.SubscriptionPaused => $"subscription {Name(fact.SubscriptionPaused.SubscriptionId)} was paused",
            Fact.KindOneofCase.SubscriptionResumed => $"subscription {Name(fact.SubscriptionResumed.SubscriptionId)} was resumed"
                + Terms(fact.SubscriptionResumed.Plan, fact.SubscriptionResumed.Price, fact.SubscriptionResumed.Trial),
            Fact.KindOneofCase.CancellationScheduled => Scheduled(fact.CancellationScheduled),
            Fact.KindOneofCase.CancellationRevoked => $"the cancellation of subscription {Name(fact.CancellationRevoked.SubscriptionId)} was taken back",
            Fact.KindOneofCase.SubscriptionEnded => $"subscription {Name(fact.SubscriptionEnded.SubscriptionId)} "
                + (fact.SubscriptionEnded.Completes ? "ran out, as its fixed term says" : "ended")
                + Why(fact.SubscriptionEnded.Initiator, fact.SubscriptionEnded.ReasonCode, fact.SubscriptionEnded.Note),
            Fact.KindOneofCase.PaymentSucceeded => Payment("was paid", fact.PaymentSucceeded.InvoiceId, fact.PaymentSucceeded.Amount),
            Fact.KindOneofCase.PaymentFailed => Payment("could not be collected", fact.PaymentFailed.InvoiceId, fact.PaymentFailed.Amount)
                + (fact.PaymentFailed.DeclineCode.Length == 0 ? "" : $": {Name(fact.PaymentFailed.DeclineCode)}"),
            Fact.KindOneofCase.PaymentRefunded => Payment("was refunded", fact.PaymentRefunded.InvoiceId, fact.PaymentRefunded.Amount),
            Fact.KindOneofCase.InvoicePastDue => $"invoice {Name(fact.InvoicePastDue.InvoiceId)} of subscription {Name(fact.InvoicePastDue.SubscriptionId)}"
                + Money(fact.InvoicePastDue.Amount)
                + $" fell due on {Day(fact.InvoicePastDue.DueTime is { } due ? Wire.InstantOf(due) : Wire.InstantOf(fact.OccurTime))} and was not paid",
            Fact.KindOneofCase.ContactJoined => $"contact {Name(fact.ContactJoined.ContactId)} joined"
                + (fact.ContactJoined.Role.Length == 0 ? "" : $", for {Name(fact.ContactJoined.Role)}"),
            Fact.KindOneofCase.ContactLeft => $"contact {Name(fact.ContactLeft.ContactId)} left",
            Fact.KindOneofCase.MessageEvent => Message(fact.MessageEvent),
            Fact.KindOneofCase.CustomerErased => "the customer asked to be forgotten",
            Fact.KindOneofCase.Retraction => $"fact {Name(fact.Retracts)} was taken out{Note(fact.Retraction.Note)}",
            _ => fact.KindCase.ToString(),
        };
        return fact.Retracts.Length > 0 && fact.KindCase != Fact.KindOneofCase.Retraction ? $"{words}; replaces fact {Name(fact.Retracts)}" : words;
    }

    private static string Scheduled(CancellationScheduled scheduled) =>
        $"subscription {Name(scheduled.SubscriptionId)} was set to {(scheduled.Completes ? "run out" : "end")} on {Day(Wire.InstantOf(scheduled.EffectiveTime))}"
        + Why(scheduled.Initiator, scheduled.ReasonCode, scheduled.Note);

    private static string Why(Initiator initiator, string reason, string note)
    {
        var who = initiator switch
        {
            Initiator.Customer => ", by the customer",
            Initiator.Vendor => ", by the vendor",
            Initiator.System => ", by nobody's decision",
            _ => "",
        };
        return who + (reason.Length == 0 ? "" : $": {Name(reason)}") + Note(note);
    }

    private static string Payment(string what, string invoice, Amount? amount) =>
        (invoice.Length == 0 ? "a payment" : $"invoice {Name(invoice)}") + Money(amount) + " " + what;

    private static string Message(MessageEvent message)
    {
        var what = message.Event switch
        {
            MessageEvent.Types.Event.Sent => "was sent",
            MessageEvent.Types.Event.Delivered => "was delivered",
            MessageEvent.Types.Event.Opened => "was opened",
            MessageEvent.Types.Event.Clicked => "had a link that was followed",
            MessageEvent.Types.Event.Unsubscribed => "was the last that is wanted of its kind",
            MessageEvent.Types.Event.Bounced => "came back",
            MessageEvent.Types.Event.Complained => "was called unwanted",
            _ => "was not sent, or may not have been",
        };
        return (message.Template.Length == 0 ? "a message" : $"the message {Name(message.Template)}") + $" by {Name(message.Channel)}"
            + (message.Playbook.Length == 0 ? "" : $" of playbook {Name(message.Playbook)}") + $" {what}{Note(message.Detail)}";
    }

    private static string Terms(string plan, Price? price, bool trial) =>
        (plan.Length == 0 ? "" : $" on plan {Name(plan)}") + (price is null ? "" : $" at {PriceOf(price)}") + (trial ? ", on trial" : "");

    private static string PriceOf(Price price) => price.ValueCase switch
    {
        Price.ValueOneofCase.MrrMicros => $"{Units(price.MrrMicros)} {Name(price.Currency)} a month",
        Price.ValueOneofCase.Period => $"{Units(price.Period.AmountMicros)} {Name(price.Currency)} {PeriodOf(price.Period)}"
            + (price.Period.Quantity > 1 ? string.Create(CultureInfo.InvariantCulture, $", times {price.Period.Quantity}") : ""),
        _ => "a price that is not stated",
    };

    private static string PeriodOf(PeriodPrice price)
    {
        var unit = price.Unit switch
        {
            BillingUnit.Day => "day",
            BillingUnit.Week => "week",
            BillingUnit.Quarter => "quarter",
            BillingUnit.Year => "year",
            _ => "month",
        };
        return price.Count > 1 ? string.Create(CultureInfo.InvariantCulture, $"every {price.Count} {unit}s") : $"a {unit}";
    }

    private static string Money(Amount? amount) => amount is null ? "" : $" of {Units(amount.AmountMicros)} {Name(amount.Currency)}";

    private static string Units(long micros) => Numerals.Amount(micros, Numerals.IsExact(micros, Scale.Units) ? Scale.Units : Scale.Cents);

    private static string Day(long instant) => Numerals.Day(Churn.Metrics.Domain.Calendar.DayOf(instant));

    private static string Name(string text) => Cells.Name(text, unicode: true);

    private static string Note(string note) => note.Length == 0 ? "" : $" (\"{Printable.Of(note, MostOfANote)}\")";
}
