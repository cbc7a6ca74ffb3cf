namespace Churn.Cli.Generate;

/// <summary>Writes customers as facts: one <c>churn.ingestion.v1.Fact</c> a line, as proto3 gives it JSON (an int64 is a string).</summary>
internal sealed class FactLines(LineWriter lines)
{
    private static readonly string[] KindNames =
    [
        "customerProfile",
        "subscriptionStarted",
        "subscriptionChanged",
        "subscriptionPaused",
        "subscriptionResumed",
        "cancellationScheduled",
        "subscriptionEnded",
        "paymentSucceeded",
        "paymentFailed",
        "invoicePastDue",
    ];

    public void Write(CustomerLife life, DateTime until)
    {
        var customer = life.Number;
        var number = 0;
        foreach (ref readonly var happening in life.Happenings)
        {
            number++;
            if (happening.Time > until)
            {
                break;
            }

            lines.Write($"{{\"source\":\"generate\",\"eventId\":\"evt_{customer:D7}-{number:D5}\",\"occurTime\":\"{happening.Time:s}Z\",");
            lines.Write($"\"customerId\":\"cus_{customer:D7}\",\"{KindNames[(int)happening.Kind]}\":{{");
            if (happening.Kind == HappeningKind.CustomerProfile)
            {
                WriteProfile(life.Profile);
            }
            else
            {
                lines.Write($"\"subscriptionId\":\"sub_{customer:D7}.{happening.Subscription}\"");
                WriteRest(customer, happening);
            }

            lines.Write($"}}}}\n");
        }
    }

    private void WriteProfile(in Profile profile)
    {
        lines.Write($"\"size\":\"{profile.SizeName}\",\"industry\":\"{profile.IndustryName}\",\"country\":\"{profile.CountryName}\",");
        lines.Write($"\"channel\":\"{profile.ChannelName}\",\"entryOffer\":\"{profile.OfferName}\"");
    }

    private void WriteRest(int customer, in Happening happening)
    {
        var terms = happening.Terms;
        switch (happening.Kind)
        {
            case HappeningKind.SubscriptionStarted or HappeningKind.SubscriptionChanged or HappeningKind.SubscriptionResumed:
                var unit = terms.Annual ? "YEAR" : "MONTH";
                lines.Write($",\"plan\":\"{terms.PlanName}\",\"price\":{{\"currency\":\"USD\",\"period\":{{\"amountMicros\":\"{terms.SeatMicros}\",");
                lines.Write($"\"unit\":\"BILLING_UNIT_{unit}\",\"count\":1,\"quantity\":\"{terms.Seats}\"}}}}");
                break;
            case HappeningKind.CancellationScheduled:
                lines.Write($",\"effectiveTime\":\"{happening.RelatedTime:s}Z\",\"initiator\":\"INITIATOR_CUSTOMER\",\"reasonCode\":\"{happening.Code}\"");
                break;
            case HappeningKind.SubscriptionEnded:
                var initiator = happening.Code == CustomerLife.PaymentFailed ? "VENDOR" : "CUSTOMER";
                lines.Write($",\"initiator\":\"INITIATOR_{initiator}\",\"reasonCode\":\"{happening.Code}\"");
                break;
            case HappeningKind.PaymentSucceeded:
                WriteInvoice(customer, happening);
                break;
            case HappeningKind.PaymentFailed:
                WriteInvoice(customer, happening);
                lines.Write($",\"declineCode\":\"{happening.Code}\"");
                break;
            case HappeningKind.InvoicePastDue:
                WriteInvoice(customer, happening);
                lines.Write($",\"dueTime\":\"{happening.RelatedTime:s}Z\"");
                break;
        }
    }

    private void WriteInvoice(int customer, in Happening happening) =>
        lines.Write($",\"invoiceId\":\"inv_{customer:D7}-{happening.Invoice}\",\"amount\":{{\"currency\":\"USD\",\"amountMicros\":\"{happening.Terms.AmountMicros}\"}}");
}
