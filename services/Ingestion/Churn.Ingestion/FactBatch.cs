using System.Buffers;
using System.Text;
using Churn.Ingestion.Domain;
using Churn.Ingestion.V1;
using Churn.ServiceDefaults.Streams;
using Google.Protobuf;
using Verdict = Churn.Ingestion.Domain.Verdict;

namespace Churn.Ingestion;

/// <summary>Names a stretch of a batch's bytes.</summary>
internal readonly record struct Stretch(int Start, int Length);

/// <summary>Holds a fact that is sound by itself, and what becomes of it once the writer has looked at what is recorded.</summary>
internal struct CheckedFact
{
    /// <summary>Its place in the batch as it was sent.</summary>
    public int Index;

    /// <summary>Its settled bytes, and within these its event_id and the one that it retracts (empty for none).</summary>
    public Stretch Whole;
    public Stretch EventId;
    public Stretch Retracts;

    public string Source;
    public UInt128 Content;
    public ulong Customer;
    public bool IsRetraction;

    /// <summary>What becomes of it.</summary>
    public Verdict Verdict;

    /// <summary>Why it is rejected; null while it is rejected because its identity is another fact's, which is not yet told.</summary>
    public Violation? Violation;

    /// <summary>Where it is in the log, or where the fact is that has its identity.</summary>
    public int Shard;
    public long Offset;
}

/// <summary>Holds the facts of one request, checked and in bytes: all that the writer needs, made on the caller's thread.</summary>
internal sealed class FactBatch
{
    // A fact is seldom longer; more is made room for as it comes.
    private const int BytesOfFact = 160;

    private readonly IReadOnlyList<Fact> _sent;
    private CheckedFact[] _facts;
    private int[] _order;
    private byte[] _bytes;
    private int _length;
    private int _plain;
    private int _size;

    private FactBatch(string tenant, IReadOnlyList<Fact> sent)
    {
        Tenant = tenant;
        _sent = sent;
        _facts = ArrayPool<CheckedFact>.Shared.Rent(sent.Count);
        _order = ArrayPool<int>.Shared.Rent(sent.Count);
        _bytes = ArrayPool<byte>.Shared.Rent(sent.Count * BytesOfFact);
    }

    public string Tenant { get; }

    /// <summary>How many facts were sent.</summary>
    public int SentCount => _sent.Count;

    /// <summary>How many of these are sound.</summary>
    public int Count { get; private set; }

    /// <summary>Whether it has more bytes than a batch may have; then it holds nothing that could be recorded.</summary>
    public bool IsTooLarge => _size > Limits.BatchBytes;

    /// <summary>The facts that are sound, in the order in which they were sent.</summary>
    public Span<CheckedFact> Facts => _facts.AsSpan(0, Count);

    /// <summary>The places in <see cref="Facts"/> of those that retract none, by identity: neighbours in the order are neighbours on disk.</summary>
    public ReadOnlySpan<int> Plain => _order.AsSpan(0, _plain);

    /// <summary>The places in <see cref="Facts"/> of those that retract one, as they were sent: each is judged by what came before it.</summary>
    public ReadOnlySpan<int> Retracting => _order.AsSpan(_plain, Count - _plain);

    /// <summary>The facts that are not sound, each with its place and what is wrong.</summary>
    public List<(int Index, Violation Violation)> Unsound { get; } = [];

    /// <summary>Checks and settles facts; they are the batch's from now on.</summary>
    /// <param name="tenant">The tenant.</param>
    /// <param name="spread">Over how many shards the tenant's customers go.</param>
    /// <param name="facts">The facts as they were sent; no more than a batch may have.</param>
    /// <param name="now">The server's clock, in microseconds since 1970.</param>
    public static FactBatch Of(string tenant, int spread, IReadOnlyList<Fact> facts, long now)
    {
        var batch = new FactBatch(tenant, facts);
        var tenantHash = Shards.Hash(Encoding.UTF8.GetBytes(tenant));
        for (var i = 0; i < facts.Count && !batch.IsTooLarge; i++)
        {
            var fact = facts[i];
            var violation = FactCheck.Of(fact, now);
            if (violation is null)
            {
                FactBytes.Settle(fact);
            }

            // Counted whether it is sound or not, with its tag and length.
            var size = fact.CalculateSize();
            batch._size += 1 + CodedOutputStream.ComputeLengthSize(size) + size;
            if (violation is not null)
            {
                batch.Unsound.Add((i, violation));
            }
            else if (!batch.IsTooLarge)
            {
                batch.Add(i, fact, size, tenantHash, spread);
            }
        }

        batch.Sort();
        return batch;
    }

