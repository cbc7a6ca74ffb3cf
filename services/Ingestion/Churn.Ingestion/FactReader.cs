using Churn.Ingestion.Storage;
using Churn.Ingestion.V1;
using Churn.ServiceDefaults.Storage;

using Google.Protobuf.WellKnownTypes;

namespace Churn.Ingestion;

/// <summary>Reads facts out of the log.</summary>
internal sealed class FactReader(FactsStore store)
{
    private const string FindIdentity =
        "SELECT i.shard, i.log_offset FROM source s JOIN identity i ON i.source = s.id WHERE s.tenant = ?1 AND s.name = ?2 AND i.event_id = ?3";

    /// <summary>Gives the fact of an identity with its record time, or null where there is none.</summary>
    public Fact? Find(string tenant, string source, string eventId)
    {
        var (shard, offset) = store.Database.Read(connection =>
        {
            var row = connection.Prepare(FindIdentity).Bind(1, tenant).Bind(2, source).Bind(3, eventId);
            return row.Step() ? ((int)row.Number(0), row.Number(1)) : default;
        });
        return offset > 0 ? Read(shard, offset) : null;
    }

    /// <summary>Gives a fact that is in the log, with its record time.</summary>
    public Fact Read(int shard, long offset)
    {
        var record = store.Log.FindRecord(shard, offset) ?? throw new StorageException($"The log lacks offset {offset} of shard {shard}, which an identity names; restore the database from a backup.");
        return FromBytes(record.Bytes.Span, record.RecordTime);
    }

    /// <summary>Makes the fact of a record.</summary>
    public static Fact FromBytes(ReadOnlySpan<byte> bytes, long recordTime)
    {
        var fact = Fact.Parser.ParseFrom(bytes);
        fact.RecordTime = ToWire(recordTime);
        return fact;
    }

    private static Timestamp ToWire(long micros) => Timestamp.FromDateTime(DateTime.UnixEpoch.AddTicks(micros * TimeSpan.TicksPerMicrosecond));
}
