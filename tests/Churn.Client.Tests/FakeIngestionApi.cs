using Churn.Ingestion.V1;
using Churn.ServiceDefaults.Grpc;
using Google.Protobuf.WellKnownTypes;
using Google.Rpc;
using Grpc.Core;
using RichStatus = Google.Rpc.Status;

namespace Churn.Client.Tests;

/// <summary>Serves a <see cref="FakeLog"/>.</summary>
public sealed class FakeIngestionApi(FakeLog log) : IngestionService.IngestionServiceBase
{
    public override Task<RecordFactsResponse> RecordFacts(RecordFactsRequest request, ServerCallContext context)
    {
        FailIfUnavailable();
        if (request.Facts.Count > 1_000)
        {
            throw TooLarge();
        }

        var response = new RecordFactsResponse();
        for (var i = 0; i < request.Facts.Count; i++)
        {
            var (verdict, reject) = log.Record(request.Facts[i]);
            response.Verdicts.Add(verdict);
            if (reject is not null)
            {
                reject.Index = i;
                response.Rejects.Add(reject);
            }
        }

        response.ConsistencyToken = log.Token;
        return Task.FromResult(response);
    }

    public override async Task StreamFacts(
        IAsyncStreamReader<StreamFactsRequest> requestStream, IServerStreamWriter<StreamFactsResponse> responseStream, ServerCallContext context)
    {
        log.Streams++;
        FailIfUnavailable();
        long decided = 0, recorded = 0, duplicates = 0;
        var breakAfter = log.Breaks.TryDequeue(out var after) ? after : int.MaxValue;
        await foreach (var request in requestStream.ReadAllAsync(context.CancellationToken))
        {
            log.Got(request.Facts.Count);
            var response = new StreamFactsResponse();
            foreach (var fact in request.Facts)
            {
                if (decided == breakAfter)
                {
                    throw new RpcException(new Grpc.Core.Status(StatusCode.Unavailable, "broken"));
                }

                var (verdict, reject) = log.Record(fact);
                recorded += verdict == Verdict.Recorded ? 1 : 0;
                duplicates += verdict == Verdict.Duplicate ? 1 : 0;
                if (reject is not null)
                {
                    reject.Index = decided;
                    response.Rejects.Add(reject);
                }

                decided++;
            }

            if (log.Gate is { } gate)
            {
                await gate.Task.WaitAsync(context.CancellationToken);
            }

            (response.DurableThrough, response.RecordedCount, response.DuplicateCount, response.ConsistencyToken) = (decided, recorded, duplicates, log.Token);
            await responseStream.WriteAsync(response, context.CancellationToken);
        }
    }

    public override Task<GetFactResponse> GetFact(GetFactRequest request, ServerCallContext context) =>
        Task.FromResult(new GetFactResponse { Fact = log.Get(request.Source, request.EventId) });

    public override Task<ListFactsResponse> ListFacts(ListFactsRequest request, ServerCallContext context)
    {
        FailIfUnavailable();
        var size = request.PageSize == 0 ? 100 : Math.Min(request.PageSize, 10_000);
        var from = request.PageToken.Length == 0 ? 0 : int.Parse(request.PageToken);
        var facts = log.Facts;
        var response = new ListFactsResponse();
        // A page looks at a stretch of the log: it may be short, even empty.
        response.Facts.AddRange(facts.Skip(from).Take(size).Where(f =>
            (request.Source.Length == 0 || f.Source == request.Source) && (request.CustomerId.Length == 0 || f.CustomerId == request.CustomerId)));
        response.NextPageToken = from + size < facts.Length ? $"{from + size}" : "";
        return Task.FromResult(response);
    }

    public override Task<RetractFactResponse> RetractFact(RetractFactRequest request, ServerCallContext context)
    {
        var target = log.Get(request.Source, request.EventId);
        var retraction = new Fact
        {
            Source = request.Source, EventId = "retract:" + request.EventId, CustomerId = target.CustomerId, OccurTime = target.OccurTime,
            Retracts = request.EventId, Retraction = new Retraction { Note = request.Note },
        };
        log.Record(retraction);
        return Task.FromResult(new RetractFactResponse { Retraction = retraction, ConsistencyToken = log.Token });
    }

    private static RpcException TooLarge() => new RichStatus
    {
        Code = (int)StatusCode.InvalidArgument,
        Message = "A batch has at most 1,000 facts.",
        Details =
        {
            Any.Pack(new ErrorInfo { Reason = "BATCH_TOO_LARGE", Domain = "churn" }),
            Any.Pack(new BadRequest { FieldViolations = { new BadRequest.Types.FieldViolation { Field = "facts", Description = "too many" } } }),
        },
    }.ToRpcException();

    private void FailIfUnavailable()
    {
        if (log.Unavailable > 0)
        {
            log.Unavailable--;
            throw new RichStatus
            {
                Code = (int)StatusCode.Unavailable,
                Message = "The server starts.",
                Details = { Any.Pack(new RetryInfo { RetryDelay = Duration.FromTimeSpan(TimeSpan.FromMilliseconds(250)) }) },
            }.ToRpcException();
        }
    }
}
