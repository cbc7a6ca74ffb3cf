using System.Collections.Concurrent;
using Churn.Ingestion.V1;
using Grpc.Core;

namespace Churn.Notifications.Tests.Hosting;

/// <summary>Ingestion, as far as notifications needs it: keeps facts by identity, and fails when it is told to.</summary>
internal sealed class KeptFacts : IngestionService.IngestionServiceBase
{
    private readonly ConcurrentDictionary<string, Fact> _facts = new(StringComparer.Ordinal);

    public bool IsDown { get; set; }

    public Func<Fact, bool> Rejects { get; set; } = _ => false;

    public int Calls { get; private set; }

    public IReadOnlyList<Fact> All => [.. _facts.Values.OrderBy(fact => fact.OccurTime.ToDateTimeOffset()).ThenBy(fact => fact.EventId, StringComparer.Ordinal)];

    public IEnumerable<string> Words => All.Select(fact => fact.MessageEvent.Event.ToString());

    public override Task<RecordFactsResponse> RecordFacts(RecordFactsRequest request, ServerCallContext context)
    {
        Calls++;
        if (IsDown)
        {
            throw new RpcException(new Status(StatusCode.Unavailable, "down"));
        }

        var response = new RecordFactsResponse();
        foreach (var (i, fact) in request.Facts.Index())
        {
            if (Rejects(fact))
            {
                response.Verdicts.Add(Verdict.Rejected);
                response.Rejects.Add(new Reject { Index = i });
                continue;
            }

            response.Verdicts.Add(_facts.TryAdd(fact.EventId, fact) ? Verdict.Recorded : Verdict.Duplicate);
            Assert.Equal(_facts[fact.EventId], fact);
        }

        return Task.FromResult(response);
    }
}
