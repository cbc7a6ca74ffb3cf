using System.Buffers.Binary;
using System.Text;
using Churn.ServiceDefaults.Leases;
using Churn.ServiceDefaults.Storage;
using Churn.ServiceDefaults.Streams;

namespace Churn.ServiceDefaults.Tests.Streams;

/// <summary>Keeps every record that it applies in a table where none can be twice, and fails when it is told to.</summary>
internal sealed class KeepingHandler(Database database) : IStreamHandler
{
    public const string Schema = """
        CREATE TABLE applied (shard INTEGER PRIMARY KEY, last_offset INTEGER NOT NULL, hash BLOB NOT NULL);
        CREATE TABLE effect (shard INTEGER NOT NULL, record_offset INTEGER NOT NULL, record TEXT NOT NULL, PRIMARY KEY (shard, record_offset));
        """;

    private int _calls;

    /// <summary>Is called within each transaction that applies, before it ends; what it throws ends the transaction.</summary>
    public Action<IReadOnlyList<ShardPage>>? Applying { get; set; }

    public int Resets { get; private set; }

    public SortedSet<int> Taken { get; } = [];

    public int Transactions { get; private set; }

    public Task<IReadOnlyList<AppliedPoint>> TakeAsync(IReadOnlyList<Lease> leases, CancellationToken cancellationToken) => Alone<IReadOnlyList<AppliedPoint>>(() =>
    {
        lock (Taken)
        {
            Taken.UnionWith(leases.Select(lease => lease.Shard));
        }

        return database.Read(connection => leases.Select(lease =>
        {
            var row = connection.Prepare("SELECT last_offset, hash FROM applied WHERE shard = ?1").Bind(1, lease.Shard);
            return row.Step() ? new AppliedPoint(lease.Shard, row.Number(0), BinaryPrimitives.ReadUInt128BigEndian(row.Blob(1))) : new AppliedPoint(lease.Shard, 0, UInt128.Zero);
        }).ToList());
    });

    public Task ApplyAsync(IReadOnlyList<ShardPage> pages, CancellationToken cancellationToken) => Alone(() =>
    {
        database.Write(connection =>
        {
            LeaseTable.Check(connection, pages.Select(page => page.Lease));
            Span<byte> hash = stackalloc byte[16];
            foreach (var page in pages)
            {
                foreach (var chunk in page.Page.Chunks)
                {
                    var offset = chunk.FirstOffset;
                    foreach (var record in chunk.Read())
                    {
                        connection.Prepare("INSERT INTO effect VALUES (?1, ?2, ?3)").Bind(1, page.Lease.Shard).Bind(2, offset++).Bind(3, Encoding.UTF8.GetString(record.Span)).Execute();
                    }
                }

                BinaryPrimitives.WriteUInt128BigEndian(hash, page.Applied.Hash);
                connection.Prepare("INSERT OR REPLACE INTO applied VALUES (?1, ?2, ?3)").Bind(1, page.Lease.Shard).Bind(2, page.Applied.Offset).Bind(3, hash).Execute();
            }

            Applying?.Invoke(pages);
        });
        Transactions++;
        return true;
    });

    public Task ResetAsync(Lease lease, CancellationToken cancellationToken) => Alone(() =>
    {
        database.Write(connection =>
        {
            LeaseTable.Check(connection, [lease]);
            connection.Prepare("DELETE FROM effect WHERE shard = ?1").Bind(1, lease.Shard).Execute();
            connection.Prepare("DELETE FROM applied WHERE shard = ?1").Bind(1, lease.Shard).Execute();
        });
        return ++Resets;
    });

    public Task GiveUpAsync(IReadOnlyList<int> shards, CancellationToken cancellationToken) => Alone(() =>
    {
        lock (Taken)
        {
            Taken.ExceptWith(shards);
        }

        return true;
    });

    public List<string> Effects(int shard) => database.Read(connection =>
    {
        var records = new List<string>();
        var rows = connection.Prepare("SELECT record FROM effect WHERE shard = ?1 ORDER BY record_offset").Bind(1, shard);
        while (rows.Step())
        {
            records.Add(rows.Text(0));
        }

        return records;
    });

    private async Task<T> Alone<T>(Func<T> work)
    {
        Assert.Equal(1, Interlocked.Increment(ref _calls));
        try
        {
            await Task.Yield();
            return work();
        }
        finally
        {
            Interlocked.Decrement(ref _calls);
        }
    }
}
