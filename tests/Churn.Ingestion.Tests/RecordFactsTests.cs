using Churn.Ingestion.V1;
using Churn.ServiceDefaults.Streams;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;

namespace Churn.Ingestion.Tests;

public sealed class RecordFactsTests(SharedServer shared) : IClassFixture<SharedServer>
{
    private readonly IngestionServer _server = shared.It;

    public static TheoryData<string> Kinds => [.. Sample.Kinds];

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task RecordFacts_EveryKind_IsReadBackAsItWas(string kind)
    {
        var fact = Sample.Of(kind, "kind_" + kind);
        fact.RecordTime = Timestamp.FromDateTimeOffset(Sample.Now.AddYears(-1));
        var response = await _server.RecordAsync(fact);
        Assert.Equal([Verdict.Recorded], response.Verdicts);
        Assert.Empty(response.Rejects);
        var read = (await _server.Client.GetFactAsync(new GetFactRequest { Source = "stripe", EventId = fact.EventId })).Fact;
        Assert.InRange(read.RecordTime.ToDateTimeOffset(), Sample.Now, Sample.Now.AddSeconds(1));
        fact.RecordTime = read.RecordTime;
        Assert.Equal(fact, read);
    }

    [Fact]
    public async Task RecordFacts_EveryFieldOutOfItsRange_IsRejectedByItself()
    {
        var values = FieldRange.Values.Select((value, i) =>
        {
            var fact = value.Fact();
            fact.EventId = fact.EventId is "evt_1" && value.Value is not "evt_1" ? $"range_{i}" : fact.EventId;
            return (value, fact);
        }).Chunk(250);
        foreach (var batch in values)
        {
            var response = await _server.RecordAsync(batch.Select(it => it.fact));
            var bad = batch.Select((it, i) => (it.value, i)).Where(it => it.value.Reason is not null).ToList();
            Assert.Equal(bad.Select(it => ((long)it.i, it.value.Reason!, it.value.ReasonPath ?? it.value.Path)), response.Rejects.Select(reject => (reject.Index, reject.Reason, reject.Field)));
            Assert.Equal(batch.Select(it => it.value.Reason is not null), response.Verdicts.Select(verdict => verdict == Verdict.Rejected));
        }
    }

    [Fact]
    public async Task RecordFacts_NoFacts_AreRefused() =>
        Assert.Equal(new Failure(StatusCode.InvalidArgument, "FIELD_MISSING", "facts"), await Failure.OfAsync(() => _server.RecordAsync()));

    [Fact]
    public async Task RecordFacts_1000Facts_AreTakenAnd1001AreNot()
    {
        Assert.Equal(1_000, (await _server.RecordAsync(Sample.Many(1_000, "thousand"))).Verdicts.Count(verdict => verdict == Verdict.Recorded));
        Assert.Equal(new Failure(StatusCode.InvalidArgument, "BATCH_TOO_LARGE", "facts"), await Failure.OfAsync(() => _server.RecordAsync(Sample.Many(1_001, "more"))));
        Assert.Equal(
            new Failure(StatusCode.NotFound, "FACT_NOT_FOUND"),
            await Failure.OfAsync(async () => await _server.Client.GetFactAsync(new GetFactRequest { Source = "stripe", EventId = "more_0" })));
    }

    [Theory]
    [InlineData(4_000, true)]
    [InlineData(4_600, false)]
    [InlineData(20_000, false)]
    public async Task RecordFacts_BytesOfABatch_EndAt4Mebibytes(int bytesOfFact, bool fine)
    {
        var facts = Enumerable.Range(0, 1_000).Select(i =>
        {
            var fact = Sample.Of("customer_profile", $"large_{bytesOfFact}_{i}");
            for (var at = 0; fact.CalculateSize() < bytesOfFact - 220; at++)
            {
                fact.CustomerProfile.Attributes[$"a{at}"] = new string('x', 200);
            }

            return fact;
        }).ToList();
        if (fine)
        {
            Assert.All((await _server.RecordAsync(facts)).Verdicts, verdict => Assert.Equal(Verdict.Recorded, verdict));
        }
        else
        {
            Assert.Equal(new Failure(StatusCode.InvalidArgument, "BATCH_TOO_LARGE", "facts"), await Failure.OfAsync(() => _server.RecordAsync(facts)));
        }
    }

