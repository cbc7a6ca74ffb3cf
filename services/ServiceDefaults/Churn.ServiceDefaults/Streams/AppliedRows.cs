using System.Buffers.Binary;
using Churn.ServiceDefaults.Leases;
using Churn.ServiceDefaults.Storage;

namespace Churn.ServiceDefaults.Streams;

/// <summary>Keeps in a consumer's database how far each shard of its stream is applied, and what could not be applied.</summary>
/// <remarks>All of it is called within the transaction of the effects: what is applied and what is put aside are never apart.</remarks>
public static class AppliedRows
{
    /// <summary>Gives the script that makes the tables: one consumer a database.</summary>
    public const string Schema = """
        CREATE TABLE applied (shard INTEGER PRIMARY KEY, "offset" INTEGER NOT NULL, hash BLOB NOT NULL);
        CREATE TABLE quarantine (
            shard INTEGER NOT NULL,
            "offset" INTEGER NOT NULL,
            tenant TEXT NOT NULL,
            record_time INTEGER NOT NULL,
            reason TEXT NOT NULL,
            record BLOB NOT NULL
        );
        CREATE INDEX quarantine_shard ON quarantine (shard);
        """;

    /// <summary>Gives how far a shard is applied.</summary>
    public static AppliedPoint Of(DatabaseConnection connection, int shard)
    {
        var row = connection.Prepare("""SELECT "offset", hash FROM applied WHERE shard = ?""").Bind(1, shard);
        var point = row.Step() ? new AppliedPoint(shard, row.Number(0), BinaryPrimitives.ReadUInt128BigEndian(row.Blob(1))) : new AppliedPoint(shard, 0, 0);
        row.Rewind();
        return point;
    }

    /// <summary>Moves on, within the transaction of the effects, how far shards are applied; their leases are then held until its end.</summary>
    /// <exception cref="LeaseLostException">A lease is no longer held: the transaction is to be rolled back.</exception>
    /// <exception cref="AppliedMovedException">A shard is applied to another point than that before its page: the answer to an earlier commit was lost.</exception>
    public static void Advance(DatabaseConnection connection, IReadOnlyList<ShardPage> pages)
    {
        LeaseTable.Check(connection, pages.Select(page => page.Lease));
        var keys = new Rows("applied", new Column("shard", ColumnType.Number));
        var rows = new Rows("applied", new Column("shard", ColumnType.Number), new Column("\"offset\"", ColumnType.Number), new Column("hash", ColumnType.Bytes));
        foreach (var page in pages)
        {
            var (shard, offset, hash) = page.Applied;
            var bytes = new byte[16];
            BinaryPrimitives.WriteUInt128BigEndian(bytes, hash);
            keys.Add(shard);
            rows.Add(shard).Add(offset).Add(bytes);
        }

        var before = new long[pages.Count];
        connection.Find(keys, "\"offset\"", (i, row) => before[i] = row.Number(0));
        for (var i = 0; i < pages.Count; i++)
        {
            if (before[i] != pages[i].Page.Chunks[0].FirstOffset - 1)
            {
                throw new AppliedMovedException(pages[i].Lease.Shard, before[i]);
            }
        }

        connection.Upsert(rows, key: 1);
    }

    /// <summary>Puts a record aside that cannot be applied, however often it is tried.</summary>
    public static void PutAside(DatabaseConnection connection, int shard, string tenant, long offset, long recordTime, string reason, ReadOnlySpan<byte> record) =>
        connection.Prepare("""INSERT INTO quarantine (shard, "offset", tenant, record_time, reason, record) VALUES (?, ?, ?, ?, ?, ?)""")
            .Bind(1, shard).Bind(2, offset).Bind(3, tenant).Bind(4, recordTime).Bind(5, reason).Bind(6, record).Execute();

    /// <summary>Gives how much is put aside.</summary>
    public static long CountPutAside(DatabaseConnection connection)
    {
        var row = connection.Prepare("SELECT count(*) FROM quarantine");
        row.Step();
        var count = row.Number(0);
        row.Rewind();
        return count;
    }

    /// <summary>Gives how much of a shard is put aside.</summary>
    public static long CountPutAside(DatabaseConnection connection, int shard)
    {
        var row = connection.Prepare("SELECT count(*) FROM quarantine WHERE shard = ?").Bind(1, shard);
        row.Step();
        var count = row.Number(0);
        row.Rewind();
        return count;
    }

    /// <summary>Drops both of a shard, whose log is then read from its beginning.</summary>
    public static void Drop(DatabaseConnection connection, int shard)
    {
        connection.Prepare("DELETE FROM applied WHERE shard = ?").Bind(1, shard).Execute();
        connection.Prepare("DELETE FROM quarantine WHERE shard = ?").Bind(1, shard).Execute();
    }
}
