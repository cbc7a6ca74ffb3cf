using Churn.Metrics.Books;
using Churn.Metrics.Domain;
using Churn.Metrics.Domain.Signals;
using Churn.Metrics.Storage;
using Churn.ServiceDefaults.Streams;
using Google.Protobuf;
using Kind = Churn.Ingestion.V1.Fact.KindOneofCase;
using LedgerFact = Churn.Metrics.Domain.Fact;
using WireFact = Churn.Ingestion.V1.Fact;

namespace Churn.Metrics.Consumers;

/// <summary>Holds a fact as it came along the stream.</summary>
/// <param name="Fact">The fact.</param>
/// <param name="BearsOnLedger">Whether a number is made of it.</param>
/// <param name="Offset">Where it is in the shard.</param>
/// <param name="RecordTime">When it was recorded.</param>
/// <param name="Record">Its bytes.</param>
internal readonly record struct ArrivedFact(LedgerFact Fact, bool BearsOnLedger, long Offset, long RecordTime, ReadOnlyMemory<byte> Record);

/// <summary>Holds what came of the use of one meter on one day, as one; where and when are the first one's.</summary>
internal sealed record ArrivedUse(string Meter, LedgerFact Fact, long Offset, long RecordTime, ReadOnlyMemory<byte> Record)
{
    public long Quantity { get; private set; }

    public UsageDay Day { get; private set; } = new(Calendar.DayOf(Fact.OccurTime), Fact.OccurTime, Fact.OccurTime);

    public void Add(long quantity, long at)
    {
        Quantity = Saturating(Quantity, quantity);
        Day = Day with { First = Math.Min(Day.First, at), Last = Math.Max(Day.Last, at) };
    }

    /// <summary>Adds counts; what exceeds the largest number stays at it.</summary>
    public static long Saturating(long a, long b) => (long)Int128.Min(long.MaxValue, (Int128)a + b);
}

/// <summary>Holds a record that is no fact, or none that a ledger can hold.</summary>
internal sealed record UnreadableRecord(int Shard, string Tenant, long Offset, long RecordTime, ReadOnlyMemory<byte> Record, string Reason);

/// <summary>Holds what came about one customer, in the order of the stream.</summary>
internal sealed record Customer(int Shard, string Tenant, string Id)
{
    public CustomerKey Key => new(Shard, Tenant, Id);

    private Dictionary<(string Meter, int Day), ArrivedUse>? _uses;

    public List<ArrivedFact> Facts { get; } = [];

    public List<ArrivedUse> Uses { get; } = [];

    /// <summary>Gives the use of a meter on a day, which begins with a fact where there is none yet.</summary>
    public ArrivedUse UseOf(string meter, LedgerFact fact, long offset, long recordTime, ReadOnlyMemory<byte> record)
    {
        var key = (meter, Calendar.DayOf(fact.OccurTime));
        if (!(_uses ??= []).TryGetValue(key, out var use))
        {
            _uses.Add(key, use = new ArrivedUse(meter, fact, offset, recordTime, record));
            Uses.Add(use);
        }

        return use;
    }

    /// <summary>Gives the offset of the last one of them that is not part of an earlier one.</summary>
    public long LastOffset { get; private set; }

    /// <summary>Gives when the first of them was recorded, and when the last.</summary>
    public (long First, long Last) RecordTimes { get; private set; } = (long.MaxValue, long.MinValue);

    public void Came(long offset, long recordTime)
    {
        LastOffset = offset;
        RecordTimes = (Math.Min(RecordTimes.First, recordTime), Math.Max(RecordTimes.Last, recordTime));
    }
}

/// <summary>Sorts the records of a batch by customer, so that each customer is looked at once.</summary>
/// <remarks>
/// Each record is translated as it is read: what the wire makes of it is many times the size, and a batch of that kept alive would
/// be copied from one generation of the heap to the next.
/// </remarks>
/// <param name="plans">Numbers the plans.</param>
internal sealed class FactBatch(PlanTable plans)
{
    private readonly Dictionary<(string Tenant, string Id), Customer> _customers = [];

    public List<Customer> Customers { get; } = [];

    public List<UnreadableRecord> Unreadable { get; } = [];

    public void Add(int shard, IReadOnlyList<StreamChunk> chunks)
    {
        Customer? last = null;
        foreach (var chunk in chunks)
        {
            var offset = chunk.FirstOffset;
            foreach (var record in chunk.Read())
            {
                if (Read(record) is not { } fact)
                {
                    PutAside(shard, chunk, offset, record, "The record is no fact that this version can read.");
                }
                else
                {
                    try
                    {
                        var translated = fact.FromWire(plans);

                        // Neighbours are often about one customer.
                        if (last is null || last.Id != fact.CustomerId || last.Tenant != chunk.Tenant)
                        {
                            last = Find(shard, chunk.Tenant, fact.CustomerId);
                        }

                        Add(last, fact, translated, offset, chunk.RecordTime, record);
                    }
                    catch (InvalidDataException e)
                    {
                        PutAside(shard, chunk, offset, record, e.Message);
                    }
                }

                offset++;
            }
        }
    }

    private static void Add(Customer customer, WireFact fact, LedgerFact translated, long offset, long recordTime, ReadOnlyMemory<byte> record)
    {
        var bears = FactFromWire.BearsOnLedger(fact);
        if (bears || fact.KindCase is not (Kind.UsageRecorded or Kind.None))
        {
            customer.Facts.Add(new ArrivedFact(translated, bears, offset, recordTime, record));
        }

        if (fact.KindCase == Kind.UsageRecorded)
        {
            var use = customer.UseOf(fact.UsageRecorded.Meter, translated, offset, recordTime, record);
            use.Add(fact.UsageRecorded.Quantity, translated.OccurTime);
        }

        customer.Came(offset, recordTime);
    }

    private void PutAside(int shard, StreamChunk chunk, long offset, ReadOnlyMemory<byte> record, string reason) =>
        Unreadable.Add(new UnreadableRecord(shard, chunk.Tenant, offset, chunk.RecordTime, record, reason));

    private static WireFact? Read(ReadOnlyMemory<byte> record)
    {
        try
        {
            return WireFact.Parser.ParseFrom(record.Span);
        }
        catch (InvalidProtocolBufferException)
        {
            return null;
        }
    }

    private Customer Find(int shard, string tenant, string id)
    {
        if (!_customers.TryGetValue((tenant, id), out var customer))
        {
            _customers.Add((tenant, id), customer = new Customer(shard, tenant, id));
            Customers.Add(customer);
        }

        return customer;
    }
}
