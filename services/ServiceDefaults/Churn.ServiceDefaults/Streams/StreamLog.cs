using System.Buffers.Binary;
using Churn.ServiceDefaults.Storage;
using Churn.ServiceDefaults.Telemetry;

namespace Churn.ServiceDefaults.Streams;

/// <summary>Keeps the log of one stream in a database of the service that owns it, and reads it.</summary>
public sealed class StreamLog : IStreamSource
{
    private const int FewestChunks = 16;
    private const int MostChunks = 4_096;

    // Of several processes that close the time each second one does, in microseconds.
    private const int ClosedEvery = 700_000;

    private readonly Database _database;
    private readonly TimeProvider _clock;
    private readonly string _select;
    private readonly string _selectHeads;
    private readonly Lock _changing = new();
    private readonly ShardHead[] _heads = new ShardHead[Shards.Count];
    private readonly ShardBuffer?[] _buffers = new ShardBuffer?[Shards.Count];
    private readonly List<Action<IReadOnlyList<ShardHead>>> _listeners = [];
    private long _closed;
    private bool _appending;

    /// <summary>Opens the log that <see cref="Schema"/> has made.</summary>
    /// <exception cref="StorageException">The log's end is not what its counters say.</exception>
    public StreamLog(Database database, string stream, TimeProvider clock)
    {
        _database = database;
        _clock = clock;
        Stream = Checked(stream);
        _select = $"SELECT last_offset, count, record_time, tenant, hash, records FROM {stream}_log WHERE shard = ?1 AND last_offset >= ?2 ORDER BY last_offset LIMIT ?3";
        _selectHeads = $"SELECT shard, last_offset, closed_time, hash FROM {stream}_shard";
        Load();
    }

    /// <summary>Gives the stream's name.</summary>
    public string Stream { get; }

    /// <summary>Gives the script that makes the tables of a stream's log: one row for each commit, shard and tenant.</summary>
    /// <param name="stream">The stream's name, a-z.</param>
    public static string Schema(string stream) => $"""
        CREATE TABLE {Checked(stream)}_log (
            shard INTEGER NOT NULL,
            last_offset INTEGER NOT NULL,
            count INTEGER NOT NULL,
            record_time INTEGER NOT NULL,
            tenant TEXT NOT NULL,
            hash BLOB NOT NULL,
            records BLOB NOT NULL,
            PRIMARY KEY (shard, last_offset)
        ) WITHOUT ROWID;
        CREATE TABLE {stream}_shard (
            shard INTEGER PRIMARY KEY,
            last_offset INTEGER NOT NULL,
            closed_time INTEGER NOT NULL,
            hash BLOB NOT NULL
        );
        """;

    /// <summary>Begins to append within the transaction of <paramref name="connection"/>; one at a time.</summary>
    /// <remarks>Until the transaction is committed nobody sees anything of it, and when it is rolled back nothing has happened.</remarks>
    public LogAppend Append(DatabaseConnection connection)
    {
        lock (_changing)
        {
            if (_appending)
            {
                throw new InvalidOperationException($"A transaction appends to \"{Stream}\" once.");
            }

            // Asked before it begins: a database that does not answer leaves nothing begun.
            var append = new LogAppend(this, connection, _buffers, Math.Max(connection.Now(_clock), _closed + 1));
            _appending = true;
            connection.WhenCommitting(append.CheckComplete);
            connection.WhenEnded(committed => Ended(append, committed));
            return append;
        }
    }

    /// <summary>Has an action called with the new heads after each commit that appended, in the order of commits. It must not throw or wait.</summary>
    public void WhenAdvanced(Action<IReadOnlyList<ShardHead>> action)
    {
        lock (_changing)
        {
            _listeners.Add(action);
        }
    }

    /// <summary>Gives the head of a shard.</summary>
    public ShardHead Head(int shard)
    {
        if (_database.IsShared)
        {
            return _database.Read(connection => HeadOf(connection, shard));
        }

        lock (_changing)
        {
            Close();
            return _heads[shard] with { ClosedTime = _closed };
        }
    }

