using Churn.Ingestion.Domain;
using Churn.Ingestion.V1;
using Churn.ServiceDefaults.Access;
using Google.Protobuf.Collections;
using Grpc.Core;
using Microsoft.Extensions.Hosting;

namespace Churn.Ingestion;

/// <summary>Answers churn.ingestion.v1.</summary>
internal sealed class IngestionApi(
    FactWriter writer, FactReader reader, FactPages pages, FactLimit limit, TimeProvider clock, IHostApplicationLifetime lifetime)
    : IngestionService.IngestionServiceBase
{
    private const string RetractionPrefix = "retract:";

    public override async Task<RecordFactsResponse> RecordFacts(RecordFactsRequest request, ServerCallContext context)
    {
        var calls = CallsOf(context);
        var batch = await RecordAsync(calls, request.Facts, context);
        var decisions = new Decisions();
        var verdicts = new V1.Verdict[request.Facts.Count];
        calls.Tell(batch, decisions, verdicts);
        var response = new RecordFactsResponse { ConsistencyToken = decisions.Token };
        response.Verdicts.AddRange(verdicts);
        response.Rejects.AddRange(decisions.Rejects);
        return response;
    }

    public override Task StreamFacts(
        IAsyncStreamReader<StreamFactsRequest> requestStream, IServerStreamWriter<StreamFactsResponse> responseStream, ServerCallContext context) =>
        new FactStream(CallsOf(context), requestStream, responseStream, clock, lifetime.ApplicationStopping).RunAsync(context.CancellationToken);

    public override Task<GetFactResponse> GetFact(GetFactRequest request, ServerCallContext context) =>
        Task.FromResult(new GetFactResponse { Fact = Find(context.Caller().Tenant, request.Source, request.EventId) });

    public override Task<ListFactsResponse> ListFacts(ListFactsRequest request, ServerCallContext context)
    {
        Refuse(request.PageSize < 0
            ? Fields.Invalid("page_size", $"is {request.PageSize}", $"give 1 to {FactPages.LargestSize}, or 0 for {FactPages.DefaultSize}")
            : null);
        return Task.FromResult(pages.List(context.Caller(), request));
    }

    public override async Task<RetractFactResponse> RetractFact(RetractFactRequest request, ServerCallContext context)
    {
        var calls = CallsOf(context);
        var fact = Find(calls.Tenant, request.Source, request.EventId);
        if (fact.KindCase == Fact.KindOneofCase.Retraction)
        {
            throw IngestionFaults.RetractionOfRetraction(fact.EventId);
        }

        var retraction = new Fact
        {
            Source = fact.Source,
            EventId = RetractionPrefix + fact.EventId,
            OccurTime = fact.OccurTime,
            CustomerId = fact.CustomerId,
            Retracts = fact.EventId,
            Retraction = new Retraction { Note = request.Note },
        };
        Refuse(Fields.Text("note", request.Note, Limits.NoteBytes) ?? RetractionId(retraction.EventId));
        var decisions = new Decisions();
        calls.Tell(await RecordAsync(calls, [retraction], context), decisions);

        // Where it was retracted before, maybe with another note, that one stays.
        var recorded = reader.Find(calls.Tenant, retraction.Source, retraction.EventId);
        return recorded is { KindCase: Fact.KindOneofCase.Retraction } && recorded.Retracts == fact.EventId
            ? new RetractFactResponse { Retraction = recorded, ConsistencyToken = decisions.Token }
            : throw IngestionFaults.RetractionIdTaken(retraction.EventId);
    }

    private static Violation? RetractionId(string eventId) =>
        Fields.Text("event_id", eventId, Limits.IdBytes) is null
            ? null
            : Fields.Invalid("event_id", $"has more than {Limits.IdBytes - RetractionPrefix.Length} bytes", "record a retraction of it under an event_id of your own");

    private static void Refuse(Violation? violation)
    {
        if (violation is not null)
        {
            throw IngestionFaults.Invalid(violation);
        }
    }

    private static Task<FactBatch> RecordAsync(IngestionCalls calls, RepeatedField<Fact> facts, ServerCallContext context)
    {
        var batch = calls.Check(facts);
        calls.Count(facts.Count);
        return calls.RecordAsync(batch, context.CancellationToken);
    }

    private IngestionCalls CallsOf(ServerCallContext context) => new(context.Caller(), writer, reader, limit, clock);

    private Fact Find(string tenant, string source, string eventId)
    {
        // What could not be recorded is not looked for, nor repeated in an error at any length.
        Refuse(Fields.Source("source", source) ?? Fields.Id("event_id", eventId));
        return reader.Find(tenant, source, eventId) ?? throw IngestionFaults.FactNotFound(source, eventId);
    }
}
