using System.Buffers.Text;
using Churn.Ingestion.V1;

namespace Churn.Client.Tests;

/// <summary>Records facts by their identity, as the contract says, and fails as it is told to.</summary>
public sealed class FakeLog
{
    private readonly Lock _lock = new();
    private readonly List<Fact> _facts = [];
    private readonly Dictionary<(string Source, string EventId), Fact> _byIdentity = [];

    /// <summary>Gives, for each call of StreamFacts to come, after how many facts it breaks; none is left: never.</summary>
    public Queue<int> Breaks { get; } = [];

    /// <summary>Gives how many calls to come are UNAVAILABLE.</summary>
    public int Unavailable { get; set; }

    /// <summary>Holds the answers of StreamFacts back until it is completed.</summary>
    public TaskCompletionSource? Gate { get; set; }

    /// <summary>Gives how many facts were received, repeated ones included.</summary>
    public long Received { get; private set; }

    /// <summary>Gives the most facts that were in one message.</summary>
    public int LargestBatch { get; private set; }

    public int Streams { get; set; }

    public Fact[] Facts
    {
        get
        {
            lock (_lock)
            {
                return [.. _facts];
            }
        }
    }

    /// <summary>Gives a token of one shard that holds everything.</summary>
    public string Token
    {
        get
        {
            var bytes = new List<byte> { 1, 0 };
            var rest = Facts.Length;
            for (; rest >= 0x80; rest >>= 7)
            {
                bytes.Add((byte)((rest & 0x7F) | 0x80));
            }

            bytes.Add((byte)rest);
            return Base64Url.EncodeToString([.. bytes]);
        }
    }

    public Fact Get(string source, string eventId)
    {
        lock (_lock)
        {
            return _byIdentity[(source, eventId)];
        }
    }

    public void Got(int count)
    {
        lock (_lock)
        {
            LargestBatch = Math.Max(LargestBatch, count);
        }
    }

    public (Verdict Verdict, Reject? Reject) Record(Fact fact)
    {
        lock (_lock)
        {
            Received++;
            if (Fault(fact) is { } reject)
            {
                return (Verdict.Rejected, reject);
            }

            if (!_byIdentity.TryAdd((fact.Source, fact.EventId), fact))
            {
                return _byIdentity[(fact.Source, fact.EventId)].Equals(fact)
                    ? (Verdict.Duplicate, null)
                    : (Verdict.Rejected, new Reject { Reason = "IDENTITY_CONFLICT", Message = $"{fact.Source} {fact.EventId} is there with other content." });
            }

            _facts.Add(fact);
            return (Verdict.Recorded, null);
        }
    }

    private Reject? Fault(Fact fact)
    {
        if (fact.CustomerId.Length == 0)
        {
            return new Reject { Reason = "FIELD_MISSING", Field = "customer_id", Message = "Say which customer it is about." };
        }

        if (fact.OccurTime is null || fact.OccurTime.Seconds < 0)
        {
            return new Reject { Reason = "FIELD_INVALID", Field = "occur_time", Message = "Say when it was true, from 1970 on." };
        }

        var target = _byIdentity.GetValueOrDefault((fact.Source, fact.Retracts));
        return fact.Retracts.Length == 0 || target is null ? null
            : target.CustomerId != fact.CustomerId ? new Reject { Reason = "RETRACTS_OTHER_CUSTOMER", Field = "retracts", Message = "It is about another customer." }
            : target.Retraction is not null ? new Reject { Reason = "RETRACTION_OF_RETRACTION", Field = "retracts", Message = "It is a retraction." }
            : null;
    }
}
