using Churn.Metrics.Domain;
using FsCheck;
using FsCheck.Fluent;

namespace Churn.Metrics.Tests;

public class FactLaws
{
    private const int Cases = 1_000;

    private static readonly Arbitrary<(IReadOnlyList<Fact> Facts, int Seed)> Customers = Arb.From(
        from size in Gen.Choose(3, 8)
        from instants in Generators.Instant(Calendar.MonthOf(2023, 1), Calendar.MonthOf(2023, 8)).ListOf(size)
        from count in Gen.Choose(0, 14)
        from facts in FactAmong([.. instants]).ListOf(count)
        from seed in Gen.Choose(0, int.MaxValue)
        select ((IReadOnlyList<Fact>)[.. facts.Select((f, i) => f with { EventId = $"e{i}" })], seed),
        s => Enumerable.Range(0, s.Item1.Count).Select(i => ((IReadOnlyList<Fact>)[.. s.Item1.Where((_, j) => j != i)], s.Item2)));

    [Fact]
    public void Law_Order_ChangesNothing() => Holds((facts, seed) => AssertSame(facts, Law.Shuffled(facts, seed)));

    [Fact]
    public void Law_Duplication_ChangesNothing() => Holds((facts, seed) =>
        AssertSame(facts, Law.Shuffled(facts.Concat(facts.Where((_, i) => ((seed >> i) & 1) == 1).Select(f => f with { })), seed)));

    [Fact]
    public void Law_SameIdentityOtherContent_IsRefused() => Holds((facts, seed) =>
    {
        if (facts.Count > 0)
        {
            var original = facts[seed % facts.Count];
            var other = original with { OccurTime = original.OccurTime + 1 };
            var refusal = Assert.Throws<ArgumentException>(() => Terms.Of([.. Law.Shuffled(facts.Append(other), seed)], Policy.Standard));
            Assert.Contains(original.ToString(), refusal.Message, StringComparison.Ordinal);
            Assert.Contains(other.ToString(), refusal.Message, StringComparison.Ordinal);
        }
    });

    [Fact]
    public void Law_Retraction_EqualsAbsence() => Holds((facts, seed) =>
    {
        // A correction that is absent would leave its predecessor standing; one that is retracted does not.
        var targets = facts.Where(f => f.Retracts is null).ToList();
        if (targets.Count > 0)
        {
            var target = targets[seed % targets.Count];
            AssertSame([.. facts.Where(f => f != target)], Law.Shuffled(facts.Append(RetractionOf(target, target.OccurTime - seed)), seed));
        }
    });

    [Fact]
    public void Law_Retraction_CannotBeRetracted() => Holds((facts, seed) =>
    {
        if (facts.Count > 0)
        {
            var retraction = RetractionOf(facts[seed % facts.Count], 0);
            var ofRetraction = RetractionOf(retraction, 1);
            AssertSame([.. facts, retraction], Law.Shuffled([.. facts, retraction, ofRetraction], seed));
        }
    });

    [Fact]
    public void Law_Retraction_OfWhatNobodySaid_ChangesNothing() => Holds((facts, seed) =>
        AssertSame(facts, Law.Shuffled(facts.Append(RetractionOf(NewFact(FactKind.SubscriptionEnded, 0) with { EventId = "unknown" }, 0)), seed)));

    [Fact]
    public void Law_Subscriptions_AreIndependent() => Holds((facts, _) =>
    {
        // But for payments, which need not say what they pay for.
        IEnumerable<Term> Of(string id) => Terms.Of(
            [.. facts.Where(f => f.Subscription == id || f.Kind is FactKind.PaymentSucceeded or FactKind.Retraction || f.Retracts is not null).Select(f =>
                f.Subscription == id ? f : f with { Subscription = null })],
            Policy.Standard);
        Assert.Equal(Terms.Of([.. facts], Policy.Standard), Of("a").Concat(Of("b")));
    });

    [Fact]
    public void Law_TermsOfOneSubscription_AreDisjointAndInOrder() => Holds((facts, _) =>
    {
        var terms = Terms.Of([.. facts.Select(f => f with { Subscription = "a" })], Policy.Standard);
        Assert.All(terms, t => Assert.True(t.Start < t.End));
        Assert.All(terms.Zip(terms.Skip(1)), pair => Assert.True(pair.First.End <= pair.Second.Start));
        Assert.All(terms, t => Assert.False(t.Completes && t.End == Calendar.Open));
    });

    [Fact]
    public void Law_NeverStarted_CountsForNothing() => Holds((facts, seed) =>
        AssertSame(facts, Law.Shuffled(
            [
                .. facts,
                .. facts.Where(f => f.Kind is not (FactKind.SubscriptionStarted or FactKind.PaymentSucceeded)).Select(f =>
                    f with { EventId = $"{f.EventId}/c", Subscription = "c", Retracts = null }),
            ],
            seed)));

