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
    private bool _over;

    internal LogAppend(StreamLog log, DatabaseConnection connection, ShardBuffer?[] buffers, long recordTime)
    {
        _log = log;
        _connection = connection;
        _buffers = buffers;
        RecordTime = recordTime;
    }

    /// <summary>Gives the record time of all its records, in microseconds: later than that of every one before.</summary>
    public long RecordTime { get; }

    internal IReadOnlyList<ShardHead> Written => _written;

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
        return buffer.Add(record);
    }

    /// <summary>Writes what was added; only the COMMIT is then to come.</summary>
    /// <returns>The heads of the shards that it touched, as they will be.</returns>
    public IReadOnlyList<ShardHead> Complete()
    {
        Span<byte> hash = stackalloc byte[16];
        for (var shard = 0; shard < _buffers.Length; shard++)
        {
            if (_buffers[shard] is { Open: true } buffer)
            {
                Write(shard, buffer);
                if (buffer.Written)
                {
                    BinaryPrimitives.WriteUInt128BigEndian(hash, buffer.Hash);
                    _connection.Prepare(_log.UpsertShard).Bind(1, shard).Bind(2, buffer.Next - 1).Bind(3, RecordTime).Bind(4, hash).Execute();
                    _written.Add(new ShardHead(shard, buffer.Next - 1, RecordTime, buffer.Hash));
                }
            }
        }

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
        var buffer = _buffers[shard] ??= new ShardBuffer();
        if (!buffer.Open)
        {
            buffer.Begin(_log.HeadBeforeAppend(shard));
        }

        return buffer;
    }

    private void Write(int shard, ShardBuffer buffer)
    {
        if (buffer.Count == 0)
        {
            return;
        }

        var last = buffer.Next - 1;
        buffer.Hash = ChunkHash.Next(buffer.Hash, last, buffer.Count, RecordTime, buffer.Tenant, buffer.Records);
        Span<byte> hash = stackalloc byte[16];
        BinaryPrimitives.WriteUInt128BigEndian(hash, buffer.Hash);
        _connection.Prepare(_log.InsertChunk)
            .Bind(1, shard).Bind(2, last).Bind(3, buffer.Count).Bind(4, RecordTime).Bind(5, buffer.Tenant).Bind(6, hash).Bind(7, buffer.Records)
            .Execute();
        buffer.Clear();
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
