namespace Churn.ServiceDefaults.Streams;

/// <summary>Holds a stretch of one shard: chunks in order of offset, without holes.</summary>
/// <param name="Chunks">The chunks; none when the reader has all.</param>
/// <param name="Head">The shard's head when the page was read.</param>
public sealed record StreamPage(IReadOnlyList<StreamChunk> Chunks, ShardHead Head);