    [Fact]
    public void Law_EveryInvoicePaid_EqualsNoneEverPastDue() => Holds((facts, seed) =>
    {
        var late = new[] { "i0", "i1", "i2" }.Select(i => NewFact(FactKind.PaymentSucceeded, seed * 1_000_000_000L) with { EventId = $"pay {i}", Invoice = i });
        Assert.Equal(
            Timeline.Build([.. facts.Select(f => f.Kind == FactKind.InvoicePastDue ? f with { Kind = FactKind.PaymentSucceeded } : f)], Policy.Standard),
            Timeline.Build([.. facts, .. late], Policy.Standard));
    });

    [Fact]
    public void Law_WhatHappens_ChangesNothingBefore() => Holds((facts, seed) =>
    {
        if (facts.Count == 0)
        {
            return;
        }

        // A payment, an invoice past due and a correction do reach back: that is what they are for.
        var last = facts[seed % facts.Count];
        var kind = (FactKind)((int)FactKind.SubscriptionStarted + (seed % 6));
        var added = last with { EventId = "new", Kind = kind, OccurTime = last.OccurTime, Retracts = null };
        var (before, after) = (Terms.Of([.. facts], Policy.Standard), Terms.Of([.. facts, added], Policy.Standard));
        foreach (var instant in before.Concat(after).SelectMany(t => new[] { t.Start, t.End - 1 }).Where(t => t < added.Instant))
        {
            Assert.Equal(new NaiveLedger.Customer(before).MrrAt(instant), new NaiveLedger.Customer(after).MrrAt(instant));
            Assert.Equal(new NaiveLedger.Customer(before).PausedAt(instant), new NaiveLedger.Customer(after).PausedAt(instant));
        }
    });

    [Fact]
    public void Law_Shift_OfAllTimes_ShiftsAllTerms() => Holds((facts, seed) =>
    {
        long Shifted(long at) => at == Calendar.Open ? at : at + seed;
        var shifted = facts.Select(f => f with { OccurTime = Shifted(f.OccurTime), EffectiveTime = f.EffectiveTime is { } at ? Shifted(at) : null });
        Assert.Equal(
            Terms.Of([.. facts], Policy.Standard).Select(t => t with { Start = Shifted(t.Start), End = Shifted(t.End) }),
            Terms.Of([.. shifted], Policy.Standard));
    });

    private static void Holds(Action<IReadOnlyList<Fact>, int> check) => Law.Holds(Customers, s => check(s.Facts, s.Seed), Cases);

    private static void AssertSame(IReadOnlyList<Fact> expected, IReadOnlyList<Fact> actual) =>
        Assert.Equal(Terms.Of([.. expected], Policy.Standard), Terms.Of([.. actual], Policy.Standard));

    private static Fact RetractionOf(Fact target, long at) =>
        NewFact(FactKind.Retraction, at) with { EventId = $"not {target.EventId}", Source = target.Source, Retracts = target.EventId };

    private static Fact NewFact(FactKind kind, long at) => new() { Source = "s", EventId = "new", OccurTime = at, Kind = kind };

    private static Gen<Fact> FactAmong(long[] instants) =>
        from kind in Gen.Frequency(
            (6, Gen.Constant(FactKind.SubscriptionStarted)), (3, Gen.Constant(FactKind.InvoicePastDue)),
            (10, Gen.Elements(Enum.GetValues<FactKind>())))
        from at in Generators.OneOf(instants)
        from sequence in Gen.Elements(0L, 0L, 0L, 1L, 2L)
        from source in Gen.Elements("s", "s", "t")
        from subscription in Gen.Elements("a", "a", "b")
        from mrr in Gen.Elements(0L, 10L, 20L, 30L)
        from plan in Gen.Choose(0, 2)
        from trial in Gen.Elements(false, false, true)
        from effective in Gen.Frequency((1, Gen.Constant((long?)null)), (2, Generators.OneOf(instants).Select(i => (long?)i)))
        from completes in Gen.Elements(false, false, true)
        from invoice in Gen.Elements("i0", "i1", "i2")
        from retracts in Gen.Frequency((8, Gen.Constant((string?)null)), (1, Gen.Choose(0, 13).Select(i => (string?)$"e{i}")))
        select new Fact
        {
            Source = source,
            EventId = "",
            Sequence = sequence,
            OccurTime = at,
            Kind = kind,
            Subscription = subscription,
            Plan = plan,
            Mrr = mrr,
            Trial = trial,
            EffectiveTime = effective,
            Completes = completes,
            Invoice = invoice,
            Retracts = retracts,
        };
}
