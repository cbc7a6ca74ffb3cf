using Churn.Metrics.Books;
using Churn.ServiceDefaults.Streams;
using Google.Protobuf;
using LedgerFact = Churn.Metrics.Domain.Fact;
using WireFact = Churn.Ingestion.V1.Fact;

namespace Churn.Metrics.Consumers;

/// <summary>Holds a fact as it came along the stream.</summary>
internal readonly record struct ArrivedFact(LedgerFact Fact, long Offset, long RecordTime, ReadOnlyMemory<byte> Record);

/// <summary>Holds a record that is no fact, or none that a ledger can hold.</summary>
internal sealed record UnreadableRecord(int Shard, string Tenant, long Offset, long RecordTime, ReadOnlyMemory<byte> Record, string Reason);

/// <summary>Holds the facts that came about one customer.</summary>
internal sealed record Customer(int Shard, string Tenant, string Id)
{
    public List<ArrivedFact> Facts { get; } = [];
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
                else if (FactFromWire.BearsOnLedger(fact))
                {
                    try
                    {
                        var arrived = new ArrivedFact(fact.FromWire(plans), offset, chunk.RecordTime, record);

                        // Neighbours are often about one customer.
                        if (last is null || last.Id != fact.CustomerId || last.Tenant != chunk.Tenant)
                        {
                            last = Find(shard, chunk.Tenant, fact.CustomerId);
                        }

                        last.Facts.Add(arrived);
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