    [Fact]
    public async Task RecordFacts_TheSameAgain_IsADuplicate()
    {
        var fact = Sample.Started("again");
        Assert.Equal([Verdict.Recorded, Verdict.Duplicate], (await _server.RecordAsync(fact, fact)).Verdicts);
        var first = await _server.RecordAsync(fact);
        Assert.Equal([Verdict.Duplicate], first.Verdicts);
        fact.RecordTime = Timestamp.FromDateTimeOffset(Sample.Now);
        fact.OccurTime.Nanos += 999;
        var second = await _server.RecordAsync(fact);
        Assert.Equal([Verdict.Duplicate], second.Verdicts);
        Assert.Equal(first.ConsistencyToken, second.ConsistencyToken);
        Assert.NotEmpty(second.ConsistencyToken);
    }

    [Fact]
    public async Task RecordFacts_OneIdentityWithOtherContent_NamesBoth()
    {
        var fact = Sample.Started("twice", "cus_twice");
        await _server.RecordAsync(fact);
        var other = Sample.Of("subscription_paused", "twice", "cus_other");
        other.OccurTime.Seconds--;
        var response = await _server.RecordAsync(Sample.Started("twice_fine"), other);
        Assert.Equal([Verdict.Recorded, Verdict.Rejected], response.Verdicts);
        var reject = Assert.Single(response.Rejects);
        Assert.Equal((1, "IDENTITY_CONFLICT", "event_id"), (reject.Index, reject.Reason, reject.Field));
        Assert.Matches(
            "^event_id \"twice\" was recorded at 2026-03-01T12:00:[0-9.]+Z with other content, kind subscription_started then and subscription_paused now, "
            + "occur_time 2026-02-28T12:00:00Z then and 2026-02-28T11:59:59Z now, customer_id \"cus_twice\" then and \"cus_other\" now: "
            + "send a fact that is another under an event_id of its own.$",
            reject.Message);

        var dearer = Sample.Started("twice", "cus_twice", 11_000_000);
        Assert.Contains("with other content, its subscription_started says something else: ", Assert.Single((await _server.RecordAsync(dearer)).Rejects).Message, StringComparison.Ordinal);
        Assert.Equal(fact.SubscriptionStarted, (await _server.Client.GetFactAsync(new GetFactRequest { Source = "stripe", EventId = "twice" })).Fact.SubscriptionStarted);
    }

    [Fact]
    public async Task RecordFacts_OneIdentityWithTwoContentsInABatch_TakesTheFirst()
    {
        var response = await _server.RecordAsync(Sample.Started("pair", "cus_1", 1), Sample.Started("pair", "cus_1", 2), Sample.Started("pair", "cus_1", 1));
        Assert.Equal([Verdict.Recorded, Verdict.Rejected, Verdict.Duplicate], response.Verdicts);
        Assert.Equal((1, "IDENTITY_CONFLICT"), (response.Rejects.Single().Index, response.Rejects.Single().Reason));
    }

    [Fact]
    public async Task RecordFacts_OneIdOfTwoSources_AreTwoFacts()
    {
        var (one, two) = (Sample.Started("sourced"), Sample.Started("sourced"));
        two.Source = "csv";
        Assert.Equal([Verdict.Recorded, Verdict.Recorded], (await _server.RecordAsync(one, two)).Verdicts);
    }

    [Fact]
    public async Task RecordFacts_Token_NamesTheLogPositionsOfAllFacts()
    {
        var facts = Sample.Many(200, "token");
        var token = ConsistencyToken.Parse((await _server.RecordAsync(facts)).ConsistencyToken);
        foreach (var head in _server.Store.Log.Heads())
        {
            Assert.InRange(token.Offset(head.Shard), 0, head.Offset);
        }

        foreach (var fact in facts)
        {
            var shard = Shards.Of(Tenants.Default, fact.CustomerId, Shards.Count);
            Assert.InRange(token.Offset(shard), 1, long.MaxValue);
        }

        Assert.Equal("", (await _server.RecordAsync(Sample.Of("feedback", ""))).ConsistencyToken);
    }

