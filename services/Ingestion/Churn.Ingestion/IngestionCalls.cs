using Churn.Ingestion.Domain;
using Churn.Ingestion.V1;

namespace Churn.Ingestion;

/// <summary>Does for one caller what the calls that record have in common: check, record, tell.</summary>
internal sealed class IngestionCalls(string tenant, FactWriter writer, FactReader reader, TimeProvider clock)
{
    public string Tenant => tenant;

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

        var batch = FactBatch.Of(tenant, facts, (clock.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond);
        return batch.IsTooLarge ? throw IngestionFaults.TooManyBytes() : batch;
    }

    public Task<FactBatch> RecordAsync(FactBatch batch, CancellationToken cancellationToken) => writer.RecordAsync(batch, cancellationToken);

    public void Tell(FactBatch batch, Decisions decisions, Span<V1.Verdict> verdicts = default) => decisions.Add(batch, reader, verdicts);
}