    /// <summary>Gives the fact that was sent at a place.</summary>
    public Fact Sent(int index) => _sent[index];

    public ReadOnlySpan<byte> Bytes(Stretch at) => _bytes.AsSpan(at.Start, at.Length);

    /// <summary>Gives the bytes back: the writer does, when it is done with them, whoever still waits for it.</summary>
    public void ReleaseBytes()
    {
        ArrayPool<byte>.Shared.Return(_bytes);
        ArrayPool<int>.Shared.Return(_order);
        (_bytes, _order) = ([], []);
    }

    /// <summary>Gives the facts back: who waited for the writer does, when the answer is made.</summary>
    public void ReleaseFacts()
    {
        ArrayPool<CheckedFact>.Shared.Return(_facts, clearArray: true);
        (_facts, Count) = ([], 0);
    }

    private void Add(int index, Fact fact, int size, ulong tenantHash, int spread)
    {
        if (_bytes.Length - _length < size)
        {
            Grow(size);
        }

        var bytes = _bytes.AsSpan(_length, size);
        fact.WriteTo(bytes);
        var head = FactHead.Read(bytes);
        bytes.Overlaps(head.EventId, out var idStart);
        var retractsStart = 0;
        if (head.Retracts.Length > 0)
        {
            bytes.Overlaps(head.Retracts, out retractsStart);
        }

        var customer = Shards.Hash(head.Customer);
        ref var added = ref _facts[Count++];
        added = new CheckedFact
        {
            Index = index,
            Whole = new Stretch(_length, size),
            EventId = new Stretch(_length + idStart, head.EventId.Length),
            Retracts = new Stretch(_length + retractsStart, head.Retracts.Length),
            Source = fact.Source,
            Content = FactBytes.Hash(bytes),
            Customer = customer,
            IsRetraction = fact.KindCase == Fact.KindOneofCase.Retraction,
            Shard = Shards.Of(tenantHash, customer, spread),
        };
        _length += size;
    }

    private void Grow(int size)
    {
        var larger = ArrayPool<byte>.Shared.Rent(Math.Max(_bytes.Length * 2, _length + size));
        _bytes.AsSpan(0, _length).CopyTo(larger);
        ArrayPool<byte>.Shared.Return(_bytes);
        _bytes = larger;
    }

    private void Sort()
    {
        _plain = 0;
        for (var i = 0; i < Count; i++)
        {
            if (_facts[i].Retracts.Length == 0)
            {
                _order[_plain++] = i;
            }
        }

        var at = _plain;
        for (var i = 0; i < Count && at < Count; i++)
        {
            if (_facts[i].Retracts.Length > 0)
            {
                _order[at++] = i;
            }
        }

        var byIdentity = new ByIdentity(this);
        for (var i = 1; i < _plain; i++)
        {
            // What comes in order, as an export does, is not sorted again.
            if (byIdentity.Compare(_order[i - 1], _order[i]) > 0)
            {
                _order.AsSpan(0, _plain).Sort(byIdentity);
                return;
            }
        }
    }

    private readonly struct ByIdentity(FactBatch batch) : IComparer<int>
    {
        public int Compare(int x, int y)
        {
            ref readonly var a = ref batch._facts[x];
            ref readonly var b = ref batch._facts[y];
            var order = string.CompareOrdinal(a.Source, b.Source);
            order = order != 0 ? order : batch.Bytes(a.EventId).SequenceCompareTo(batch.Bytes(b.EventId));
            return order != 0 ? order : x.CompareTo(y);
        }
    }
}
