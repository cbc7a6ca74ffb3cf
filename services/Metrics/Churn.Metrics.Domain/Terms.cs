namespace Churn.Metrics.Domain;

/// <summary>Turns the facts of one customer into the terms of its subscriptions, under a policy.</summary>
/// <remarks>
/// It is a function of the <em>set</em> of facts: neither arrival nor repetition matters, and what is retracted was never said.
/// <list type="bullet">
/// <item>A subscription runs from its start. What is said of it before, or after its end, is ignored until it starts (again): a change
/// that comes late is a source tidying up far more often than a return that nobody stated. A start while it runs states its
/// terms anew.</item>
/// <item>It ends at the earliest of: an end's occur time; the effective time of the last cancellation scheduled and not revoked before
/// then (the occur time, if later: what is scheduled is never in the past); and the policy's days after a payment fell due,
/// unless that invoice is paid. Of what happens at one instant, a scheduled end and a clock that runs out come first.</item>
/// <item>An invoice that is paid has no clock, however late: the churn it led to is undone and the subscription has run all along, past
/// due until the payment. Every invoice has its own clock, and one from before a start does not end what starts.</item>
/// <item>While paused, its price is paused MRR: pausing wins over past due. A trial and a free plan have none to pause.</item>
/// </list>
/// Worked, under <see cref="Policy.Standard"/>: 50.00 a month from 1 January, payment due on 1 March and never made, is one term of
/// 50.00 to 1 March and one past due to 31 March; once it is paid on 20 April the second one ends there and a third runs on.
/// </remarks>
public static class Terms
{
    /// <summary>Gives the terms by subscription id, then time; those of one subscription do not overlap, and what says nothing new splits none.</summary>
    /// <param name="facts">The customer's facts, in any order; the same fact again counts once.</param>
    /// <param name="policy">The choices.</param>
    /// <exception cref="ArgumentException">Two facts have the same identity and say different things.</exception>
    public static Term[] Of(ReadOnlySpan<Fact> facts, Policy policy) => Of(Facts.ThatCount(facts), policy);

    /// <summary>Gives the terms of facts that count, in the order in which they do.</summary>
    internal static Term[] Of(List<Fact> counting, Policy policy)
    {
        var paid = new Dictionary<string, long>();
        foreach (var fact in counting)
        {
            if (fact is { Kind: FactKind.PaymentSucceeded, Invoice: { } invoice })
            {
                paid.TryAdd(invoice, fact.Instant);
            }
        }

        var subscriptions = new SortedDictionary<string, Subscription>(StringComparer.Ordinal);
        foreach (var fact in counting)
        {
            if (fact.Subscription is not { } id)
            {
                continue;
            }

            if (!subscriptions.TryGetValue(id, out var subscription))
            {
                subscriptions.Add(id, subscription = new Subscription(policy));
            }

            subscription.Apply(fact, fact.Invoice is { } invoice && paid.TryGetValue(invoice, out var at) ? at : Calendar.Open);
        }

        return [.. subscriptions.Values.SelectMany(s => s.Finish())];
    }

    private sealed class Subscription(Policy policy)
    {
        private readonly List<Term> _terms = [];
        private bool _runs;
        private long _since;
        private int _plan;
        private long _mrr;
        private bool _trial;
        private bool _paused;
        private long _scheduledEnd;
        private bool _completes;
        private long _clockEnd;
        private long _pastDueUntil;

        public void Apply(Fact fact, long paidAt)
        {
            EndUntil(fact.Instant);
            if (fact.Kind == FactKind.SubscriptionStarted && !_runs)
            {
                (_runs, _since) = (true, fact.Instant);
                (_scheduledEnd, _completes, _clockEnd, _pastDueUntil) = (Calendar.Open, false, Calendar.Open, long.MinValue);
            }

            if (!_runs)
            {
                return;
            }

            CloseTerm(fact.Instant);
            switch (fact.Kind)
            {
                case FactKind.SubscriptionStarted or FactKind.SubscriptionResumed:
                    (_plan, _mrr, _trial, _paused) = (fact.Plan, fact.Mrr, fact.Trial, false);
                    break;
                case FactKind.SubscriptionChanged:
                    (_plan, _mrr, _trial) = (fact.Plan, fact.Mrr, fact.Trial);
                    break;
                case FactKind.SubscriptionPaused:
                    _paused = true;
                    break;
                case FactKind.CancellationScheduled:
                    (_scheduledEnd, _completes) = (Math.Max(fact.Instant, fact.EffectiveTime ?? fact.Instant), fact.Completes);
                    break;
                case FactKind.CancellationRevoked:
                    (_scheduledEnd, _completes) = (Calendar.Open, false);
                    break;
                case FactKind.InvoicePastDue:
                    _pastDueUntil = Math.Max(_pastDueUntil, paidAt);
                    if (paidAt == Calendar.Open)
                    {
                        _clockEnd = Math.Min(_clockEnd, fact.Instant + (policy.PastDueDays * Calendar.Day));
                    }

                    break;
                case FactKind.SubscriptionEnded:
                    End(fact.Instant, fact.Completes);
                    break;
            }
        }

        public List<Term> Finish()
        {
            EndUntil(Calendar.Open);
            return _terms;
        }

        private void EndUntil(long instant)
        {
            var end = Math.Min(_scheduledEnd, _clockEnd);
            if (_runs && end <= instant)
            {
                CloseTerm(end);
                End(end, _completes && _scheduledEnd == end);
            }
        }

        private void End(long end, bool completes)
        {
            (_runs, _paused) = (false, false);
            if (completes && _terms.Count > 0 && _terms[^1].End == end)
            {
                _terms[^1] = _terms[^1] with { Completes = end != Calendar.Open };
            }
        }

        // What has run since the last fact, split where a payment came that was past due.
        private void CloseTerm(long until)
        {
            var state = _paused ? TermState.Paused : _trial ? TermState.Trial : TermState.Active;
            if (state == TermState.Active && _pastDueUntil > _since)
            {
                Add(Math.Min(_pastDueUntil, until), TermState.PastDue);
            }

            Add(until, state);
        }

        private void Add(long until, TermState state)
        {
            if (_since >= until)
            {
                return;
            }

            var term = new Term(_since, until, _trial && _paused ? 0 : _mrr, _plan, state);
            _since = until;
            if (_terms.Count > 0 && _terms[^1] is var last && last with { Start = term.Start, End = term.End } == term && last.End == term.Start)
            {
                _terms[^1] = term with { Start = last.Start };
            }
            else
            {
                _terms.Add(term);
            }
        }
    }
}
