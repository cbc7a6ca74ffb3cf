namespace Churn.ServiceDefaults.Streams;

/// <summary>Holds one record of a stream.</summary>
/// <param name="Shard">The shard.</param>
/// <param name="Offset">Its offset.</param>
/// <param name="RecordTime">When it was recorded, in microseconds since 1970-01-01T00:00Z.</param>
/// <param name="Tenant">Its tenant.</param>
/// <param name="Bytes">What was recorded.</param>
public sealed record StreamRecord(int Shard, long Offset, long RecordTime, string Tenant, ReadOnlyMemory<byte> Bytes);
