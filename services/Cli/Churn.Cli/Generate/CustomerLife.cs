using System.Runtime.InteropServices;

namespace Churn.Cli.Generate;

/// <summary>Lives the life of one customer after another; what happened to the last one is in <see cref="Happenings"/>.</summary>
internal sealed class CustomerLife(long seed, Horizon horizon)
{
    public const string PaymentFailed = "payment_failed";

    private const int TermMonths = 12;
    private const int DaysUntilUnpaidEnds = 30;
    private static readonly int[] RetryDays = [3, 7, 14, 21];

    private readonly List<Happening> _happenings = [];
    private SplitMix64 _random;
    private Profile _profile;
    private int _subscriptions;
    private int _invoices;

    /// <summary>The customer's number, from 1.</summary>
    public int Number { get; private set; }

    public Profile Profile => _profile;

    /// <summary>In order of time, all inside the horizon; the first is the profile.</summary>
    public ReadOnlySpan<Happening> Happenings => CollectionsMarshal.AsSpan(_happenings);

    public void Live(int number)
    {
        Number = number;
        _happenings.Clear();
        _subscriptions = 0;
        _invoices = 0;
        _random = SplitMix64.ForCustomer(seed, number);
        _profile = Profile.Draw(ref _random);

        DateTime? start = horizon.DrawSignup(ref _random);
        Add(new Happening(HappeningKind.CustomerProfile, start.Value));
        while (start < horizon.End)
        {
            start = LiveSubscription(start.Value);
        }

        // An add-on is lived after the subscription it stands beside.
        _happenings.Sort(static (a, b) => a.Time == b.Time ? a.Order.CompareTo(b.Order) : a.Time.CompareTo(b.Time));
    }

