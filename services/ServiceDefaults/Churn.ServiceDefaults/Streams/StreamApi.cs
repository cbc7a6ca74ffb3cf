using Churn.ServiceDefaults.Errors;
using Churn.Streams.V1;
using Grpc.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Churn.ServiceDefaults.Streams;

/// <summary>Serves the logs that this process owns to the services that read them.</summary>
internal sealed class StreamApi(IServiceProvider services, IHostApplicationLifetime lifetime) : StreamService.StreamServiceBase
{
    private const int PageBytes = 1 << 20;

    public override Task<ListHeadsResponse> ListHeads(ListHeadsRequest request, ServerCallContext context)
    {
        var response = new ListHeadsResponse();
        response.Heads.AddRange(LogOf(request.Stream).Heads().Select(StreamWire.ToWire));
        return Task.FromResult(response);
    }

    public override async Task ReadStream(ReadStreamRequest request, IServerStreamWriter<ReadStreamResponse> responseStream, ServerCallContext context)
    {
        var log = LogOf(request.Stream);
        if (request.Shard is < 0 or >= Shards.Count)
        {
            throw Faults.NotFound("SHARD_UNKNOWN", $"There is no shard {request.Shard}; the shards are 0 to {Shards.Count - 1}.");
        }

        if (request.After < 0)
        {
            throw Faults.Invalid("OFFSET_INVALID", "after", "Offsets count from 1; 0 is before the first.");
        }

        var end = log.Head(request.Shard).Offset;
        var after = request.After;
        using var either = CancellationTokenSource.CreateLinkedTokenSource(context.CancellationToken, lifetime.ApplicationStopping);
        try
        {
            do
            {
                var page = await log.ReadAsync(request.Shard, after, PageBytes, either.Token);
                await responseStream.WriteAsync(page.ToWire(), either.Token);
                after = page.Chunks.Count > 0 ? page.Chunks[^1].LastOffset : end;
            }
            while (after < end);
        }
        catch (StreamRolledBackException exception)
        {
            throw Faults.OutOfRange("STREAM_AHEAD", exception.Message);
        }
    }

    private StreamLog LogOf(string stream) => services.GetKeyedService<StreamLog>(stream)
        ?? throw Faults.NotFound("STREAM_UNKNOWN", $"There is no stream \"{stream}\" here.");
}
