namespace Churn.ServiceDefaults.Streams;

/// <summary>Names a stream that this process consumes, and the database that its effects are written to.</summary>
/// <param name="Stream">The stream; the key of its <see cref="StreamConsumer"/>.</param>
/// <param name="Database">The name of the database.</param>
internal sealed record ConsumedStream(string Stream, string Database);
