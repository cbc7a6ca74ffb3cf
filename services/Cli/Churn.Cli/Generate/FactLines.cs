namespace Churn.Cli.Generate;

/// <summary>Writes customers as facts: one JSON object a line, in the shape proto3 gives JSON (an int64 is a string).</summary>
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

    public void Write(CustomerLife life)
    {
        var customer = life.Number;
        var number = 0;
        foreach (ref readonly var happening in life.Happenings)
        {
            number++;
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
        lines.Write($"\"country\":\"{profile.CountryName}\",\"industry\":\"{profile.IndustryName}\",");
        lines.Write($"\"channel\":\"{profile.ChannelName}\",\"size\":\"{profile.SizeName}\",\"offer\":\"{profile.OfferName}\"");
    }

    private void WriteRest(int customer, in Happening happening)
    {
        var terms = happening.Terms;
        switch (happening.Kind)
        {
            case HappeningKind.SubscriptionStarted or HappeningKind.SubscriptionChanged or HappeningKind.SubscriptionResumed:
                lines.Write($",\"plan\":\"{terms.PlanName}\",\"currency\":\"USD\",\"amountMicros\":\"{terms.AmountMicros}\",");
                lines.Write($"\"unit\":\"{terms.Unit}\",\"count\":1,\"quantity\":{terms.Seats},\"mrrMicros\":\"{terms.MrrMicros}\"");
                break;
            case HappeningKind.CancellationScheduled:
                lines.Write($",\"effectiveTime\":\"{happening.RelatedTime:s}Z\",\"initiator\":\"customer\",\"reasonCode\":\"{happening.Code}\"");
                break;
            case HappeningKind.SubscriptionEnded:
                var initiator = happening.Code == CustomerLife.PaymentFailed ? "vendor" : "customer";
                lines.Write($",\"initiator\":\"{initiator}\",\"reasonCode\":\"{happening.Code}\"");
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
        lines.Write($",\"invoiceId\":\"inv_{customer:D7}-{happening.Invoice}\",\"currency\":\"USD\",\"amountMicros\":\"{happening.Terms.AmountMicros}\"");
}
