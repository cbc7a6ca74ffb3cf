using System.Globalization;
using System.Text.Unicode;

namespace Churn.Cli.Generate;

/// <summary>Writes customers as facts: one JSON object a line, in the shape proto3 gives JSON (an int64 is a string).</summary>
internal sealed class FactLines(LineWriter lines)
{
    public void Write(CustomerLife life)
    {
        var number = 0;
        foreach (ref readonly var happening in life.Happenings)
        {
            number++;
            Utf8.TryWrite(
                lines.Space,
                CultureInfo.InvariantCulture,
                $$"""{"source":"generate","eventId":"evt_{{life.Number:D7}}-{{number:D5}}","occurTime":"{{happening.Time:s}}Z","customerId":"cus_{{life.Number:D7}}",""",
                out var bytes);
            lines.Append(bytes);
            lines.Append(Body(life, happening));
            lines.Write("}\n");
        }
    }

    private int Body(CustomerLife life, in Happening happening)
    {
        var space = lines.Space;
        var invariant = CultureInfo.InvariantCulture;
        var customer = life.Number;
        var subscription = happening.Subscription;
        var terms = happening.Terms;
        var profile = life.Profile;
        int bytes;
        switch (happening.Kind)
        {
            case HappeningKind.CustomerProfile:
                Utf8.TryWrite(
                    space,
                    invariant,
                    $$"""
                    "customerProfile":{"country":"{{profile.CountryName}}","industry":"{{profile.IndustryName}}","channel":"{{profile.ChannelName}}","size":"{{profile.SizeName}}","offer":"{{profile.OfferName}}"}
                    """,
                    out bytes);
                break;
            case HappeningKind.SubscriptionStarted or HappeningKind.SubscriptionChanged or HappeningKind.SubscriptionResumed:
                Utf8.TryWrite(
                    space,
                    invariant,
                    $$"""
                    "{{KindName(happening.Kind)}}":{"subscriptionId":"sub_{{customer:D7}}.{{subscription}}","plan":"{{terms.PlanName}}","currency":"USD","amountMicros":"{{terms.AmountMicros}}","unit":"{{terms.Unit}}","count":1,"quantity":{{terms.Seats}},"mrrMicros":"{{terms.MrrMicros}}"}
                    """,
                    out bytes);
                break;
            case HappeningKind.SubscriptionPaused:
                Utf8.TryWrite(
                    space,
                    invariant,
                    $$"""
                    "subscriptionPaused":{"subscriptionId":"sub_{{customer:D7}}.{{subscription}}"}
                    """,
                    out bytes);
                break;
            case HappeningKind.CancellationScheduled:
                Utf8.TryWrite(
                    space,
                    invariant,
                    $$"""
                    "cancellationScheduled":{"subscriptionId":"sub_{{customer:D7}}.{{subscription}}","effectiveTime":"{{happening.RelatedTime:s}}Z","initiator":"customer","reasonCode":"{{happening.Code}}"}
                    """,
                    out bytes);
                break;
            case HappeningKind.SubscriptionEnded:
                var initiator = happening.Code == CustomerLife.PaymentFailed ? "vendor" : "customer";
                Utf8.TryWrite(
                    space,
                    invariant,
                    $$"""
                    "subscriptionEnded":{"subscriptionId":"sub_{{customer:D7}}.{{subscription}}","initiator":"{{initiator}}","reasonCode":"{{happening.Code}}"}
                    """,
                    out bytes);
                break;
            case HappeningKind.PaymentSucceeded:
                Utf8.TryWrite(
                    space,
                    invariant,
                    $$"""
                    "paymentSucceeded":{"subscriptionId":"sub_{{customer:D7}}.{{subscription}}","invoiceId":"inv_{{customer:D7}}-{{happening.Invoice}}","currency":"USD","amountMicros":"{{terms.AmountMicros}}"}
                    """,
                    out bytes);
                break;
            case HappeningKind.PaymentFailed:
                Utf8.TryWrite(
                    space,
                    invariant,
                    $$"""
                    "paymentFailed":{"subscriptionId":"sub_{{customer:D7}}.{{subscription}}","invoiceId":"inv_{{customer:D7}}-{{happening.Invoice}}","currency":"USD","amountMicros":"{{terms.AmountMicros}}","declineCode":"{{happening.Code}}"}
                    """,
                    out bytes);
                break;
            default:
                Utf8.TryWrite(
                    space,
                    invariant,
                    $$"""
                    "invoicePastDue":{"subscriptionId":"sub_{{customer:D7}}.{{subscription}}","invoiceId":"inv_{{customer:D7}}-{{happening.Invoice}}","currency":"USD","amountMicros":"{{terms.AmountMicros}}","dueTime":"{{happening.RelatedTime:s}}Z"}
                    """,
                    out bytes);
                break;
        }

        return bytes;
    }

    private static string KindName(HappeningKind kind) => kind switch
    {
        HappeningKind.SubscriptionStarted => "subscriptionStarted",
        HappeningKind.SubscriptionChanged => "subscriptionChanged",
        _ => "subscriptionResumed",
    };
}
