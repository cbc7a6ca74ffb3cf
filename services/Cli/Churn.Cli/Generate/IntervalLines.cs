using System.Runtime.InteropServices;

namespace Churn.Cli.Generate;

/// <summary>Writes customers as CSV: a row for each interval in which a subscription's terms stay the same.</summary>
internal sealed class IntervalLines(LineWriter lines)
{
    public const string Header =
        "subscription_id,customer_id,plan,billing_period,amount_cents,mrr_cents,currency,start_at,end_at,recorded_at," +
        "country,industry,channel,size,offer";

    private readonly List<Interval> _intervals = [];

    /// <summary>Writes the customer's rows, at most <paramref name="limit"/>, in order of their start; returns how many.</summary>
    public long Write(CustomerLife life, long limit)
    {
        _intervals.Clear();
        foreach (ref readonly var happening in life.Happenings)
        {
            Fold(happening);
        }

        var count = Math.Min(_intervals.Count, limit);
        for (var row = 0; row < count; row++)
        {
            Write(life, row + 1, _intervals[row]);
        }

        return count;
    }

    private void Fold(in Happening happening)
    {
        switch (happening.Kind)
        {
            case HappeningKind.SubscriptionStarted or HappeningKind.SubscriptionResumed:
                Open(happening);
                break;
            case HappeningKind.SubscriptionChanged:
                Close(happening);
                Open(happening);
                break;
            case HappeningKind.SubscriptionPaused or HappeningKind.SubscriptionEnded:
                Close(happening);
                break;
        }
    }

    private void Open(in Happening happening) =>
        _intervals.Add(new Interval(happening.Subscription, happening.Terms, happening.Time, null));

    private void Close(in Happening happening)
    {
        var intervals = CollectionsMarshal.AsSpan(_intervals);
        for (var i = intervals.Length - 1; i >= 0; i--)
        {
            if (intervals[i].Subscription == happening.Subscription)
            {
                // A subscription that ends while it is paused has its end already.
                intervals[i] = intervals[i] with { End = intervals[i].End ?? happening.Time };
                return;
            }
        }
    }

    private void Write(CustomerLife life, int row, in Interval interval)
    {
        var terms = interval.Terms;
        var profile = life.Profile;
        lines.Write($"sub_{life.Number:D7}-{row},cus_{life.Number:D7},{terms.PlanName},{terms.Unit},{terms.AmountCents},{terms.MrrCents},USD,");
        lines.Write($"{interval.Start:s}Z,");
        if (interval.End is { } end)
        {
            lines.Write($"{end:s}Z");
        }

        lines.Write($",{interval.Start:s}Z,{profile.CountryName},{profile.IndustryName},{profile.ChannelName},{profile.SizeName},{profile.OfferName}\n");
    }

    [StructLayout(LayoutKind.Auto)]
    private readonly record struct Interval(int Subscription, Terms Terms, DateTime Start, DateTime? End);
}
