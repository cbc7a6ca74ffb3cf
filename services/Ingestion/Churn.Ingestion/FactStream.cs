using System.Threading.Channels;
using Churn.Ingestion.V1;
using Grpc.Core;

namespace Churn.Ingestion;

/// <summary>Runs one call of StreamFacts: takes batches in while few facts are undecided, and tells in their order what is decided.</summary>
/// <remarks>
/// A fact counts as undecided until the answer that decides it has been taken off the server's hands: a client that reads slowly is
/// read slowly, and what the server holds for it is bounded.
/// </remarks>
internal sealed class FactStream(
    IngestionCalls calls,
    IAsyncStreamReader<StreamFactsRequest> requests,
    IServerStreamWriter<StreamFactsResponse> responses,
    TimeProvider clock,
    CancellationToken stopping)
{
    /// <summary>How many facts may be undecided before no more are read.</summary>
    public const int MostUndecided = 10_000;

    // So that an answer with what is wrong with each of its facts stays below the 4 MiB that clients take.
    private const int MostRejectsTogether = 1_000;

    /// <summary>How long an answer may wait for the client to take it.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private readonly Channel<Task<FactBatch>> _pending = Channel.CreateUnbounded<Task<FactBatch>>(new UnboundedChannelOptions { SingleReader = true, SingleWriter = true });
    private readonly Lock _counting = new();
    private int _undecided;
    private TaskCompletionSource? _room;

    /// <summary>Runs until the client has sent all and is told what became of it.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, stopping);
        var taking = TakeAsync(ending.Token);
        try
        {
            await TellAsync(cancellationToken);
        }
        catch
        {
            // Whoever still waits for the client waits no longer; what was handed to the writer is decided all the same.
            await ending.CancelAsync();
            await taking.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            throw;
        }

        // All that was taken is told; now what ended the taking.
        await taking;
    }

    private async Task TakeAsync(CancellationToken cancellationToken)
    {
        try
        {
            while (await requests.MoveNext(cancellationToken))
            {
                var batch = calls.Check(requests.Current.Facts);
                await calls.CountAsync(batch.SentCount, cancellationToken);
                lock (_counting)
                {
                    _undecided += batch.SentCount;
                }

                await _pending.Writer.WriteAsync(calls.RecordAsync(batch, CancellationToken.None), cancellationToken);
                await RoomAsync().WaitAsync(cancellationToken);
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            throw IngestionFaults.Stopping();
        }
        finally
        {
            _pending.Writer.Complete();
        }
    }

    private async Task TellAsync(CancellationToken cancellationToken)
    {
        var decisions = new Decisions();
        while (await _pending.Reader.WaitToReadAsync(cancellationToken))
        {
            var before = decisions.Count;

            // What is decided while an answer is on its way is told in the next one, together.
            while (_pending.Reader.TryPeek(out var next)
                && (decisions.Count == before || (next.IsCompletedSuccessfully && decisions.Rejects.Count < MostRejectsTogether)))
            {
                calls.Tell(await next.WaitAsync(cancellationToken), decisions);
                _pending.Reader.TryRead(out _);
            }

            await SendAsync(decisions, cancellationToken);
            Decided((int)(decisions.Count - before));
        }
    }

    private async Task SendAsync(Decisions decisions, CancellationToken cancellationToken)
    {
        var response = new StreamFactsResponse
        {
            DurableThrough = decisions.Count,
            RecordedCount = decisions.Recorded,
            DuplicateCount = decisions.Duplicates,
            ConsistencyToken = decisions.Token,
        };
        response.Rejects.AddRange(decisions.TakeRejects());
        try
        {
            await responses.WriteAsync(response, cancellationToken).WaitAsync(Patience, clock, cancellationToken);
        }
        catch (TimeoutException)
        {
            throw IngestionFaults.ResponsesNotRead();
        }
    }

    private Task RoomAsync()
    {
        lock (_counting)
        {
            return _undecided < MostUndecided ? Task.CompletedTask : (_room = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
        }
    }

    private void Decided(int count)
    {
        lock (_counting)
        {
            _undecided -= count;
            if (_undecided < MostUndecided)
            {
                _room?.TrySetResult();
                _room = null;
            }
        }
    }
}
