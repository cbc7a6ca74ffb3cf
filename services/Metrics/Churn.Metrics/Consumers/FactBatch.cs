using Churn.ServiceDefaults.Streams;
using Google.Protobuf;
using WireFact = Churn.Ingestion.V1.Fact;

namespace Churn.Metrics.Consumers;

/// <summary>Holds a fact as it came along the stream.</summary>
internal readonly record struct ArrivedFact(WireFact Fact, long Offset, long RecordTime, ReadOnlyMemory<byte> Record);

/// <summary>Holds a record that is no fact.</summary>
internal sealed record UnreadableRecord(int Shard, string Tenant, long Offset, long RecordTime, ReadOnlyMemory<byte> Record, string Reason);

/// <summary>Holds the facts that came about one customer.</summary>
internal sealed record Customer(int Shard, string Tenant, string Id)
{
    public List<ArrivedFact> Facts { get; } = [];
}

/// <summary>Sorts the records of a batch by customer, so that each customer is looked at once.</summary>
internal sealed class FactBatch
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
                    Unreadable.Add(new UnreadableRecord(shard, chunk.Tenant, offset, chunk.RecordTime, record, "The record is no fact that this version can read."));
                }
                else if (FactFromWire.BearsOnLedger(fact))
                {
                    // Neighbours are often about one customer.
                    if (last is null || last.Id != fact.CustomerId || last.Tenant != chunk.Tenant)
                    {
                        last = Find(shard, chunk.Tenant, fact.CustomerId);
                    }

                    last.Facts.Add(new ArrivedFact(fact, offset, chunk.RecordTime, record));
                }

                offset++;
            }
        }
    }

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
