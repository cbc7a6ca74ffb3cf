using System.Runtime.ExceptionServices;
using Churn.Ingestion.V1;
using Grpc.Core;

namespace Churn.Client.Facts;

/// <summary>Writes facts in batches, as fast as both sides can; made by <see cref="ChurnClient.StreamFacts"/>.</summary>
/// <remarks>
/// Writing waits while too many facts are undecided. After a break the stream connects again and sends what is undecided again: the
/// server counts what it has as duplicates. Facts that are rejected come to the options' callback with the tag they were written with.
/// Several callers may write at once; each one's facts stay in order.
/// </remarks>
public sealed class FactWriter : IAsyncDisposable
{
    internal static readonly Method<FactFrame, StreamFactsResponse> Method = new(
        MethodType.DuplexStreaming, "churn.ingestion.v1.IngestionService", "StreamFacts", FactFrame.Marshaller, FactFrame.Answer);

    private static readonly TimeSpan FirstBackoff = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestBackoff = TimeSpan.FromSeconds(5);

    private readonly CallInvoker _calls;
    private readonly FactWriterOptions _options;
    private readonly TimeProvider _time;
    private readonly Action<string> _remember;
    private readonly Lock _lock = new();
    private readonly CancellationTokenSource _ended = new();
    private readonly List<FactBatch> _pending = [];
    private readonly Stack<FactBatch> _free = [];
    private readonly Pulse _given = new();
    private readonly Pulse _settled = new();
    private readonly ITimer _flush;
    private readonly Task _run;

    private FactBatch _open = new();
    private bool _completed;
    private ExceptionDispatchInfo? _fault;

    // All of these count facts from the stream's first. What is pending begins with the fact _pendingFrom.
    private long _written;
    private long _pendingFrom;
    private long _decided;
    private long _recorded;
    private long _duplicates;
    private long _rejected;

