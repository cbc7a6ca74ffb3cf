using System.Buffers.Binary;
using Churn.ServiceDefaults.Storage;

namespace Churn.ServiceDefaults.Streams;

/// <summary>Appends records to a log within one transaction of the database that holds both it and their identities.</summary>
public sealed class LogAppend
{
    // Large enough that a row's own cost is nothing; small enough for one record to be looked up in it, and for the heap of short-lived objects.
    private const int ChunkBytes = 64 << 10;

    private readonly StreamLog _log;
    private readonly DatabaseConnection _connection;
    private readonly ShardBuffer?[] _buffers;
    private readonly List<ShardHead> _written = [];
    private readonly Rows _chunks;
    private bool _over;

    internal LogAppend(StreamLog log, DatabaseConnection connection, ShardBuffer?[] buffers, long recordTime)
    {
        _log = log;
        _connection = connection;
        _buffers = buffers;
        _chunks = log.Chunks();
        RecordTime = recordTime;
    }

    /// <summary>Gives the record time of its records, in microseconds: later than that of every one before in the shards that are open.</summary>
    public long RecordTime { get; private set; }

    internal IReadOnlyList<ShardHead> Written => _written;

    internal int Added { get; private set; }

    /// <summary>Opens all shards that will be added to: at once and in their order, so that two who append never wait for each other.</summary>
    /// <remarks>Where others append too, they wait from here to the end of the transaction.</remarks>
    public void Open(IEnumerable<int> shards)
    {
        var asked = shards.Distinct().Where(shard => _buffers[shard] is not { Open: true }).Order().ToList();
        foreach (var head in _log.HeadsBeforeAppend(_connection, asked))
        {
            (_buffers[head.Shard] ??= new ShardBuffer()).Begin(head);
            RecordTime = Math.Max(RecordTime, head.ClosedTime + 1);
        }
    }

    /// <summary>Gives the offset that the shard's next record will have.</summary>
    public long NextOffset(int shard) => Buffer(shard).Next;

    /// <summary>Adds a record, and gives its offset.</summary>
    /// <remarks>Records of one tenant that follow on each other in a shard make one chunk.</remarks>
    public long Add(int shard, string tenant, ReadOnlySpan<byte> record)
    {
        var buffer = Buffer(shard);
        if (buffer.Count > 0 && (buffer.Length + record.Length > ChunkBytes || !string.Equals(buffer.Tenant, tenant, StringComparison.Ordinal)))
        {
            Write(shard, buffer);
        }

        buffer.Tenant = tenant;
        Added++;
        return buffer.Add(record);
    }

    /// <summary>Writes what was added; only the COMMIT is then to come.</summary>
    /// <returns>The heads of the shards that it touched, as they will be.</returns>
    public IReadOnlyList<ShardHead> Complete()
    {
        var counters = _log.Counters();
        for (var shard = 0; shard < _buffers.Length; shard++)
        {
            if (_buffers[shard] is { Open: true } buffer)
            {
                Write(shard, buffer);
                if (buffer.Written)
                {
                    counters.Add(shard).Add(buffer.Next - 1).Add(TimeOf(buffer)).Add(Bytes(buffer.Hash));
                    _written.Add(new ShardHead(shard, buffer.Next - 1, TimeOf(buffer), buffer.Hash));
                }
            }
        }

        _connection.Insert(_chunks);
        _connection.Upsert(counters, key: 1);
        _chunks.Clear();
        End();
        return _written;
    }

    internal void CheckComplete()
    {
        if (!_over && Array.Exists(_buffers, buffer => buffer is { Open: true, Touched: true }))
        {
            throw new InvalidOperationException($"What was added to \"{_log.Stream}\" is not complete.");
        }
    }

    internal void End()
    {
        _over = true;
        foreach (var buffer in _buffers)
        {
            buffer?.End();
        }
    }

    private ShardBuffer Buffer(int shard)
    {
        ObjectDisposedException.ThrowIf(_over, this);
        if (_buffers[shard] is { Open: true } open)
        {
            return open;
        }

        Open([shard]);
        return _buffers[shard]!;
    }

    private void Write(int shard, ShardBuffer buffer)
    {
        if (buffer.Count == 0)
        {
            return;
        }

        var last = buffer.Next - 1;
        var time = TimeOf(buffer);
        buffer.Hash = ChunkHash.Next(buffer.Hash, last, buffer.Count, time, buffer.Tenant, buffer.Records);
        _chunks.Add(shard).Add(last).Add(buffer.Count).Add(time).Add(buffer.Tenant).Add(Bytes(buffer.Hash)).Add(buffer.Records.ToArray());
        buffer.Clear();
    }

    // All records of one append have one time, but for shards that are opened after one was written whose time another has closed meanwhile.
    private long TimeOf(ShardBuffer buffer) => buffer.Time = Math.Max(buffer.Time, RecordTime);

    private static byte[] Bytes(UInt128 hash)
    {
        var bytes = new byte[16];
        BinaryPrimitives.WriteUInt128BigEndian(bytes, hash);
        return bytes;
    }
}

/// <summary>Gathers the records of one shard; kept from one append to the next for its memory.</summary>
internal sealed class ShardBuffer
{
    private const int Kept = 1 << 20;

    private byte[] _bytes = new byte[1024];

    public bool Open { get; private set; }

    public bool Written { get; private set; }

    public bool Touched => Written || Count > 0;

    public long Next { get; private set; }

    public UInt128 Hash { get; set; }

    /// <summary>Gives the record time of what is written; 0 before the first.</summary>
    public long Time { get; set; }

    public string Tenant { get; set; } = "";

    public int Count { get; private set; }

    public int Length { get; private set; }

    public ReadOnlySpan<byte> Records => _bytes.AsSpan(0, Length);

    public void Begin(ShardHead head)
    {
        Open = true;
        Written = false;
        Next = head.Offset + 1;
        Hash = head.Hash;
        Time = 0;
    }

    public long Add(ReadOnlySpan<byte> record)
    {
        var least = Length + Varint.Longest + record.Length;
        if (_bytes.Length < least)
        {
            Array.Resize(ref _bytes, Math.Max(least, _bytes.Length * 2));
        }

        Length += Varint.Write(_bytes.AsSpan(Length), record.Length);
        record.CopyTo(_bytes.AsSpan(Length));
        Length += record.Length;
        Count++;
        return Next++;
    }

    public void Clear()
    {
        Written = true;
        Count = 0;
        Length = 0;
    }

    public void End()
    {
        Clear();
        Open = false;
        if (_bytes.Length > Kept)
        {
            _bytes = new byte[1024];
        }
    }
}
