using Churn.Streams.V1;
using Grpc.Core;

namespace Churn.ServiceDefaults.Streams;

/// <summary>Reads a stream's log from the service that owns it, over gRPC.</summary>
/// <remarks>
/// A shard is read by one reader at a time. The call that reads it stays open between pages, so that a long stretch is one call.
/// Failures are gRPC's, to be tried again.
/// </remarks>
/// <param name="client">The service that owns the log.</param>
/// <param name="stream">The stream.</param>
public sealed class RemoteStreamSource(StreamService.StreamServiceClient client, string stream) : IStreamSource, IDisposable
{
    private readonly OpenCall?[] _calls = new OpenCall?[Shards.Count];

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<ShardHead>> HeadsAsync(CancellationToken cancellationToken)
    {
        var response = await client.ListHeadsAsync(new ListHeadsRequest { Stream = stream }, cancellationToken: cancellationToken);
        return [.. response.Heads.Select(StreamWire.FromWire)];
    }

    /// <inheritdoc/>
    public async ValueTask<StreamPage> ReadAsync(int shard, long after, int mostBytes, CancellationToken cancellationToken)
    {
        var call = Interlocked.Exchange(ref _calls[shard], null);
        if (call?.After != after)
        {
            call?.Dispose();
            call = null;
        }

        try
        {
            if (call is not null && !await call.Pages.MoveNext(cancellationToken))
            {
                call.Dispose();
                call = null;
            }

            if (call is null)
            {
                call = new OpenCall(client.ReadStream(new ReadStreamRequest { Stream = stream, Shard = shard, After = after }, cancellationToken: CancellationToken.None));
                if (!await call.Pages.MoveNext(cancellationToken))
                {
                    throw new InvalidDataException($"The log of \"{stream}\" gave no page of shard {shard}.");
                }
            }

            var page = call.Pages.Current.FromWire();
            if (page.Chunks.Count > 0)
            {
                call.After = page.Chunks[^1].LastOffset;
                Interlocked.Exchange(ref _calls[shard], call)?.Dispose();
            }
            else
            {
                call.Dispose();
            }

            return page;
        }
        catch (RpcException exception) when (exception.StatusCode == StatusCode.OutOfRange)
        {
            call?.Dispose();
            throw new StreamRolledBackException(shard, exception.Status.Detail);
        }
        catch
        {
            call?.Dispose();
            throw;
        }
    }

    /// <summary>Ends the calls that are open.</summary>
    public void Dispose()
    {
        for (var shard = 0; shard < _calls.Length; shard++)
        {
            Interlocked.Exchange(ref _calls[shard], null)?.Dispose();
        }
    }

    private sealed class OpenCall(AsyncServerStreamingCall<ReadStreamResponse> call) : IDisposable
    {
        public IAsyncStreamReader<ReadStreamResponse> Pages => call.ResponseStream;

        public long After { get; set; }

        public void Dispose() => call.Dispose();
    }
}
