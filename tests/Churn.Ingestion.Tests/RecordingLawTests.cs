using Churn.Ingestion.V1;
using FsCheck;
using FsCheck.Fluent;

namespace Churn.Ingestion.Tests;

public sealed class RecordingLawTests
{
    // Facts of few customers, sources and ids of awkward shapes, so that many batches hold the same, and some retract others.
    private static readonly Gen<Fact> AnyFact =
        from kind in Gen.Elements(Sample.Kinds.ToArray())
        from id in Gen.Elements("a", "b", "ab", "a\u00E9", "A", "\u5BA2", "x:1", "0").SelectMany(start => Gen.Choose(0, 12).Select(end => $"{start}{end}"))
        from source in Gen.Elements("csv", "stripe")
        from retracts in Gen.Choose(0, 5)
        select Make(kind, id, source, retracts == 0);

    private static readonly Gen<Delivery> Deliveries =
        from facts in AnyFact.ListOf(60)
        from sizes in Gen.Choose(1, 25).ListOf(40)
        from seed in Gen.Choose(0, int.MaxValue)
        from callers in Gen.Choose(1, 4)
        select new Delivery([.. facts.DistinctBy(fact => (fact.Source, fact.EventId))], [.. sizes], seed, callers);

    [Fact]
    public async Task Law_AnyBatchingDoublingAndOrder_RecordsEachFactOnceWithoutHoles()
    {
        await using var server = await IngestionServer.StartAsync();
        var recorded = 0;
        var round = 0;
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(40).WithQuietOnSuccess(true), Prop.ForAll(Arb.From(Deliveries), delivery =>
        {
            // Each case has sources of its own in the one log.
            var prefix = $"r{round++}:";
            var facts = delivery.Facts.Select(fact =>
            {
                var own = fact.Clone();
                own.Source = prefix + own.Source;
                return own;
            }).ToList();
            var verdicts = DeliverAsync(server, delivery, facts).GetAwaiter().GetResult();
            Assert.Equal(facts.Count, verdicts.Count(verdict => verdict == Verdict.Recorded));
            Assert.DoesNotContain(Verdict.Rejected, verdicts);
            recorded += facts.Count;
            var listed = server.ListAsync().GetAwaiter().GetResult().Where(fact => fact.Source.StartsWith(prefix, StringComparison.Ordinal)).ToList();
            Assert.Equal(facts.OrderBy(Key, StringComparer.Ordinal), listed.Select(WithoutRecordTime).OrderBy(Key, StringComparer.Ordinal));
            foreach (var fact in facts)
            {
                var found = server.Client.GetFact(new GetFactRequest { Source = fact.Source, EventId = fact.EventId }).Fact;
                Assert.Equal(fact, WithoutRecordTime(found));
            }
        }));
        DurabilityTests.AssertWhole(server, recorded);
    }

    [Fact]
    public async Task Law_ConcurrentCallersWithOtherContents_LeaveOneFactForEachIdentity()
    {
        await using var server = await IngestionServer.StartAsync();
        var responses = await Task.WhenAll(Enumerable.Range(0, 8).Select(caller => Task.Run(() =>
            server.RecordAsync(Enumerable.Range(0, 500).Select(i => Sample.Started($"race_{(i * 7 + caller * 31) % 500}", $"cus_{i % 3}", caller % 2))))));
        Assert.Equal(500, responses.Sum(response => response.Verdicts.Count(verdict => verdict == Verdict.Recorded)));
        Assert.All(responses.SelectMany(response => response.Rejects), reject => Assert.Equal("IDENTITY_CONFLICT", reject.Reason));
        DurabilityTests.AssertWhole(server, 500);
    }

    private static async Task<List<Verdict>> DeliverAsync(IngestionServer server, Delivery delivery, List<Fact> facts)
    {
        // Every fact twice, in an order of its own, cut into batches, spread over the callers.
        var all = Shuffled(facts.Concat(facts), delivery.Seed);
        var batches = new List<List<Fact>>();
        for (var at = 0; at < all.Count;)
        {
            var size = Math.Min(delivery.Sizes[batches.Count % delivery.Sizes.Count], all.Count - at);
            batches.Add(all.GetRange(at, size));
            at += size;
        }

        var responses = await Task.WhenAll(Enumerable.Range(0, delivery.Callers).Select(async caller =>
        {
            var verdicts = new List<Verdict>();
            foreach (var batch in batches.Where((_, i) => i % delivery.Callers == caller))
            {
                verdicts.AddRange((await server.RecordAsync(batch)).Verdicts);
            }

            return verdicts;
        }));
        return [.. responses.SelectMany(verdicts => verdicts)];
    }

    // Whatever retracts names the same, which nobody else is and is of the same customer: in any order nothing is to be refused.
    private static Fact Make(string kind, string eventId, string source, bool retracts)
    {
        var fact = Sample.Of(kind, eventId, "cus_" + (eventId.Length % 2 == 0 ? "x" : "y"));
        fact.Source = source;
        fact.Retracts = kind == "retraction" || retracts ? "target" + (eventId.Length % 2) : "";
        return fact;
    }

    private static List<Fact> Shuffled(IEnumerable<Fact> facts, int seed)
    {
        var list = facts.ToList();
        var state = (ulong)(uint)seed;
        for (var i = list.Count - 1; i > 0; i--)
        {
            state = unchecked((state * 6_364_136_223_846_793_005) + 1_442_695_040_888_963_407);
            var j = (int)((state >> 33) % (ulong)(i + 1));
            (list[i], list[j]) = (list[j], list[i]);
        }

        return list;
    }

    private static string Key(Fact fact) => fact.Source + " " + fact.EventId;

    private static Fact WithoutRecordTime(Fact fact)
    {
        fact.RecordTime = null;
        return fact;
    }

    private sealed record Delivery(IReadOnlyList<Fact> Facts, IReadOnlyList<int> Sizes, int Seed, int Callers);
}
