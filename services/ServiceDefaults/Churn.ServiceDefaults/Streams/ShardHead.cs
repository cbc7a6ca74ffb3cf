namespace Churn.ServiceDefaults.Streams;

/// <summary>Holds how far one shard of a stream goes.</summary>
/// <param name="Shard">The shard, from 0.</param>
/// <param name="Offset">The offset of its last record; 0 while it has none. Offsets count from 1, without holes.</param>
/// <param name="ClosedTime">No record with this record time or an earlier one will be added; microseconds since 1970-01-01T00:00Z.</param>
/// <param name="Hash">The running hash over all chunks up to the offset; zero while there is none.</param>
public readonly record struct ShardHead(int Shard, long Offset, long ClosedTime, UInt128 Hash);