    internal FactWriter(CallInvoker calls, FactWriterOptions options, TimeProvider time, Action<string> remember)
    {
        if (options.MostUndecided < 1)
        {
            throw new ArgumentException("MostUndecided is at least 1.", nameof(options));
        }

        if (options.MostPerSecond < 1)
        {
            throw new ArgumentException("MostPerSecond is at least 1.", nameof(options));
        }

        (_calls, _options, _time, _remember) = (calls, options, time, remember);
        _flush = time.CreateTimer(static stream => ((FactWriter)stream!).Flush(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _run = Task.Run(RunAsync);
    }

    /// <summary>Gives how far the stream is.</summary>
    public FactWriterProgress Progress
    {
        get
        {
            lock (_lock)
            {
                return new FactWriterProgress(_written, _recorded, _duplicates, _rejected);
            }
        }
    }

    /// <summary>Gives the token of all facts that are decided; empty before the first. The client remembers it too.</summary>
    public string ConsistencyToken { get; private set; } = "";

    /// <summary>Gives an empty batch, for callers that fill batches themselves.</summary>
    public FactBatch NewBatch()
    {
        lock (_lock)
        {
            return _free.TryPop(out var batch) ? batch : new FactBatch();
        }
    }

    /// <summary>Writes a fact; returns once there is room for it, long before it is recorded.</summary>
    /// <param name="fact">The fact; it may be changed afterwards.</param>
    /// <param name="tag">A number of the caller's own, such as a line, which comes back when the fact is rejected.</param>
    /// <param name="cancellationToken">Ends the wait; the fact is not written then.</param>
    /// <exception cref="RpcException">The stream has failed, here or before.</exception>
    public async ValueTask WriteAsync(Fact fact, long tag = 0, CancellationToken cancellationToken = default)
    {
        while (true)
        {
            var settled = _settled.Next;
            lock (_lock)
            {
                ThrowIfEnded();
                if (_written - _decided < _options.MostUndecided)
                {
                    _open.Add(fact, tag);
                    _written++;
                    if (_open.IsFull)
                    {
                        Give(_open);
                        _open = NewBatch();
                    }
                    else if (_open.Count == 1)
                    {
                        _flush.Change(_options.FlushAfter, Timeout.InfiniteTimeSpan);
                    }

                    return;
                }
            }

            Flush();
            await settled.WaitAsync(cancellationToken);
        }
    }

    /// <summary>Writes a batch, which is the stream's from then on; returns once there is room for it.</summary>
    /// <param name="batch">A batch of <see cref="NewBatch"/>.</param>
    /// <param name="cancellationToken">Ends the wait; nothing is written then.</param>
    /// <exception cref="RpcException">The stream has failed, here or before.</exception>
    public async ValueTask WriteAsync(FactBatch batch, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(batch);
        ObjectDisposedException.ThrowIf(batch.IsSent, batch);
        while (true)
        {
            var settled = _settled.Next;
            lock (_lock)
            {
                ThrowIfEnded();
                if (_written - _decided < _options.MostUndecided)
                {
                    GiveOpen();
                    if (batch.Count > 0)
                    {
                        _written += batch.Count;
                        Give(batch);
                    }

                    return;
                }
            }

            await settled.WaitAsync(cancellationToken);
        }
    }

    /// <summary>Waits until every fact written so far is decided.</summary>
    /// <exception cref="RpcException">The stream has failed, here or before.</exception>
    public async Task FlushAsync(CancellationToken cancellationToken = default)
    {
        Flush();
        var until = Progress.Written;
        while (true)
        {
            var settled = _settled.Next;
            lock (_lock)
            {
                _fault?.Throw();
                if (_decided >= until)
                {
                    return;
                }
            }

            await settled.WaitAsync(cancellationToken);
        }
    }

    /// <summary>Ends the stream once every fact is decided, and says what became of them.</summary>
    /// <exception cref="RpcException">The stream has failed, here or before.</exception>
    public async Task<FactWriterProgress> CompleteAsync(CancellationToken cancellationToken = default)
    {
        lock (_lock)
        {
            _fault?.Throw();
            GiveOpen();
            _completed = true;
        }

        _given.Beat();
        await _run.WaitAsync(cancellationToken);
        _fault?.Throw();
        return Progress;
    }

    /// <summary>Ends the stream; what is undecided then may or may not be recorded.</summary>
    public async ValueTask DisposeAsync()
    {
        await _ended.CancelAsync();
        await _run;
        await _flush.DisposeAsync();
        _ended.Dispose();
    }

    private void ThrowIfEnded()
    {
        _fault?.Throw();
        ObjectDisposedException.ThrowIf(_ended.IsCancellationRequested, this);
        if (_completed)
        {
            throw new InvalidOperationException("The stream is complete; it takes no more facts.");
        }
    }

    private void Flush()
    {
        lock (_lock)
        {
            GiveOpen();
        }
    }

    private void GiveOpen()
    {
        if (_open.Count > 0)
        {
            Give(_open);
            _open = NewBatch();
        }
    }

    private void Give(FactBatch batch)
    {
        batch.IsSent = true;
        _pending.Add(batch);
        _given.Beat();
    }

    private async Task RunAsync()
    {
        try
        {
            await SendUntilCompleteAsync();
        }
        catch (Exception e) when (_ended.IsCancellationRequested)
        {
            Fail(new ObjectDisposedException("The stream of facts was closed.", e));
        }
        catch (Exception e)
        {
            // Whoever writes, flushes or completes is told: nobody looks at this task.
            Fail(e);
        }

        _settled.Beat();
    }

    private void Fail(Exception fault)
    {
        lock (_lock)
        {
            _fault = ExceptionDispatchInfo.Capture(fault);
        }
    }

    private async Task SendUntilCompleteAsync()
    {
        var backoff = FirstBackoff;
        long? broken = null;
        while (await SomethingToSendAsync())
        {
            var decided = _decided;
            try
            {
                await SendOverOneCallAsync();
            }
            catch (RpcException e) when (!_ended.IsCancellationRequested && IsBreak(e, out var delay))
            {
                if (_decided > decided || broken is null)
                {
                    (backoff, broken) = (FirstBackoff, _time.GetTimestamp());
                }

                var wait = delay > backoff ? delay : backoff;
                if (_time.GetElapsedTime(broken.Value) + wait > _options.GiveUpAfter)
                {
                    throw;
                }

                _options.Broken?.Invoke(e, wait);
                await Task.Delay(wait, _time, _ended.Token);
                backoff = backoff * 2 > LongestBackoff ? LongestBackoff : backoff * 2;
            }
        }
    }

    private async Task<bool> SomethingToSendAsync()
    {
        while (true)
        {
            var given = _given.Next;
            lock (_lock)
            {
                if (_pending.Count > 0 || _completed)
                {
                    return _pending.Count > 0;
                }
            }

            await given.WaitAsync(_ended.Token);
        }
    }

    private static bool IsBreak(RpcException e, out TimeSpan delay)
    {
        delay = TimeSpan.Zero;
        switch (e.StatusCode)
        {
            case StatusCode.Unavailable or StatusCode.Internal or StatusCode.Cancelled or StatusCode.Aborted:
                return true;
            case StatusCode.ResourceExhausted when ChurnError.Of(e).RetryDelay is { } stated:
                delay = stated;
                return true;
            default:
                return false;
        }
    }

    private async Task SendOverOneCallAsync()
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(_ended.Token);
        using var call = _calls.AsyncDuplexStreamingCall(Method, host: null, new CallOptions(cancellationToken: over.Token));
        var answers = ReadAnswersAsync(call.ResponseStream, over.Token);
        var sending = SendAsync(call.RequestStream, over.Token);
        // Whichever ends first: the answers' end is the call's, and says why; a sender that fails has it from them.
        await answers.ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        await over.CancelAsync();
        await sending.ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        await answers;
        lock (_lock)
        {
            if (!_completed || _pending.Count > 0)
            {
                throw new RpcException(new Status(StatusCode.Unavailable, "the server ended the stream before it had decided every fact"));
            }
        }
    }

    private async Task SendAsync(IClientStreamWriter<FactFrame> requests, CancellationToken over)
    {
        var next = _decided;
        var (began, from) = (_time.GetTimestamp(), next);
        while (true)
        {
            if (_options.MostPerSecond is { } most && TimeSpan.FromSeconds((next - from) / (double)most) - _time.GetElapsedTime(began) is var early && early > TimeSpan.Zero)
            {
                await Task.Delay(early, _time, over);
            }

            FactFrame? frame = null;
            var given = _given.Next;
            lock (_lock)
            {
                var first = _pendingFrom;
                foreach (var batch in _pending)
                {
                    if (next < first + batch.Count)
                    {
                        frame = new FactFrame(batch, (int)(next - first));
                        next = first + batch.Count;
                        break;
                    }

                    first += batch.Count;
                }

                if (frame is null && _completed)
                {
                    break;
                }
            }

            if (frame is not null)
            {
                await requests.WriteAsync(frame, over);
            }
            else
            {
                await given.WaitAsync(over);
            }
        }

        await requests.CompleteAsync();
    }

    private async Task ReadAnswersAsync(IAsyncStreamReader<StreamFactsResponse> answers, CancellationToken over)
    {
        var (from, recorded, duplicates, rejected) = (_decided, _recorded, _duplicates, _rejected);
        while (await answers.MoveNext(over))
        {
            var answer = answers.Current;
            foreach (var reject in answer.Rejects)
            {
                _options.Rejected?.Invoke(new FactReject(from + reject.Index, TagOf(from + reject.Index), reject.Reason, reject.Field, reject.Message));
            }

            if (answer.ConsistencyToken.Length > 0)
            {
                ConsistencyToken = ConsistencyToken.Length == 0 ? answer.ConsistencyToken : Session.ConsistencyTokens.Merge(ConsistencyToken, answer.ConsistencyToken);
                _remember(answer.ConsistencyToken);
            }

            lock (_lock)
            {
                (_recorded, _duplicates) = (recorded + answer.RecordedCount, duplicates + answer.DuplicateCount);
                _rejected = rejected + answer.DurableThrough - answer.RecordedCount - answer.DuplicateCount;
                Settle(from + answer.DurableThrough);
            }

            _options.Progress?.Invoke(Progress);
            _settled.Beat();
        }
    }

    private long TagOf(long index)
    {
        lock (_lock)
        {
            var first = _pendingFrom;
            foreach (var batch in _pending)
            {
                if (index >= first && index < first + batch.Count)
                {
                    return batch.TagOf((int)(index - first));
                }

                first += batch.Count;
            }
        }

        throw Nonsense($"it rejects the fact {index}, which it does not have");
    }

    private void Settle(long decided)
    {
        if (decided < _decided || decided > _written)
        {
            throw Nonsense($"it has decided {decided} facts of {_written}");
        }

        _decided = decided;
        while (_pending.Count > 0 && _pendingFrom + _pending[0].Count <= decided)
        {
            var batch = _pending[0];
            _pending.RemoveAt(0);
            _pendingFrom += batch.Count;
            batch.Clear();
            _free.Push(batch);
        }
    }

    private static RpcException Nonsense(string what) =>
        new(new Status(StatusCode.DataLoss, $"The server's answer makes no sense: {what}."));
}
