using System.Globalization;

namespace Churn.Metrics.Domain.Signals;

/// <summary>Reads off the facts that count what is counted in days, and while it is.</summary>
/// <remarks>
/// A subscription runs as <see cref="Terms"/> say, with one difference: an invoice goes on being past due when the policy has recognised the
/// churn, until it is paid, or the subscription is ended by a fact or as was scheduled, or starts anew.
/// </remarks>
internal static class Stretches
{
    private const string RenewalDate = "renewal_date";

    private const string PaymentMethod = "payment_method_updated";

    private static readonly DateOnly Latest = new(9999, 1, 1);

    /// <summary>Names what can be absent, beside usage.</summary>
    private static readonly string[] Missed = ["touch_logged", "feedback", "outcome_delivered"];

    /// <summary>Tells whether facts of a name bear on what time brings about, beside those that bear on terms and attributes.</summary>
    public static bool IsCounted(string name) => IsMissed(name) || name == PaymentMethod;

    /// <summary>Gives the stretches of facts that count, in the order in which they do.</summary>
    public static List<Stretch> Of(List<Fact> counting, Policy policy)
    {
        var stretches = new List<Stretch>();
        Dictionary<string, long>? paid = null;
        Dictionary<string, Life>? lives = null;
        Dictionary<string, long>? last = null;
        var renewal = ("", 0L);
        var method = ("", 0L);
        foreach (var fact in counting)
        {
            if (fact is { Kind: FactKind.PaymentSucceeded, Invoice: { Length: > 0 } invoice })
            {
                (paid ??= new(StringComparer.Ordinal)).TryAdd(invoice, fact.Instant);
            }
        }

        foreach (var fact in counting)
        {
            switch (fact.Kind)
            {
                case FactKind.CustomerProfile when fact.Attributes is { } said && said.TryGetValue(RenewalDate, out var date):
                    Renew(date, fact.Instant);
                    break;
                case FactKind.CustomerErased:
                    Renew("", fact.Instant);
                    Expire("", fact.Instant);
                    break;
                case FactKind.Other when fact.Name == PaymentMethod:
                    Expire(fact.ExpiryMonth, fact.Instant);
                    break;
                case FactKind.Other when IsMissed(fact.Name):
                    Miss(fact.Name, fact.Instant);
                    break;
                default:
                    if (fact.Subscription is { } id)
                    {
                        lives ??= new(StringComparer.Ordinal);
                        if (!lives.TryGetValue(id, out var life))
                        {
                            lives.Add(id, life = new Life(id, policy, paid, stretches));
                        }

                        life.Apply(fact);
                    }

                    break;
            }
        }

        foreach (var life in lives?.Values.AsEnumerable() ?? [])
        {
            life.Finish();
        }

        Renew("", Calendar.Open);
        Expire("", Calendar.Open);
        foreach (var (name, origin) in last ?? [])
        {
            stretches.Add(new Stretch(DeadlineKind.Absence, name, origin, origin, Calendar.Open));
        }

        return stretches;

        void Renew(string date, long instant)
        {
            if (date == renewal.Item1)
            {
                return;
            }

            if (DateOnly.TryParseExact(renewal.Item1, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day))
            {
                stretches.Add(new Stretch(
                    DeadlineKind.Renewal, renewal.Item1, Calendar.DayOf(day.Year, day.Month, day.Day) * Calendar.Day, renewal.Item2, instant));
            }

            renewal = (date, instant);
        }

        void Expire(string month, long instant)
        {
            if (month == method.Item1)
            {
                return;
            }

            if (DateOnly.TryParseExact(method.Item1, "yyyy-MM", CultureInfo.InvariantCulture, DateTimeStyles.None, out var last) && last < Latest)
            {
                var after = last.AddMonths(1);
                stretches.Add(new Stretch(
                    DeadlineKind.PaymentMethodExpiry, method.Item1, Calendar.DayOf(after.Year, after.Month, 1) * Calendar.Day, method.Item2, instant));
            }

            method = (month, instant);
        }

        void Miss(string name, long instant)
        {
            last ??= new(StringComparer.Ordinal);
            if (last.TryGetValue(name, out var before) && instant > before)
            {
                stretches.Add(new Stretch(DeadlineKind.Absence, name, before, before, instant));
            }

            last[name] = instant;
        }
    }