    [Fact]
    public async Task RecordFacts_RetractionBeforeAndAfterItsTarget_IsFine()
    {
        var (before, after) = (Sample.Retraction("r_1", "late"), Sample.Retraction("r_2", "late"));
        Assert.Equal([Verdict.Recorded], (await _server.RecordAsync(before)).Verdicts);
        Assert.Equal([Verdict.Recorded, Verdict.Recorded], (await _server.RecordAsync(after, Sample.Started("late"))).Verdicts);
        Assert.Equal([Verdict.Duplicate, Verdict.Duplicate], (await _server.RecordAsync(before, after)).Verdicts);
    }

    [Fact]
    public async Task RecordFacts_RetractionOfARetraction_IsRejected()
    {
        await _server.RecordAsync(Sample.Started("rr_0"), Sample.Retraction("rr_1", "rr_0"));
        await AssertRejectedAsync(Sample.Retraction("rr_2", "rr_1"), "RETRACTION_OF_RETRACTION");

        // In one batch the first is judged first.
        var response = await _server.RecordAsync(Sample.Retraction("rr_3", "rr_0"), Sample.Retraction("rr_4", "rr_3"), Sample.Retraction("rr_5", "rr_4"));
        Assert.Equal([Verdict.Recorded, Verdict.Rejected, Verdict.Recorded], response.Verdicts);

        // A correction says something else too, and can be corrected in its turn.
        var (correction, second) = (Sample.Started("rr_6"), Sample.Started("rr_7"));
        (correction.Retracts, second.Retracts) = ("rr_0", "rr_6");
        Assert.Equal([Verdict.Recorded, Verdict.Recorded], (await _server.RecordAsync(correction, second)).Verdicts);
        second = Sample.Started("rr_8");
        second.Retracts = "rr_1";
        await AssertRejectedAsync(second, "RETRACTION_OF_RETRACTION");
    }

    [Fact]
    public async Task RecordFacts_RetractionOfAnotherCustomersFact_IsRejected()
    {
        await _server.RecordAsync(Sample.Started("oc_0", "cus_a"));
        await AssertRejectedAsync(Sample.Retraction("oc_1", "oc_0", "cus_b"), "RETRACTS_OTHER_CUSTOMER");
        var response = await _server.RecordAsync(Sample.Retraction("oc_2", "oc_3", "cus_b"), Sample.Started("oc_3", "cus_a"));
        Assert.Equal([Verdict.Rejected, Verdict.Recorded], response.Verdicts);

        // Another source's fact of that id is another fact.
        var foreign = Sample.Retraction("oc_4", "oc_0", "cus_b");
        foreign.Source = "csv";
        Assert.Equal([Verdict.Recorded], (await _server.RecordAsync(foreign)).Verdicts);
    }

    [Fact]
    public async Task RecordFacts_WrongAndRightAndKnown_EachHasItsPlace()
    {
        await _server.RecordAsync(Sample.Started("mix_0"));
        var (unsound, conflict) = (Sample.Started(""), Sample.Started("mix_0", mrrMicros: 5));
        var response = await _server.RecordAsync(Sample.Retraction("mix_r", "mix_0", "cus_2"), conflict, unsound, Sample.Started("mix_1"), Sample.Started("mix_0"));
        Assert.Equal([Verdict.Rejected, Verdict.Rejected, Verdict.Rejected, Verdict.Recorded, Verdict.Duplicate], response.Verdicts);
        Assert.Equal(
            [(0L, "RETRACTS_OTHER_CUSTOMER"), (1L, "IDENTITY_CONFLICT"), (2L, "FIELD_MISSING")],
            response.Rejects.Select(reject => (reject.Index, reject.Reason)));
    }

    private async Task AssertRejectedAsync(Fact fact, string reason)
    {
        for (var i = 0; i < 2; i++)
        {
            var response = await _server.RecordAsync(fact);
            Assert.Equal([Verdict.Rejected], response.Verdicts);
            Assert.Equal((0, reason, "retracts"), (response.Rejects.Single().Index, response.Rejects.Single().Reason, response.Rejects.Single().Field));
        }
    }
}
