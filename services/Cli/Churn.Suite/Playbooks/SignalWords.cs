using Churn.Cli.Report.Output;
using Churn.Metrics.V1;
using Churn.Suite.Calls;
using Churn.Suite.Metrics;

namespace Churn.Suite.Playbooks;

/// <summary>Says in plain words what raised a signal.</summary>
internal static class SignalWords
{
    /// <summary>Gives the sentence, with its time.</summary>
    public static string Of(Signal signal)
    {
        var words = signal.CauseCase switch
        {
            Signal.CauseOneofCase.Fact => $"{FactWords.Of(signal.Fact)} [{signal.Fact.Source} {signal.Fact.EventId}]",
            Signal.CauseOneofCase.Activity => "the first use of that day",
            Signal.CauseOneofCase.PastDue => $"invoice {signal.PastDue.InvoiceId} is past due for {Numerals.Count(signal.PastDue.Day, "day")}",
            Signal.CauseOneofCase.ScheduledEnd => $"subscription {signal.ScheduledEnd.SubscriptionId} ends in {Numerals.Count(signal.ScheduledEnd.DaysBefore, "day")}",
            Signal.CauseOneofCase.Renewal => $"the renewal on {signal.Renewal.RenewalDate} is {Numerals.Count(signal.Renewal.DaysBefore, "day")} ahead",
            Signal.CauseOneofCase.Absence => $"no {signal.Absence.Kind} for {Numerals.Count(signal.Absence.Days, "day")}",
            Signal.CauseOneofCase.PaymentMethodExpiry =>
                $"the means of payment, good until {signal.PaymentMethodExpiry.ExpiryMonth}, stops working in {Numerals.Count(signal.PaymentMethodExpiry.DaysBefore, "day")}",
            _ => signal.Id,
        };
        return $"{Shown.Time(signal.Time)} UTC, {words}";
    }
}