    private static bool IsMissed(string name) => Array.IndexOf(Missed, name) >= 0;

    /// <summary>Gives the stretches without use between days of use, and after the last.</summary>
    /// <param name="days">The days of use, in order.</param>
    public static List<Stretch> Of(IReadOnlyCollection<UsageDay> days)
    {
        var stretches = new List<Stretch>(days.Count);
        UsageDay? before = null;
        foreach (var day in days)
        {
            if (before is { } use)
            {
                stretches.Add(new Stretch(DeadlineKind.Absence, Signal.Usage, use.Last, use.Last, day.First));
            }

            before = day;
        }

        if (before is { } last)
        {
            stretches.Add(new Stretch(DeadlineKind.Absence, Signal.Usage, last.Last, last.Last, Calendar.Open));
        }

        return stretches;
    }

    private sealed class Life(string id, Policy policy, Dictionary<string, long>? paid, List<Stretch> stretches)
    {
        private readonly List<(string Invoice, long Due)> _unpaid = [];
        private HashSet<string>? _seen;
        private bool _runs;
        private long _scheduledAt;
        private long _scheduledEnd = Calendar.Open;
        private string _reason = "";
        private long _clockEnd = Calendar.Open;

        // The end that was scheduled when the clock ran out before it.
        private long _overtaken = Calendar.Open;

        public void Apply(Fact fact)
        {
            EndUntil(fact.Instant);
            switch (fact.Kind)
            {
                case FactKind.SubscriptionStarted when !_runs:
                    CloseInvoices(fact.Instant);
                    (_runs, _clockEnd, _overtaken) = (true, Calendar.Open, Calendar.Open);
                    break;
                case FactKind.SubscriptionEnded:
                    CloseSchedule(fact.Instant);
                    CloseInvoices(fact.Instant);
                    (_runs, _overtaken) = (false, Calendar.Open);
                    break;
                case FactKind.CancellationScheduled when _runs:
                    CloseSchedule(fact.Instant);
                    (_scheduledAt, _scheduledEnd, _reason) = (fact.Instant, Math.Max(fact.Instant, fact.EffectiveTime ?? fact.Instant), fact.Reason);
                    break;
                case FactKind.CancellationRevoked when _runs:
                    CloseSchedule(fact.Instant);
                    break;
                case FactKind.InvoicePastDue when _runs && fact.Invoice is { } invoice:
                    if (paid?.ContainsKey(invoice) != true)
                    {
                        _clockEnd = Math.Min(_clockEnd, fact.Instant + (policy.PastDueDays * Calendar.Day));
                    }

                    // An invoice is past due since it first was.
                    if ((_seen ??= new(StringComparer.Ordinal)).Add(invoice))
                    {
                        _unpaid.Add((invoice, fact.Instant));
                    }

                    break;
            }
        }

        public void Finish()
        {
            EndUntil(Calendar.Open - 1);
            CloseInvoices(Calendar.Open);
        }

        private void EndUntil(long instant)
        {
            if (_runs && _clockEnd <= instant && _clockEnd < _scheduledEnd)
            {
                (_runs, _overtaken) = (false, _scheduledEnd);
                CloseSchedule(_clockEnd);
            }

            if (_runs && _scheduledEnd <= instant)
            {
                var end = _scheduledEnd;
                CloseSchedule(end + 1);
                CloseInvoices(end);
                _runs = false;
            }

            if (_overtaken <= instant)
            {
                CloseInvoices(_overtaken);
                _overtaken = Calendar.Open;
            }
        }

        private void CloseSchedule(long until)
        {
            if (_scheduledEnd != Calendar.Open)
            {
                stretches.Add(new Stretch(DeadlineKind.ScheduledEnd, id, _scheduledEnd, _scheduledAt, until, Reason: _reason));
                _scheduledEnd = Calendar.Open;
            }
        }

        private void CloseInvoices(long until)
        {
            foreach (var (invoice, due) in _unpaid)
            {
                var end = paid is not null && paid.TryGetValue(invoice, out var at) ? Math.Min(at, until) : until;
                if (due < end)
                {
                    stretches.Add(new Stretch(DeadlineKind.PastDue, invoice, due, due, end, Subscription: id));
                }
            }

            _unpaid.Clear();
        }
    }
}