    /// <summary>Gives the head of every shard, by shard.</summary>
    public IReadOnlyList<ShardHead> Heads()
    {
        if (_database.IsShared)
        {
            return _database.Read(connection => HeadsOf(connection.Prepare($"{_selectHeads} ORDER BY shard")));
        }

        lock (_changing)
        {
            Close();
            return Array.ConvertAll(_heads, head => head with { ClosedTime = _closed });
        }
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<ShardHead>> HeadsAsync(CancellationToken cancellationToken) => ValueTask.FromResult(Heads());

    /// <inheritdoc/>
    public ValueTask<StreamPage> ReadAsync(int shard, long after, int mostBytes, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return ValueTask.FromResult(Read(shard, after, mostBytes));
    }

    /// <summary>Gives the chunk that holds an offset, or null where none does.</summary>
    public StreamChunk? Find(int shard, long offset)
    {
        return _database.Read(connection =>
        {
            if (offset < 1 || offset > HeadOf(connection, shard).Offset)
            {
                return null;
            }

            var row = connection.Prepare(_select).Bind(1, shard).Bind(2, offset).Bind(3, 1);
            return row.Step() && ChunkOf(row, tenant: null) is var chunk && chunk.FirstOffset <= offset ? chunk : throw Damaged(shard);
        });
    }

    /// <summary>Gives one record, or null where there is none.</summary>
    public StreamRecord? FindRecord(int shard, long offset)
    {
        return _database.Read(connection =>
        {
            if (offset < 1 || offset > HeadOf(connection, shard).Offset)
            {
                return null;
            }

            var row = connection.Prepare(_select).Bind(1, shard).Bind(2, offset).Bind(3, 1);
            if (!row.Step())
            {
                throw Damaged(shard);
            }

            var rest = row.Blob(5);
            for (var at = row.Number(0) - row.Number(1) + 1; at <= offset; at++)
            {
                var length = Varint.Read(ref rest);
                if (length > rest.Length)
                {
                    throw Damaged(shard);
                }

                if (at == offset)
                {
                    return new StreamRecord(shard, offset, row.Number(2), row.Text(3), rest[..(int)length].ToArray());
                }

                rest = rest[(int)length..];
            }

            throw Damaged(shard);
        });
    }

    private StreamPage Read(int shard, long after, int mostBytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(after);
        return _database.Read(connection =>
        {
            var head = HeadOf(connection, shard);
            if (after > head.Offset)
            {
                throw new StreamRolledBackException(shard, $"Shard {shard} of \"{Stream}\" ends at {head.Offset}, before {after}.");
            }

            var chunks = new List<StreamChunk>();
            var last = after;
            var bytes = 0L;
            while (bytes < mostBytes && last < head.Offset)
            {
                // So many as will do, by the size of those before: what is asked for is sent, read or not.
                var most = chunks.Count == 0 ? FewestChunks : Math.Clamp((mostBytes - bytes) / Math.Max(1, bytes / chunks.Count), FewestChunks, MostChunks);
                var rows = connection.Prepare(_select).Bind(1, shard).Bind(2, last).Bind(3, most + 1);
                if (last > 0 && (!rows.Step() || rows.Number(0) != last))
                {
                    throw new StreamRolledBackException(shard, $"No chunk of shard {shard} of \"{Stream}\" ends at {last}.");
                }

                // A commit that the heads do not tell of yet is left for the next page.
                var before = chunks.Count;
                while (bytes < mostBytes && rows.Step() && rows.Number(0) <= head.Offset)
                {
                    var chunk = ChunkOf(rows, chunks.Count == 0 ? null : chunks[^1].Tenant);
                    chunks.Add(chunk);
                    bytes += chunk.Records.Length;
                    last = chunk.LastOffset;
                }

                rows.Rewind();
                if (chunks.Count == before)
                {
                    break;
                }
            }

            return new StreamPage(chunks, head);
        });
    }

    // Asked before the first row is read, so that what is read has all that it tells of.
    private ShardHead HeadOf(DatabaseConnection connection, int shard) => connection.IsShared
        ? HeadsOf(connection.Prepare($"{_selectHeads} WHERE shard = ?1").Bind(1, shard)).Single()
        : Head(shard);

    private static List<ShardHead> HeadsOf(Statement rows)
    {
        var heads = new List<ShardHead>();
        while (rows.Step())
        {
            heads.Add(new ShardHead((int)rows.Number(0), rows.Number(1), rows.Number(2), BinaryPrimitives.ReadUInt128BigEndian(rows.Blob(3))));
        }

        return heads;
    }

    private static StreamChunk ChunkOf(Statement row, string? tenant)
    {
        var name = row.Text(3);
        return new StreamChunk(
            row.Number(0),
            (int)row.Number(1),
            row.Number(2),
            string.Equals(name, tenant, StringComparison.Ordinal) ? tenant! : name,
            row.Blob(5).ToArray(),
            BinaryPrimitives.ReadUInt128BigEndian(row.Blob(4)));
    }

    private void Load()
    {
        for (var shard = 0; shard < Shards.Count; shard++)
        {
            _heads[shard] = new ShardHead(shard, 0, 0, UInt128.Zero);
        }

        _database.Read(connection =>
        {
            var rows = connection.Prepare($"""
                SELECT s.shard, s.last_offset, s.closed_time, s.hash, l.hash, (SELECT max(last_offset) FROM {Stream}_log WHERE shard = s.shard)
                FROM {Stream}_shard s LEFT JOIN {Stream}_log l ON l.shard = s.shard AND l.last_offset = s.last_offset
                """);
            while (rows.Step())
            {
                var shard = (int)rows.Number(0);
                if (rows.Number(1) > 0 && (!rows.Blob(3).SequenceEqual(rows.Blob(4)) || rows.Number(5) != rows.Number(1)))
                {
                    throw Damaged(shard);
                }

                _heads[shard] = new ShardHead(shard, rows.Number(1), rows.Number(2), BinaryPrimitives.ReadUInt128BigEndian(rows.Blob(3)));
                _closed = Math.Max(_closed, rows.Number(2));
            }

            return 0;
        });
    }

    private StorageException Damaged(int shard) =>
        new($"{_database.Place} is damaged (shard {shard} of \"{Stream}\" is not what it says to be); restore it from a backup.");

    private void Ended(LogAppend append, bool committed)
    {
        IReadOnlyList<ShardHead> heads = committed ? append.Written : [];
        Action<IReadOnlyList<ShardHead>>[] listeners;
        lock (_changing)
        {
            _appending = false;
            foreach (var head in heads)
            {
                _heads[head.Shard] = head;
                _closed = Math.Max(_closed, head.ClosedTime);
            }

            listeners = [.. _listeners];
        }

        append.End();
        if (heads.Count > 0)
        {
            Instruments.Appended.Add(append.Added, Instruments.OfStream(Stream));
            foreach (var listener in listeners)
            {
                listener(heads);
            }
        }
    }

    // While a transaction has a record time, the time after it is not over.
    private void Close()
    {
        if (!_appending)
        {
            _closed = Math.Max(_closed, Now());
        }
    }

    private long Now() => (_clock.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;

    internal IReadOnlyList<ShardHead> HeadsBeforeAppend(DatabaseConnection connection, IReadOnlyList<int> shards)
    {
        if (!connection.IsShared)
        {
            lock (_changing)
            {
                return [.. shards.Select(shard => _heads[shard])];
            }
        }

        return shards.Count switch
        {
            0 => [],
            1 => HeadsOf(connection.Prepare($"{_selectHeads} WHERE shard = ?1 FOR UPDATE").Bind(1, shards[0])),
            _ => HeadsOf(connection.Prepare($"{_selectHeads} WHERE shard IN ({string.Join(", ", shards)}) ORDER BY shard FOR UPDATE")),
        };
    }

    /// <summary>Closes the time until now, where others append too: who appends after it gets a later time. Shards to which is appended now are closed by that.</summary>
    internal void CloseShared()
    {
        if (_database.IsShared)
        {
            _database.Write(
                connection => connection.Prepare($"""
                    UPDATE {Stream}_shard SET closed_time = ?1 WHERE shard IN (
                        SELECT shard FROM {Stream}_shard WHERE closed_time < ?1 - {ClosedEvery} ORDER BY shard FOR UPDATE SKIP LOCKED)
                    """).Bind(1, connection.Now(_clock)).Execute(),
                Isolation.ReadCommitted);
        }
    }

    internal Rows Chunks() => new(
        $"{Stream}_log",
        new Column("shard", ColumnType.Number),
        new Column("last_offset", ColumnType.Number),
        new Column("count", ColumnType.Number),
        new Column("record_time", ColumnType.Number),
        new Column("tenant", ColumnType.Text),
        new Column("hash", ColumnType.Bytes),
        new Column("records", ColumnType.Bytes));

    internal Rows Counters() => new(
        $"{Stream}_shard",
        new Column("shard", ColumnType.Number),
        new Column("last_offset", ColumnType.Number),
        new Column("closed_time", ColumnType.Number),
        new Column("hash", ColumnType.Bytes));

    private static string Checked(string stream) => stream.Length > 0 && stream.All(char.IsAsciiLetterLower)
        ? stream
        : throw new ArgumentException($"\"{stream}\" is no name of a stream; a-z are its letters.", nameof(stream));
}
