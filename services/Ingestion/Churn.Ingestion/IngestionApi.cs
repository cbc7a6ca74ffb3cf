using Churn.Ingestion.Domain;
using Churn.Ingestion.V1;
using Churn.ServiceDefaults.Streams;
using Grpc.Core;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Churn.Ingestion;

/// <summary>Answers churn.ingestion.v1.</summary>
internal sealed partial class IngestionApi(
    FactWriter writer, FactReader reader, FactPages pages, TimeProvider clock, IHostApplicationLifetime lifetime, ILogger<IngestionApi> logger)
    : IngestionService.IngestionServiceBase
{
    private const string RetractionPrefix = "retract:";

    private readonly IngestionCalls _calls = new(Tenants.Default, writer, reader, clock);

    public override Task<RecordFactsResponse> RecordFacts(RecordFactsRequest request, ServerCallContext context) => Answer(async () =>
    {
        var batch = await _calls.RecordAsync(_calls.Check(request.Facts), context.CancellationToken);
        var decisions = new Decisions();
        var verdicts = new V1.Verdict[request.Facts.Count];
        _calls.Tell(batch, decisions, verdicts);
        var response = new RecordFactsResponse { ConsistencyToken = decisions.Token };
        response.Verdicts.AddRange(verdicts);
        response.Rejects.AddRange(decisions.Rejects);
        return response;
    });

    public override Task StreamFacts(
        IAsyncStreamReader<StreamFactsRequest> requestStream, IServerStreamWriter<StreamFactsResponse> responseStream, ServerCallContext context) => Answer(async () =>
    {
        await new FactStream(_calls, requestStream, responseStream, clock, lifetime.ApplicationStopping).RunAsync(context.CancellationToken);
        return 0;
    });

    public override Task<GetFactResponse> GetFact(GetFactRequest request, ServerCallContext context) => Answer(() =>
        Task.FromResult(new GetFactResponse { Fact = Find(request.Source, request.EventId) }));

    public override Task<ListFactsResponse> ListFacts(ListFactsRequest request, ServerCallContext context) => Answer(() =>
        request.PageSize < 0
            ? throw IngestionFaults.Invalid(Fields.Invalid("page_size", $"is {request.PageSize}", $"give 1 to {FactPages.LargestSize}, or 0 for {FactPages.DefaultSize}"))
            : Task.FromResult(pages.List(_calls.Tenant, request)));

    public override Task<RetractFactResponse> RetractFact(RetractFactRequest request, ServerCallContext context) => Answer(async () =>
    {
        var fact = Find(request.Source, request.EventId);
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
        _calls.Tell(await _calls.RecordAsync(_calls.Check([retraction]), context.CancellationToken), decisions);

        // Where it was retracted before, maybe with another note, that one stays.
        var recorded = reader.Find(_calls.Tenant, retraction.Source, retraction.EventId);
        return recorded is { KindCase: Fact.KindOneofCase.Retraction } && recorded.Retracts == fact.EventId
            ? new RetractFactResponse { Retraction = recorded, ConsistencyToken = decisions.Token }
            : throw IngestionFaults.RetractionIdTaken(retraction.EventId);
    });

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

    private Fact Find(string source, string eventId)
    {
        Refuse(source.Length == 0 ? Fields.Missing("source", "give the source of the fact") : null);
        Refuse(eventId.Length == 0 ? Fields.Missing("event_id", "give the id of the fact within its source") : null);
        return reader.Find(_calls.Tenant, source, eventId) ?? throw IngestionFaults.FactNotFound(source, eventId);
    }

    private async Task<T> Answer<T>(Func<Task<T>> call)
    {
        try
        {
            return await call();
        }
        catch (Exception exception) when (IngestionFaults.IsKnown(exception))
        {
            LogFailure(exception);
            throw IngestionFaults.Of(exception);
        }
    }

    [LoggerMessage(LogLevel.Error, "A call failed.")]
    private partial void LogFailure(Exception exception);
}
