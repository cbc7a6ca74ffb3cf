using MassTransit;

namespace Churn.Contracts;

/// <summary>Tells that one shard of a stream has grown; it may be lost, doubled or overtaken, for the log is the truth.</summary>
/// <param name="Stream">The stream, for example "facts".</param>
/// <param name="Shard">The shard.</param>
/// <param name="Page">A serialized <c>churn.streams.v1.ReadStreamResponse</c>: the head, and the chunks before it or none.</param>
[MessageUrn("churn:stream-news:v1", useDefaultPrefix: true)]
[EntityName("churn.stream-news.v1")]
public sealed record StreamNews(string Stream, int Shard, byte[] Page);
