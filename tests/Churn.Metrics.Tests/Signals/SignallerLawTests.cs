using Churn.Metrics.Domain;
using Churn.Metrics.Domain.Signals;
using FsCheck;
using FsCheck.Fluent;

namespace Churn.Metrics.Tests.Signals;

public sealed class SignallerLawTests
{
    private const long Start = 20_000 * Calendar.Day;
    private const int Days = 25;

    private static readonly FactKind[] Kinds =
    [
        FactKind.SubscriptionStarted, FactKind.SubscriptionStarted, FactKind.CancellationScheduled, FactKind.CancellationScheduled, FactKind.CancellationRevoked,
        FactKind.InvoicePastDue, FactKind.InvoicePastDue, FactKind.PaymentSucceeded, FactKind.SubscriptionEnded, FactKind.CustomerProfile, FactKind.CustomerErased,
        FactKind.Other, FactKind.Retraction,
    ];

    [Fact]
    public void Law_FactsInAnyOrderWithinAWeek_LeaveWhatTimeBringsAboutByAllOfThem() => Law.Holds(Arb.From(Lives), life =>
    {
        var signaller = New(Start - Calendar.Day);
        var raised = new List<Signal>();
        foreach (var arrival in life.Arrivals)
        {
            Arrive(signaller, arrival, raised);
        }

        const long end = Start + (400 * Calendar.Day);
        signaller.Pass(end, raised);
        Assert.Equal(Asserted(WhatTimeBrings(life, end)), Asserted(raised.Where(s => s.Deadline is not null)));
        Assert.Equal(
            raised.Where(s => s.Deadline is not null).Select(s => s.KnownTime),
            raised.Where(s => s.Deadline is not null).Select(s => s.KnownTime).Order());
    });

    [Fact]
    public void Law_FactsInAnyOrderWithinAWeek_LeaveASignalOfEachThatCounts() => Law.Holds(Arb.From(Lives), life =>
    {
        var signaller = New(Start - Calendar.Day);
        var raised = new List<Signal>();
        foreach (var arrival in life.Arrivals)
        {
            Arrive(signaller, arrival, raised);
        }

        var retracted = life.Facts.Where(f => f.Retracts is not null).Select(f => f.Retracts).ToHashSet();
        var counting = life.Facts.Where(f => f.Kind != FactKind.Retraction && !retracted.Contains(f.EventId)).Select(f => $"fact:s:{f.EventId}").Order(StringComparer.Ordinal);
        var left = Asserted(raised.Where(s => s.Fact is { Kind: not FactKind.Retraction } fact && fact.Name != Signal.Usage));
        Assert.Equal(counting, left);
    });

    [Fact]
    public void Law_TimeThatPassesInSteps_BringsAboutTheSame() => Law.Holds(Arb.From(Lives), life =>
    {
        const long end = Start + (120 * Calendar.Day);
        var steps = Known(life, Start - Calendar.Day);
        var raised = new List<Signal>();
        for (var at = Start - Calendar.Day; at < end;)
        {
            // The next thing is due when it is said to be, and nothing before it.
            var next = Math.Min(steps.NextOfFacts(at) ?? end, steps.NextOfUsage(at) ?? end);
            steps.Pass(Math.Min(next - 1, end), raised);
            var before = raised.Count;
            steps.Pass(at = Math.Min(next, end), raised);
            Assert.True(next >= end || raised.Count > before);
        }

        var once = WhatTimeBrings(life, end);
        Assert.Equal(once.Select(s => (s.Id, s.Time, s.Changes.Count)), raised.Select(s => (s.Id, s.Time, s.Changes.Count)));
    });

    private static Signaller New(long passed) => new(Policy.Standard, plan => plan, passed);

    private static Signaller Known(Life life, long passed)
    {
        var signaller = New(passed);
        foreach (var fact in life.Facts)
        {
            signaller.Know(fact, signalled: true);
        }

        foreach (var at in life.Uses)
        {
            signaller.Know(new UsageDay(Calendar.DayOf(at), at, at));
        }

        return signaller;
    }

    private static List<Signal> WhatTimeBrings(Life life, long end)
    {
        var raised = new List<Signal>();
        Known(life, Start - Calendar.Day).Pass(end, raised);
        return raised;
    }

