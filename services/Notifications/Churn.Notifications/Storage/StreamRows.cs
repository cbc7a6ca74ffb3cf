using System.Buffers.Binary;
using Churn.ServiceDefaults.Storage;
using Churn.ServiceDefaults.Streams;

namespace Churn.Notifications.Storage;

/// <summary>Keeps how far the stream of requests is applied, and what of it could not be.</summary>
internal static class StreamRows
{
    public static AppliedPoint AppliedOf(DatabaseConnection connection, int shard)
    {
        var row = connection.Prepare("""SELECT "offset", hash FROM applied WHERE shard = ?""").Bind(1, shard);
        var point = row.Step() ? new AppliedPoint(shard, row.Number(0), BinaryPrimitives.ReadUInt128BigEndian(row.Blob(1))) : new AppliedPoint(shard, 0, 0);
        row.Rewind();
        return point;
    }

    public static void SetApplied(DatabaseConnection connection, AppliedPoint point)
    {
        Span<byte> hash = stackalloc byte[16];
        BinaryPrimitives.WriteUInt128BigEndian(hash, point.Hash);
        connection.Prepare("INSERT OR REPLACE INTO applied VALUES (?, ?, ?)").Bind(1, point.Shard).Bind(2, point.Offset).Bind(3, hash).Execute();
    }

    public static void Reset(DatabaseConnection connection, int shard) => connection.Prepare("DELETE FROM applied WHERE shard = ?").Bind(1, shard).Execute();

    public static void Quarantine(DatabaseConnection connection, int shard, long offset, long recordTime, string reason, ReadOnlySpan<byte> record) =>
        connection.Prepare("INSERT OR REPLACE INTO quarantine VALUES (?, ?, ?, ?, ?)")
            .Bind(1, shard).Bind(2, offset).Bind(3, recordTime).Bind(4, reason).Bind(5, record).Execute();

    public static long CountQuarantined(DatabaseConnection connection)
    {
        var row = connection.Prepare("SELECT count(*) FROM quarantine");
        row.Step();
        var count = row.Number(0);
        row.Rewind();
        return count;
    }
}
