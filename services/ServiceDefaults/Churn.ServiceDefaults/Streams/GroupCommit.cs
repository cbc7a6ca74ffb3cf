using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using Churn.ServiceDefaults.Telemetry;
using Churn.ServiceDefaults.Threads;

namespace Churn.ServiceDefaults.Streams;

/// <summary>Commits together what many callers hand in at once: one thread, one transaction, one write to disk for all that waits.</summary>
/// <remarks>Nothing waits for company: a call that finds the thread idle is committed at once, alone.</remarks>
/// <typeparam name="TWork">What a caller hands in.</typeparam>
/// <typeparam name="TResult">What it gets once that is on disk.</typeparam>
public sealed class GroupCommit<TWork, TResult> : IAsyncDisposable
{
    private readonly Func<IReadOnlyList<TWork>, IReadOnlyList<TResult>> _commit;
    private readonly Func<TWork, int> _weigh;
    private readonly GroupCommitOptions _options;
    private readonly Lock _queueing = new();
    private readonly Queue<Waiting> _queue = [];
    private readonly Queue<TaskCompletionSource> _blocked = [];
    private readonly SemaphoreSlim _filled = new(0);
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _weight;
    private bool _stopping;

    /// <summary>Starts the thread.</summary>
    /// <param name="commit">Commits all works in one transaction and gives a result for each, in their order; what it throws is thrown to all their callers.</param>
    /// <param name="weigh">Gives the weight of a work, for example its number of records.</param>
    /// <param name="options">The limits.</param>
    public GroupCommit(Func<IReadOnlyList<TWork>, IReadOnlyList<TResult>> commit, Func<TWork, int> weigh, GroupCommitOptions options)
    {
        _commit = commit;
        _weigh = weigh;
        _options = options;
        new Thread(Run) { IsBackground = true, Name = options.Name }.UnsafeStart();
    }

    /// <summary>Hands in a work and waits until it is on disk.</summary>
    /// <remarks>Who stops waiting does not stop the commit. While more than the limit waits, the caller waits for room first.</remarks>
    /// <exception cref="ObjectDisposedException">The service stops.</exception>
    public async Task<TResult> CommitAsync(TWork work, CancellationToken cancellationToken)
    {
        var waiting = new Waiting(work, _weigh(work), Causes.Current);
        while (!TryEnqueue(waiting, out var room))
        {
            await room.WaitAsync(cancellationToken);
        }

        return await waiting.Result.Task.WaitAsync(cancellationToken);
    }

    /// <summary>Takes nothing more, commits what waits, and ends the thread.</summary>
    public async ValueTask DisposeAsync()
    {
        lock (_queueing)
        {
            _stopping = true;
            Unblock();
        }

        _filled.Release();
        await _ended.Task;
        _filled.Dispose();
    }

    private bool TryEnqueue(Waiting waiting, [NotNullWhen(false)] out Task? room)
    {
        lock (_queueing)
        {
            ObjectDisposedException.ThrowIf(_stopping, this);
            if (_weight > 0 && _weight + waiting.Weight > _options.MostWaiting)
            {
                var blocked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                _blocked.Enqueue(blocked);
                room = blocked.Task;
                return false;
            }

            _weight += waiting.Weight;
            _queue.Enqueue(waiting);
            if (_queue.Count == 1)
            {
                _filled.Release();
            }

            room = null;
            return true;
        }
    }

    private void Run()
    {
        QuietThread.GiveWay();
        var gathered = new List<Waiting>();
        var works = new List<TWork>();
        while (true)
        {
            _filled.Wait();
            while (Gather(gathered))
            {
                works.AddRange(gathered.Select(waiting => waiting.Work));
                Commit(gathered, works);
                gathered.Clear();
                works.Clear();
            }

            lock (_queueing)
            {
                if (_stopping && _queue.Count == 0)
                {
                    _ended.SetResult();
                    return;
                }
            }
        }
    }

    private bool Gather(List<Waiting> gathered)
    {
        lock (_queueing)
        {
            var weight = 0L;
            while (_queue.TryPeek(out var next) && (gathered.Count == 0 || weight + next.Weight <= _options.MostTogether))
            {
                weight += next.Weight;
                gathered.Add(_queue.Dequeue());
            }

            _weight -= weight;
            Unblock();
            return gathered.Count > 0;
        }
    }

    // All are let go, to try again in their order of arrival: who is too heavy for the room that is now waits on.
    private void Unblock()
    {
        while (_blocked.TryDequeue(out var room))
        {
            room.SetResult();
        }
    }

    private void Commit(List<Waiting> gathered, List<TWork> works)
    {
        using var span = gathered.Exists(waiting => waiting.Cause is not null)
            ? Causes.Begin($"commit {_options.Name}", ActivityKind.Producer, gathered.Select(waiting => waiting.Cause).OfType<ActivityContext>())
            : null;
        if (Instruments.CommitSizes.Enabled)
        {
            Instruments.CommitSizes.Record(gathered.Sum(waiting => (long)waiting.Weight), new KeyValuePair<string, object?>("churn.store", _options.Name));
        }

        try
        {
            var results = _commit(works);
            for (var i = 0; i < gathered.Count; i++)
            {
                gathered[i].Result.SetResult(results[i]);
            }
        }
        catch (Exception exception)
        {
            span?.SetStatus(ActivityStatusCode.Error);
            foreach (var waiting in gathered)
            {
                waiting.Result.TrySetException(exception);
            }
        }
    }

    private sealed record Waiting(TWork Work, int Weight, ActivityContext? Cause)
    {
        public TaskCompletionSource<TResult> Result { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