    private static void Arrive(Signaller signaller, Arrival arrival, List<Signal> raised)
    {
        if (arrival.Fact is { } fact)
        {
            signaller.Arrive(fact, arrival.At, raises: true, raised);
        }
        else
        {
            var use = arrival.Use;
            signaller.Arrive(new UsageDay(Calendar.DayOf(use), use, use), first: null, arrival.At, raises: true, raised);
        }
    }

    // What was said last of each, where it was not that it does not hold. When an invoice fell due may have been corrected meanwhile: then what
    // was said of its days stays said.
    private static List<string> Asserted(IEnumerable<Signal> raised) =>
        [.. raised.GroupBy(s => s.Id, StringComparer.Ordinal).Select(g => g.Last()).Where(s => !s.Retracted).Select(s => s.Id).Order(StringComparer.Ordinal)];

    private static Gen<Life> Lives =>
        from count in Gen.Choose(1, 14)
        from facts in FactGen.ListOf(count)
        from uses in Gen.Choose(0, Days * 24).Select(h => Start + (h * Calendar.Day / 24)).ListOf(5)
        from lags in Gen.Choose(0, 7 * 24).ListOf(count + 5)
        from again in Gen.Choose(0, count - 1)
        select LifeOf([.. facts], [.. uses], [.. lags], again);

    // Few instants, so that many meet.
    private static Gen<Fact> FactGen =>
        from day in Gen.Choose(0, Days)
        from half in Gen.Choose(0, 1)
        from kind in Gen.Elements(Kinds)
        from which in Gen.Choose(0, 1)
        from days in Gen.Elements(-3, 0, 2, 7, 15, 40)
        from sequence in Gen.Choose(0, 2)
        let at = Start + (day * Calendar.Day) + (half * Calendar.Day / 2)
        select new Fact
        {
            Source = "s",
            EventId = "",
            OccurTime = at,
            Sequence = sequence,
            Kind = kind,
            Name = kind == FactKind.Other ? "touch_logged" : kind.ToString(),
            Subscription = kind is > FactKind.ContactLeft and < FactKind.CustomerErased and not (FactKind.PaymentSucceeded or FactKind.Other) ? $"sub{which}" : null,
            Invoice = kind is FactKind.InvoicePastDue or FactKind.PaymentSucceeded ? $"inv{which}" : null,
            EffectiveTime = kind == FactKind.CancellationScheduled ? at + (days * Calendar.Day) : null,
            Mrr = kind == FactKind.SubscriptionStarted ? 10_000_000 : 0,
            Attributes = kind == FactKind.CustomerProfile
                ? new Dictionary<string, string>(StringComparer.Ordinal) { ["renewal_date"] = days == 0 ? "" : $"2024-1{which}-0{Math.Abs(days) % 9 + 1}" }
                : null,
        };

    private static Life LifeOf(Fact[] facts, long[] uses, int[] lags, int again)
    {
        for (var i = 0; i < facts.Length; i++)
        {
            facts[i] = facts[i] with { EventId = $"e{i}" };
            if (facts[i].Kind == FactKind.Retraction)
            {
                // It takes out another one, and is said to have occurred when that did.
                var target = facts.Select((f, place) => (f, place)).FirstOrDefault(t => t.f.Kind != FactKind.Retraction && t.place != i);
                facts[i] = target.f is null
                    ? facts[i] with { Kind = FactKind.Other, Name = "mention" }
                    : facts[i] with { Retracts = $"e{target.place}", OccurTime = target.f.OccurTime };
            }
        }

        var arrivals = facts.Select((f, i) => new Arrival(f.OccurTime + (lags[i] * Calendar.Day / 24), f, 0))
            .Concat(uses.Select((use, i) => new Arrival(use + (lags[facts.Length + i] * Calendar.Day / 24), null, use))).ToList();
        arrivals.Add(arrivals[again] with { At = arrivals[again].At + Calendar.Day });
        return new Life(facts, uses, [.. arrivals.OrderBy(a => a.At)]);
    }

    private sealed record Arrival(long At, Fact? Fact, long Use);

    private sealed record Life(Fact[] Facts, long[] Uses, Arrival[] Arrivals);
}
