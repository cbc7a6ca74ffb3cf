using Churn.Ingestion.Domain;
using Churn.Ingestion.V1;
using Churn.ServiceDefaults.Streams;
using Verdict = Churn.Ingestion.Domain.Verdict;

namespace Churn.Ingestion;

/// <summary>Tells callers what became of their facts.</summary>
internal sealed class Decisions
{
    private readonly long[] _offsets = new long[Shards.Count];

    /// <summary>How many facts are decided.</summary>
    public long Count { get; private set; }

    public long Recorded { get; private set; }

    public long Duplicates { get; private set; }

    /// <summary>The rejects since they were last taken, in order of their places among all facts decided.</summary>
    public List<Reject> Rejects { get; private set; } = [];

    /// <summary>The token of all facts decided.</summary>
    public string Token => ConsistencyToken.Of(_offsets.Select((offset, shard) => (shard, offset))).ToString();

    /// <summary>Gives the rejects and forgets them.</summary>
    public List<Reject> TakeRejects()
    {
        var rejects = Rejects;
        Rejects = [];
        return rejects;
    }

    /// <summary>Adds a batch that the writer has decided; the facts follow on those before.</summary>
    /// <param name="batch">The batch; it is done with.</param>
    /// <param name="reader">Reads the facts whose identity others claim.</param>
    /// <param name="verdicts">Gets the verdict of each fact, by place in the batch; null for none.</param>
    public void Add(FactBatch batch, FactReader reader, Span<V1.Verdict> verdicts = default)
    {
        var before = Rejects.Count;
        foreach (ref readonly var fact in batch.Facts)
        {
            if (fact.Verdict == Verdict.Rejected)
            {
                Reject(fact.Index, fact.Violation ?? Conflict(batch, fact, reader));
            }
            else
            {
                // A duplicate is awaited too: the answer to a read then holds every fact of the call.
                _offsets[fact.Shard] = Math.Max(_offsets[fact.Shard], fact.Offset);
                if (fact.Verdict == Verdict.Recorded)
                {
                    Recorded++;
                }
                else
                {
                    Duplicates++;
                }
            }

            if (!verdicts.IsEmpty)
            {
                verdicts[fact.Index] = ToWire(fact.Verdict);
            }
        }

        var sorted = Rejects.Count == before || batch.Unsound.Count == 0;
        foreach (var (index, violation) in batch.Unsound)
        {
            Reject(index, violation);
            if (!verdicts.IsEmpty)
            {
                verdicts[index] = V1.Verdict.Rejected;
            }
        }

        if (!sorted)
        {
            Rejects.Sort(before, Rejects.Count - before, Comparer<Reject>.Create((a, b) => a.Index.CompareTo(b.Index)));
        }

        Count += batch.SentCount;
        batch.ReleaseFacts();
    }

    private void Reject(int index, Violation violation) =>
        Rejects.Add(new Reject { Index = Count + index, Reason = violation.Reason, Field = violation.Field, Message = violation.Message });

    private static Violation Conflict(FactBatch batch, CheckedFact fact, FactReader reader)
    {
        var recorded = reader.Read(fact.Shard, fact.Offset);
        var sent = batch.Sent(fact.Index);
        return Identities.Conflict(sent.EventId, Outline(recorded), ToMicros(recorded.RecordTime), Outline(sent));
    }

    private static FactOutline Outline(Fact fact) =>
        new(KindName(fact), ToMicros(fact.OccurTime), fact.CustomerId, fact.Sequence, fact.Retracts);

    private static string KindName(Fact fact) => Fact.Descriptor.FindFieldByNumber((int)fact.KindCase)?.Name ?? "kind";

    private static long ToMicros(Google.Protobuf.WellKnownTypes.Timestamp at) => Instants.ToMicros(at.Seconds, at.Nanos);

    private static V1.Verdict ToWire(Verdict verdict) => verdict switch
    {
        Verdict.Recorded => V1.Verdict.Recorded,
        Verdict.Duplicate => V1.Verdict.Duplicate,
        _ => V1.Verdict.Rejected,
    };
}