    /// <summary>Lives one subscription; returns when the customer starts the next one, or null.</summary>
    private DateTime? LiveSubscription(DateTime start)
    {
        var subscription = ++_subscriptions;
        var (terms, offerMonths) = DrawEntry(subscription == 1);
        var anchor = start;
        var month = 0;
        var termStart = 0;
        var paidMonths = 0;
        DateTime? addOn = null;
        Happening end;
        Add(Of(HappeningKind.SubscriptionStarted, start));

        // One turn is one month of the subscription, counted from the anchor so that a 31st stays a 31st.
        for (; ; month++)
        {
            var from = anchor.AddMonths(month);
            var to = anchor.AddMonths(month + 1);
            if (from >= horizon.End)
            {
                LiveAddOn(addOn, null);
                return null;
            }

            if (terms.PercentOff > 0 && month == offerMonths)
            {
                terms = terms with { PercentOff = 0 };
                Add(Of(HappeningKind.SubscriptionChanged, from));
            }

            var roll = (int)_random.Below(1_000_000);
            if (terms.Plan == Plan.Free)
            {
                if (Takes(ref roll, Hazards.FreeConverts(month)))
                {
                    // Billing starts where paying does.
                    anchor = Within(from, to);
                    terms = Terms.Draw(ref _random, _profile.Size);
                    (month, termStart, paidMonths) = (-1, 0, 0);
                    Add(Of(HappeningKind.SubscriptionChanged, anchor));
                }
                else if (Takes(ref roll, Hazards.FreeIsGivenUp))
                {
                    end = Of(HappeningKind.SubscriptionEnded, Within(from, to)) with { Code = "unused" };
                    break;
                }

                continue;
            }

            var monthOfTerm = (month - termStart) % TermMonths;
            if (terms.AmountCents > 0 && (!terms.Annual || monthOfTerm == 0))
            {
                var invoice = Of(HappeningKind.PaymentSucceeded, from) with { Invoice = ++_invoices };
                if (paidMonths == 0 || !_random.Chance(Hazards.Fails(_profile)))
                {
                    Add(invoice);
                }
                else if (!LiveFailedCharge(invoice))
                {
                    end = Of(HappeningKind.SubscriptionEnded, from.AddDays(DaysUntilUnpaidEnds)) with { Code = PaymentFailed };
                    break;
                }
                else
                {
                    // Who is late with a payment decides nothing else that month.
                    paidMonths++;
                    continue;
                }
            }

            var lastMonthOfTerm = !terms.Annual || monthOfTerm == TermMonths - 1;
            if (Takes(ref roll, Hazards.Leaves(_profile, terms, paidMonths, from.Month, lastMonthOfTerm)))
            {
                end = Of(HappeningKind.SubscriptionEnded, to) with { Code = Hazards.DrawReason(ref _random) };
                Add(end with { Kind = HappeningKind.CancellationScheduled, Time = Within(from, to), RelatedTime = to });
                break;
            }

            if (!lastMonthOfTerm && Takes(ref roll, Hazards.YearEndsEarly))
            {
                end = Of(HappeningKind.SubscriptionEnded, Within(from, to)) with { Code = Hazards.DrawReason(ref _random) };
                break;
            }

            if (terms.AmountCents == 0)
            {
                // The free months of an offer: there is no price yet that could change.
                continue;
            }

            paidMonths++;
            if (lastMonthOfTerm && Takes(ref roll, terms.Annual ? Hazards.YearToMonth : Hazards.MonthToYear))
            {
                terms = new Terms(terms.Plan, !terms.Annual, terms.Seats);
                termStart = month + 1;
                Add(Of(HappeningKind.SubscriptionChanged, to));
            }
            else if (!terms.Annual && terms.PercentOff == 0 && Takes(ref roll, Hazards.Pause))
            {
                // The month that is paid is used up first.
                Add(Of(HappeningKind.SubscriptionPaused, to));
                var months = _random.Between(1, 3);
                month += months;
                var resumes = anchor.AddMonths(month + 1);
                if (_random.Chance(Hazards.PauseEndsInLeaving))
                {
                    end = Of(HappeningKind.SubscriptionEnded, resumes) with { Code = "unused" };
                    break;
                }

                Add(Of(HappeningKind.SubscriptionResumed, resumes));
            }
            else if (Changes(ref roll, terms) is { } changed)
            {
                terms = changed;
                Add(Of(HappeningKind.SubscriptionChanged, Within(from, to)));
            }
            else if (addOn is null && Takes(ref roll, Hazards.AddOn))
            {
                addOn = Within(from, to);
            }
        }

        Add(end);
        LiveAddOn(addOn, end);
        var returns = end.Code == PaymentFailed ? Hazards.ReturnsAfterFailedPayment : Hazards.ReturnsAfterLeaving;
        return _random.Chance(returns) ? Within(end.Time.AddDays(3), end.Time.AddDays(240)) : null;

        Happening Of(HappeningKind kind, DateTime time) => new(kind, time) { Subscription = subscription, Terms = terms };
    }

    /// <summary>The terms a subscription starts with, and for how many months an offer takes something off.</summary>
    private (Terms Terms, int OfferMonths) DrawEntry(bool first)
    {
        if (first && _random.Chance(Hazards.StartsFree))
        {
            return (new Terms(Plan.Free, Annual: false, Seats: 1), 0);
        }

        var terms = Terms.Draw(ref _random, _profile.Size);
        if (!first || terms.Annual)
        {
            // Ten months' price for a year is an annual customer's offer.
            return (terms, 0);
        }

        return _profile.Offer switch
        {
            Offer.Discount => (terms with { PercentOff = 30 }, 3),
            Offer.FreeMonths => (terms with { PercentOff = 100 }, 2),
            _ => (terms, 0),
        };
    }

