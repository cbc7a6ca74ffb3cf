using Churn.Ingestion.V1;
using Churn.ServiceDefaults.Streams;
using Grpc.Core;

namespace Churn.Ingestion.Tests;

public sealed class RetractFactTests(SharedServer shared) : IClassFixture<SharedServer>
{
    private readonly IngestionServer _server = shared.It;

    [Fact]
    public async Task RetractFact_Again_ChangesNothing()
    {
        var fact = Sample.Started("wrong", "cus_wrong");
        await _server.RecordAsync(fact);
        var request = new RetractFactRequest { Source = "stripe", EventId = "wrong", Note = "Sent by mistake." };
        var first = await _server.Client.RetractFactAsync(request);
        var expected = new Fact
        {
            Source = "stripe",
            EventId = "retract:wrong",
            OccurTime = fact.OccurTime,
            RecordTime = first.Retraction.RecordTime,
            CustomerId = "cus_wrong",
            Retracts = "wrong",
            Retraction = new Retraction { Note = "Sent by mistake." },
        };
        Assert.Equal(expected, first.Retraction);
        _server.Clock.Advance(TimeSpan.FromMinutes(1));
        var second = await _server.Client.RetractFactAsync(request);
        Assert.Equal(first, second);

        // Another note is no other retraction: the first one stays.
        request.Note = "Another reason.";
        Assert.Equal(first.Retraction, (await _server.Client.RetractFactAsync(request)).Retraction);
        Assert.Equal(2, (await _server.ListAsync(new ListFactsRequest { CustomerId = "cus_wrong" })).Count);
        var shard = Shards.Of(Tenants.Default, "cus_wrong", Shards.Count);
        Assert.Equal(_server.Store.Log.Head(shard).Offset, ConsistencyToken.Parse(second.ConsistencyToken).Offset(shard));
        Assert.Equal("wrong", (await _server.Client.GetFactAsync(new GetFactRequest { Source = "stripe", EventId = "wrong" })).Fact.EventId);
    }

    [Fact]
    public async Task RetractFact_SeveralAtOnce_RecordsOne()
    {
        await _server.RecordAsync(Sample.Started("race", "cus_race"));
        var responses = await Task.WhenAll(Enumerable.Range(0, 8).Select(async i =>
            await _server.Client.RetractFactAsync(new RetractFactRequest { Source = "stripe", EventId = "race", Note = $"{i % 2}" })));
        Assert.Single(responses.Select(response => response.Retraction).Distinct());
        Assert.Equal(2, (await _server.ListAsync(new ListFactsRequest { CustomerId = "cus_race" })).Count);
    }

    [Fact]
    public async Task RetractFact_OfNothing_IsNotFound() => Assert.Equal(
        new Failure(StatusCode.NotFound, "FACT_NOT_FOUND"), await FailureAsync("stripe", "never sent"));

    [Fact]
    public async Task RetractFact_OfARetraction_IsRefused()
    {
        await _server.RecordAsync(Sample.Retraction("bare", "whatever"));
        Assert.Equal(new Failure(StatusCode.FailedPrecondition, "RETRACTION_OF_RETRACTION"), await FailureAsync("stripe", "bare"));
    }

    [Fact]
    public async Task RetractFact_WhoseIdIsAnotherFacts_IsRefused()
    {
        await _server.RecordAsync(Sample.Started("taken"), Sample.Started("retract:taken"));
        Assert.Equal(new Failure(StatusCode.FailedPrecondition, "IDENTITY_CONFLICT"), await FailureAsync("stripe", "taken"));
    }

    [Theory]
    [InlineData("", "x", 0, "FIELD_MISSING", "source")]
    [InlineData("stripe", "", 0, "FIELD_MISSING", "event_id")]
    [InlineData("stripe", "noted", 2_001, "FIELD_INVALID", "note")]
    public async Task RetractFact_BadRequest_NamesTheField(string source, string eventId, int noteLength, string reason, string field)
    {
        await _server.RecordAsync(Sample.Started("noted"));
        Assert.Equal(new Failure(StatusCode.InvalidArgument, reason, field), await FailureAsync(source, eventId, new string('x', noteLength)));
    }

    [Fact]
    public async Task RetractFact_OfAnIdTooLongForItsRetraction_SaysWhatToDo()
    {
        var (fits, tooLong) = (new string('f', 192), new string('l', 193));
        await _server.RecordAsync(Sample.Started(fits), Sample.Started(tooLong));
        await _server.Client.RetractFactAsync(new RetractFactRequest { Source = "stripe", EventId = fits, Note = new string('x', 2_000) });
        Assert.Equal(new Failure(StatusCode.InvalidArgument, "FIELD_INVALID", "event_id"), await FailureAsync("stripe", tooLong));
    }

    [Theory]
    [InlineData("", "x", "FIELD_MISSING", "source")]
    [InlineData("My CRM", "x", "FIELD_INVALID", "source")]
    [InlineData("stripe", "", "FIELD_MISSING", "event_id")]
    [InlineData("stripe", "a\nb", "FIELD_INVALID", "event_id")]
    public async Task GetFact_OfNoIdentity_NamesTheField(string source, string eventId, string reason, string field) => Assert.Equal(
        new Failure(StatusCode.InvalidArgument, reason, field),
        await Failure.OfAsync(async () => await _server.Client.GetFactAsync(new GetFactRequest { Source = source, EventId = eventId })));

    [Fact]
    public async Task GetFact_IdOfAMebibyte_IsRefusedInAFewWords()
    {
        var exception = await Assert.ThrowsAsync<RpcException>(async () =>
            await _server.Client.GetFactAsync(new GetFactRequest { Source = "stripe", EventId = new string('x', 1 << 20) }));
        Assert.Equal("FIELD_INVALID", Failure.Of(exception).Reason);
        Assert.InRange(exception.Status.Detail.Length, 20, 200);
    }

    private Task<Failure> FailureAsync(string source, string eventId, string note = "") => Failure.OfAsync(async () =>
        await _server.Client.RetractFactAsync(new RetractFactRequest { Source = source, EventId = eventId, Note = note }));
}
