using Churn.Ingestion.Domain;
using Churn.Ingestion.V1;
using Churn.ServiceDefaults.Access;

namespace Churn.Ingestion;

/// <summary>Does for one caller what the calls that record have in common: check, record, tell.</summary>
internal sealed class IngestionCalls(Caller caller, FactWriter writer, FactReader reader, FactLimit limit, TimeProvider clock)
{
    public string Tenant => caller.Tenant;

    /// <summary>Checks a batch as a whole and each fact by itself.</summary>
    /// <exception cref="Grpc.Core.RpcException">It has no facts, or too many, or too many bytes.</exception>
    public FactBatch Check(IReadOnlyList<Fact> facts)
    {
        if (facts.Count == 0)
        {
            throw IngestionFaults.NoFacts();
        }

        if (facts.Count > Limits.BatchFacts)
        {
            throw IngestionFaults.TooManyFacts(facts.Count);
        }

        var batch = FactBatch.Of(caller.Tenant, caller.Spread, facts, (clock.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond);
        return batch.IsTooLarge ? throw IngestionFaults.TooManyBytes() : batch;
    }

    /// <summary>Takes facts of what the tenant may send.</summary>
    /// <exception cref="Grpc.Core.RpcException">It has sent too many; send this again later.</exception>
    public void Count(int facts) => limit.Take(caller, facts);

    /// <summary>Takes facts of what the tenant may send, when it may.</summary>
    /// <exception cref="Grpc.Core.RpcException">It has sent all of this month.</exception>
    public ValueTask CountAsync(int facts, CancellationToken cancellationToken) => limit.TakeAsync(caller, facts, cancellationToken);

    public Task<FactBatch> RecordAsync(FactBatch batch, CancellationToken cancellationToken) => writer.RecordAsync(batch, cancellationToken);

    public void Tell(FactBatch batch, Decisions decisions, Span<V1.Verdict> verdicts = default) => decisions.Add(batch, reader, verdicts);
}