    /// <summary>A charge that fails and is tried again; true when a later attempt succeeds.</summary>
    private bool LiveFailedCharge(Happening invoice)
    {
        var due = invoice.Time;
        var (code, recovers) = Hazards.DrawDecline(ref _random);
        var failed = invoice with { Kind = HappeningKind.PaymentFailed, Code = code };
        Add(failed);
        Add(invoice with { Kind = HappeningKind.InvoicePastDue, Time = due.AddDays(1), RelatedTime = due });
        var attempts = _random.Chance(recovers) ? _random.Pick([40, 30, 20, 10]) : RetryDays.Length;
        foreach (var days in RetryDays.AsSpan(0, attempts))
        {
            Add(failed with { Time = due.AddDays(days) });
        }

        if (attempts == RetryDays.Length)
        {
            return false;
        }

        Add(invoice with { Time = due.AddDays(RetryDays[attempts]) });
        return true;
    }

    /// <summary>The terms after a change of plan or seats, or null when nothing changes.</summary>
    private Terms? Changes(ref int roll, Terms terms)
    {
        if (terms.Plan < Plan.Enterprise && Takes(ref roll, Hazards.Upgrade))
        {
            return terms with { Plan = terms.Plan + 1 };
        }

        if (terms.Plan > Plan.Starter && Takes(ref roll, Hazards.Downgrade))
        {
            return terms with { Plan = terms.Plan - 1 };
        }

        if (!terms.Annual && Takes(ref roll, Hazards.DowngradeToFree))
        {
            return new Terms(Plan.Free, Annual: false, Seats: 1);
        }

        if (Takes(ref roll, Hazards.MoreSeats))
        {
            return terms with { Seats = terms.Seats + _random.Between(1, Math.Max(1, terms.Seats / 4)) };
        }

        if (terms.Seats > 1 && Takes(ref roll, Hazards.FewerSeats))
        {
            return terms with { Seats = terms.Seats - _random.Between(1, Math.Max(1, terms.Seats / 5)) };
        }

        return null;
    }

    /// <summary>An add-on is billed by the month and ends, at the latest, with the subscription beside it.</summary>
    private void LiveAddOn(DateTime? start, Happening? beside)
    {
        if (start is not { } anchor)
        {
            return;
        }

        var subscription = ++_subscriptions;
        var terms = new Terms(Plan.Analytics, Annual: false, Seats: 1);
        var last = beside?.Time ?? horizon.End;
        Add(Of(HappeningKind.SubscriptionStarted, anchor));
        for (var month = 0; anchor.AddMonths(month) < last; month++)
        {
            var from = anchor.AddMonths(month);
            var to = anchor.AddMonths(month + 1);
            Add(Of(HappeningKind.PaymentSucceeded, from) with { Invoice = ++_invoices });
            if (to < last && _random.Chance(Hazards.AddOnIsGivenUp))
            {
                var end = Of(HappeningKind.SubscriptionEnded, to) with { Code = Hazards.DrawReason(ref _random) };
                Add(end with { Kind = HappeningKind.CancellationScheduled, Time = Within(from, to), RelatedTime = to });
                Add(end);
                return;
            }
        }

        if (beside is { } ended)
        {
            Add(Of(HappeningKind.SubscriptionEnded, last) with { Code = ended.Code });
        }

        Happening Of(HappeningKind kind, DateTime time) => new(kind, time) { Subscription = subscription, Terms = terms };
    }

    /// <summary>An instant strictly between two others, so that it meets nothing that happens at either.</summary>
    private DateTime Within(DateTime from, DateTime to)
    {
        var seconds = (to - from).Ticks / TimeSpan.TicksPerSecond;
        return from.AddTicks((1 + _random.Below(seconds - 1)) * TimeSpan.TicksPerSecond);
    }

    /// <summary>Compares one roll with one risk after another, so that at most one of them comes true in a month.</summary>
    private static bool Takes(ref int roll, int perMillion)
    {
        var taken = roll < perMillion;
        roll -= perMillion;
        return taken;
    }

    private void Add(Happening happening)
    {
        if (happening.Time < horizon.End)
        {
            _happenings.Add(happening with { Order = _happenings.Count });
        }
    }
}
