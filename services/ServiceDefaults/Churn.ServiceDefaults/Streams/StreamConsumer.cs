using System.Diagnostics;
using Churn.Contracts;
using Churn.ServiceDefaults.Bus;
using Churn.ServiceDefaults.Leases;
using Churn.ServiceDefaults.Telemetry;
using Churn.Streams.V1;
using Google.Protobuf;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Churn.ServiceDefaults.Streams;

/// <summary>Applies a stream's records through a handler: those of the leased shards, each once, in order, whatever the bus does.</summary>
/// <remarks>
/// The log is what is applied; the bus only says that there is more of it. All is read, applied and given up by one loop, so a handler
/// is called by one caller at a time.
/// </remarks>
public sealed partial class StreamConsumer : BackgroundService
{
    // Of one shard between two batches; under such a load nobody follows each.
    private const int MostLinks = 64;

    private readonly StreamConsumerOptions _options;
    private readonly IStreamSource _source;
    private readonly IStreamHandler _handler;
    private readonly LeaseHolder _leases;
    private readonly IStreamBus _bus;
    private readonly TimeProvider _clock;
    private readonly ILogger _logger;
    private readonly Random _chance;
    private readonly Wakeup _wakeup = new();
    private readonly CancellationTokenSource _hurry = new();

    // The loop's own.
    private readonly SortedDictionary<int, Place> _places = [];
    private readonly Dictionary<int, Trouble> _troubles = [];
    private Task<Gathered>? _ahead;
    private IAsyncDisposable? _listening;

    // What others look at, under the lock.
    private readonly Lock _looking = new();
    private readonly long[] _heads = new long[Shards.Count];
    private readonly long[] _applied = new long[Shards.Count];
    private readonly long[] _closed = new long[Shards.Count];
    private readonly UInt128[] _hashes = new UInt128[Shards.Count];
    private readonly bool[] _held = new bool[Shards.Count];
    private readonly Causing?[] _causes = new Causing?[Shards.Count];
    private readonly long[] _terms = new long[Shards.Count];
    private readonly List<Waiter> _waiters = [];
    private TaskCompletionSource _next = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _heard;
    private bool _askHeads;
    private bool _doubt;
    private bool _ready;

    /// <summary>Makes the consumer; it works from its start as a hosted service to its stop.</summary>
    public StreamConsumer(
        StreamConsumerOptions options, IStreamSource source, IStreamHandler handler, LeaseHolder leases, IStreamBus bus, TimeProvider clock, ILogger<StreamConsumer> logger)
    {
        _options = options;
        _source = source;
        _handler = handler;
        _leases = leases;
        _bus = bus;
        _clock = clock;
        _logger = logger;
        _chance = new Random(options.Seed);
    }

    /// <summary>Says whether every shard has an owner, and the state of those that this process has is loaded.</summary>
    public bool IsReady => Volatile.Read(ref _ready);

    /// <summary>Gives how many records the log is known to have, in the shards held, that are not applied.</summary>
    public long LagRecords
    {
        get
        {
            lock (_looking)
            {
                var lag = 0L;
                for (var shard = 0; shard < _heads.Length; shard++)
                {
                    lag += _held[shard] ? Math.Max(0, _heads[shard] - _applied[shard]) : 0;
                }

                return lag;
            }
        }
    }

    /// <summary>Gives a task that ends when something more has been applied: take it, then look, then wait for it.</summary>
    public Task NextApplied
    {
        get
        {
            lock (_looking)
            {
                return _next.Task;
            }
        }
    }

    /// <summary>Says whether this process has a shard, and its state is loaded.</summary>
    public bool Holds(int shard)
    {
        lock (_looking)
        {
            return _held[shard];
        }
    }

    /// <summary>Gives the last offset of a shard that is applied; 0 where none is, or the shard is not held.</summary>
    public long Applied(int shard)
    {
        lock (_looking)
        {
            return _applied[shard];
        }
    }

    /// <summary>Gives the last offset that a shard's log is known to have.</summary>
    public long Head(int shard)
    {
        lock (_looking)
        {
            return _heads[shard];
        }
    }

    /// <summary>Gives the record time through which all of a shard is applied, in microseconds since 1970-01-01T00:00Z; 0 where it is not known yet.</summary>
    public long ClosedThrough(int shard)
    {
        lock (_looking)
        {
            return _closed[shard];
        }
    }

    /// <summary>Gives where a shard stands: the term under which it is held and loaded (0 where it is not), and how far it is.</summary>
    public (long Term, long Applied, long Head, long Closed) PlaceOf(int shard)
    {
        lock (_looking)
        {
            return (_held[shard] ? _terms[shard] : 0, _applied[shard], _heads[shard], _closed[shard]);
        }
    }

    /// <summary>Waits until all that a token asks for is applied here.</summary>
    public async Task WaitAppliedAsync(ConsistencyToken token, CancellationToken cancellationToken)
    {
        Waiter waiter;
        lock (_looking)
        {
            waiter = new Waiter(token);
            if (IsApplied(waiter))
            {
                return;
            }

            _waiters.Add(waiter);
            for (var shard = 0; shard < _heads.Length; shard++)
            {
                // A write that the caller has seen may be ahead of its news.
                if (token.Offset(shard) > _heads[shard])
                {
                    _askHeads = true;
                }
            }
        }

        _wakeup.Set();
        try
        {
            await waiter.Done.Task.WaitAsync(cancellationToken);
        }
        finally
        {
            lock (_looking)
            {
                _waiters.Remove(waiter);
            }
        }
    }

    /// <summary>Stops reading, finishes what is being applied, and gives up the shards.</summary>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await using (cancellationToken.Register(_hurry.Cancel))
        {
            await base.StopAsync(cancellationToken);
        }
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        base.Dispose();
        _hurry.Dispose();
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // Loading is no reason to hold up the start of the others.
        await Task.Yield();
        var leasing = _leases.RunAsync(_wakeup.Set, stoppingToken);
        var failures = 0;
        while (!stoppingToken.IsCancellationRequested)
        {
            _wakeup.Reset();
            try
            {
                await FollowLeasesAsync(stoppingToken);
                await AskHeadsAsync(stoppingToken);
                if (await RoundAsync(stoppingToken))
                {
                    failures = 0;
                }
                else
                {
                    await WaitForNewsAsync(stoppingToken);
                }
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                break;
            }
            catch (Exception exception)
            {
                failures++;
                await RecoverAsync(exception, failures, stoppingToken);
            }
        }

        await leasing;
        await LeaveAsync();
    }

    private async Task FollowLeasesAsync(CancellationToken cancellationToken)
    {
        var held = _leases.Held;
        var settled = _leases.IsSettled;
        var gone = _places.Values.Where(place => !held.Contains(place.Lease)).ToList();
        var come = held.Where(lease => !_places.TryGetValue(lease.Shard, out var place) || place.Lease != lease).ToList();
        if (gone.Count > 0 || come.Count > 0)
        {
            Volatile.Write(ref _ready, false);
            await DropAheadAsync();
            await GiveUpAsync(gone, cancellationToken);
            _leases.Release(gone.ConvertAll(place => place.Lease));
            Count("released", gone.Count);
            if (come.Count > 0)
            {
                var points = await _handler.TakeAsync(come, cancellationToken);
                var leases = come.ToDictionary(lease => lease.Shard);
                foreach (var point in points)
                {
                    Apply(new Place(leases[point.Shard], point), closed: 0);
                }

                Signal();
                Count("taken", come.Count);
                LogTaken(come.Count, _options.Stream);
            }

            await ListenAsync(cancellationToken);
            lock (_looking)
            {
                _askHeads = true;
            }
        }

        Volatile.Write(ref _ready, settled && _leases.Held.All(lease => _places.TryGetValue(lease.Shard, out var place) && place.Lease == lease));
    }

    private async Task GiveUpAsync(List<Place> places, CancellationToken cancellationToken)
    {
        if (places.Count == 0)
        {
            return;
        }

        await _handler.GiveUpAsync(places.ConvertAll(place => place.Lease.Shard), cancellationToken);
        lock (_looking)
        {
            foreach (var shard in places.Select(place => place.Lease.Shard))
            {
                _places.Remove(shard);
                _troubles.Remove(shard);
                _held[shard] = false;
                _applied[shard] = 0;
                _closed[shard] = 0;
            }
        }
    }

    private async Task ListenAsync(CancellationToken cancellationToken)
    {
        if (_listening is { } before)
        {
            _listening = null;
            await before.DisposeAsync();
        }

        if (_places.Count > 0)
        {
            _listening = await _bus.ListenAsync(_options.Stream, _places.Keys.ToHashSet(), Hear, cancellationToken);
        }
    }

    private void Hear(StreamNews news)
    {
        ShardHead head;
        IReadOnlyList<string> traces;
        try
        {
            var page = ReadStreamResponse.Parser.ParseFrom(news.Page);
            (head, traces) = (page.FromWire().Head, page.TraceParents);
        }
        catch (Exception exception) when (exception is InvalidProtocolBufferException or InvalidDataException)
        {
            LogUnreadable(exception, _options.Stream);
            return;
        }

        if (head.Shard is < 0 or >= Shards.Count)
        {
            return;
        }

        bool wake;
        lock (_looking)
        {
            _heard = _clock.GetTimestamp();
            wake = head.Offset > _heads[head.Shard];
            if (traces.Count > 0 && _held[head.Shard] && Instruments.Spans.HasListeners())
            {
                _causes[head.Shard] = new Causing(head.Offset, [.. Causes.FromTraceParents(traces), .. _causes[head.Shard]?.Contexts.Take(MostLinks) ?? []]);
            }

            if (wake)
            {
                _heads[head.Shard] = head.Offset;
            }
            else if (_held[head.Shard] && head.Offset == _applied[head.Shard])
            {
                if (head.Hash == _hashes[head.Shard])
                {
                    _closed[head.Shard] = Math.Max(_closed[head.Shard], head.ClosedTime);
                }
                else
                {
                    wake = _askHeads = true;
                }
            }
            else if (_held[head.Shard] && head.Offset < _applied[head.Shard])
            {
                // News that was overtaken looks like a log that was rolled back: the log is asked when it has been quiet.
                _doubt = true;
            }
        }

        if (wake)
        {
            _wakeup.Set();
        }
    }

    private async Task AskHeadsAsync(CancellationToken cancellationToken)
    {
        lock (_looking)
        {
            if (!_askHeads)
            {
                return;
            }

            _askHeads = false;
            _doubt = false;
        }

        IReadOnlyList<ShardHead> heads;
        try
        {
            heads = await _source.HeadsAsync(cancellationToken);
        }
        catch
        {
            lock (_looking)
            {
                _askHeads = true;
            }

            throw;
        }

        lock (_looking)
        {
            _heard = _clock.GetTimestamp();
            foreach (var head in heads)
            {
                _heads[head.Shard] = head.Offset;
                if (_places.TryGetValue(head.Shard, out var place) && head.Offset == place.Applied.Offset && head.Hash == place.Applied.Hash)
                {
                    _closed[head.Shard] = Math.Max(_closed[head.Shard], head.ClosedTime);
                }
            }
        }

        var rolledBack = new List<(Place, Exception)>();
        foreach (var head in heads)
        {
            if (_places.TryGetValue(head.Shard, out var place)
                && (head.Offset < place.Applied.Offset || (head.Offset == place.Applied.Offset && head.Hash != place.Applied.Hash)))
            {
                rolledBack.Add((place, new StreamRolledBackException(
                    head.Shard, $"Shard {head.Shard} of \"{_options.Stream}\" is not what was applied: {place.Applied.Offset} is, and it ends at {head.Offset}.")));
            }
        }

        if (rolledBack.Count > 0)
        {
            await RecoverShardsAsync(rolledBack);
        }
    }

    /// <summary>Applies what there is, up to the budget, in one transaction; false when there is nothing.</summary>
    private async Task<bool> RoundAsync(CancellationToken cancellationToken)
    {
        var ahead = _ahead;
        _ahead = null;
        var gathered = await (ahead ?? GatherAsync(Untroubled(_places.Values), cancellationToken));
        cancellationToken.ThrowIfCancellationRequested();
        if (gathered.Pages.Count > 0)
        {
            var reached = gathered.Pages.ConvertAll(page => new Place(page.Lease, page.Applied));

            // The next pages are read while these are applied; what failed is looked at first.
            var next = new SortedDictionary<int, Place>(_places);
            reached.ForEach(place => next[place.Lease.Shard] = place);
            if (gathered.Failures.Count == 0 && Untroubled(next.Values) is var places && Behind(places).Count > 0)
            {
                _ahead = Task.Run(() => GatherAsync(places, cancellationToken), cancellationToken);
            }

            await ApplyAsync(gathered.Pages);
            for (var i = 0; i < reached.Count; i++)
            {
                Apply(reached[i], gathered.Pages[i].Page.Chunks[^1].RecordTime);
                _troubles.Remove(reached[i].Lease.Shard);
            }

            Signal();
        }

        if (gathered.Failures.Count > 0)
        {
            await RecoverShardsAsync(gathered.Failures);
        }

        return gathered.Pages.Count > 0;
    }

    private async Task ApplyAsync(List<ShardPage> pages)
    {
        var count = pages.Sum(page => page.Page.Chunks.Sum(chunk => (long)chunk.Count));
        using var span = Begin(pages, count);
        var began = _clock.GetTimestamp();
        string? failure = null;
        try
        {
            await _handler.ApplyAsync(pages, _hurry.Token);
            Instruments.Applied.Add(count, Instruments.OfStream(_options.Stream));
        }
        catch (Exception exception)
        {
            failure = exception.GetType().Name;
            span?.SetTag("error.type", failure).SetStatus(ActivityStatusCode.Error);
            throw;
        }
        finally
        {
            if (Instruments.Applying.Enabled)
            {
                var labels = new TagList { Instruments.OfStream(_options.Stream) };
                if (failure is not null)
                {
                    labels.Add("error.type", failure);
                }

                Instruments.Applying.Record(_clock.GetElapsedTime(began).TotalSeconds, labels);
            }
        }
    }

    // What caused the records is known of those that news told of; the log does not hold it.
    private Activity? Begin(List<ShardPage> pages, long count)
    {
        if (!Instruments.Spans.HasListeners())
        {
            return null;
        }

        var causes = new List<ActivityContext>();
        lock (_looking)
        {
            foreach (var reached in pages.Select(page => page.Applied))
            {
                if (_causes[reached.Shard] is { } causing && causing.Offset <= reached.Offset)
                {
                    causes.AddRange(causing.Contexts);
                    _causes[reached.Shard] = null;
                }
            }
        }

        var span = Causes.Begin($"process {_options.Stream}", ActivityKind.Consumer, causes);
        span?.SetTag("messaging.system", "churn").SetTag("messaging.operation.type", "process").SetTag("messaging.operation.name", "process")
            .SetTag("messaging.destination.name", _options.Stream).SetTag("messaging.batch.message_count", count);
        return span;
    }

    private void Count(string change, long count) => Instruments.LeaseChanges.Add(count, Instruments.OfStream(_options.Stream), new("churn.lease.change", change));

    private List<Place> Untroubled(IEnumerable<Place> places) =>
        [.. places.Where(place => !_troubles.TryGetValue(place.Lease.Shard, out var trouble) || _clock.GetElapsedTime(trouble.Since) >= trouble.Pause)];

    private List<(Place Place, long Head)> Behind(List<Place> places)
    {
        lock (_looking)
        {
            return [.. places.Select(place => (place, _heads[place.Lease.Shard])).Where(at => at.Item2 > at.place.Applied.Offset)];
        }
    }

    private async Task<Gathered> GatherAsync(List<Place> places, CancellationToken cancellationToken)
    {
        var behind = Behind(places);
        var gathered = new Gathered([], []);
        if (behind.Count == 0)
        {
            return gathered;
        }

        var most = Math.Max(_options.MostBytes / behind.Count, 64 << 10);
        var reads = behind.ConvertAll(at => ReadAsync(at.Place, most, cancellationToken));
        for (var i = 0; i < reads.Count; i++)
        {
            var (place, head) = behind[i];
            try
            {
                var page = await reads[i];
                SeeHead(page.Head, head);
                if (page.Chunks.Count > 0)
                {
                    gathered.Pages.Add(new ShardPage(place.Lease, page));
                }
            }
            catch (Exception exception)
            {
                // One shard that cannot be read does not hold up the others.
                gathered.Failures.Add((place, exception));
            }
        }

        return gathered;
    }

    private async Task<StreamPage> ReadAsync(Place place, int mostBytes, CancellationToken cancellationToken)
    {
        var page = await _source.ReadAsync(place.Lease.Shard, place.Applied.Offset, mostBytes, cancellationToken);
        var (shard, offset, hash) = place.Applied;
        foreach (var chunk in page.Chunks)
        {
            hash = ChunkHash.Next(hash, chunk);
            if (chunk.FirstOffset != offset + 1 || hash != chunk.Hash)
            {
                throw new StreamRolledBackException(shard, $"Shard {shard} of \"{_options.Stream}\" does not go on after {offset} from what was applied.");
            }

            offset = chunk.LastOffset;
        }

        return page;
    }

    private void SeeHead(ShardHead head, long believed)
    {
        lock (_looking)
        {
            if (head.Offset > _heads[head.Shard])
            {
                _heads[head.Shard] = head.Offset;
            }
            else if (head.Offset < believed && _heads[head.Shard] == believed)
            {
                // News told of more than there is; what was heard since the read began is left alone.
                _heads[head.Shard] = head.Offset;
            }
        }
    }

    private async Task WaitForNewsAsync(CancellationToken cancellationToken)
    {
        var longest = _options.Silence;
        foreach (var (shard, trouble) in _troubles)
        {
            var left = trouble.Pause - _clock.GetElapsedTime(trouble.Since);
            if (left > TimeSpan.Zero)
            {
                longest = left < longest ? left : longest;
            }
            else if (Behind([_places[shard]]).Count > 0)
            {
                return;
            }
        }

        if (await _wakeup.WaitAsync(longest, _clock, cancellationToken))
        {
            return;
        }

        lock (_looking)
        {
            _askHeads |= _doubt || _clock.GetElapsedTime(_heard) >= _options.Silence;
        }
    }

    /// <summary>Sees to shards that could not be read: one whose log was rolled back begins anew, and each waits a while when it is not the first time.</summary>
    private async Task RecoverShardsAsync(List<(Place Place, Exception Exception)> failures)
    {
        await DropAheadAsync();
        foreach (var (place, exception) in failures)
        {
            var shard = place.Lease.Shard;
            var times = _troubles.TryGetValue(shard, out var trouble) ? trouble.Times + 1 : 1;
            _troubles[shard] = new Trouble(times, _clock.GetTimestamp(), Backoff(times));
            if (exception is StreamRolledBackException)
            {
                LogRolledBack(exception, shard, _options.Stream);
                Instruments.Rebuilds.Add(1, Instruments.OfStream(_options.Stream));

                // Nobody takes what is left of it meanwhile for the shard.
                lock (_looking)
                {
                    _terms[shard] = 0;
                }

                await _handler.ResetAsync(place.Lease, _hurry.Token);
                Apply(new Place(place.Lease, new AppliedPoint(shard, 0, UInt128.Zero)), closed: 0);
                Signal();
            }
        }

        if (failures.Find(failure => failure.Exception is not StreamRolledBackException) is { Exception: { } other } failed)
        {
            LogUnread(other, failures.Count, _options.Stream, failed.Place.Lease.Shard);
        }

        lock (_looking)
        {
            _askHeads = true;
        }
    }

    private async Task RecoverAsync(Exception exception, int failures, CancellationToken stoppingToken)
    {
        await DropAheadAsync();
        lock (_looking)
        {
            _askHeads = true;
        }

        if (exception is LeaseLostException lost)
        {
            LogLost(lost.Shard, _options.Stream);
            _leases.Lost(lost.Shard);
            Count("lost", 1);
            return;
        }

        if (exception is AppliedMovedException moved)
        {
            // The answer to a commit was lost: what is stored is the truth, and is taken anew.
            LogMoved(moved, moved.Shard, _options.Stream);
            _places.Remove(moved.Shard);
            lock (_looking)
            {
                _held[moved.Shard] = false;
                _applied[moved.Shard] = 0;
                _closed[moved.Shard] = 0;
            }

            return;
        }

        LogFailed(exception, _options.Stream, failures);
        await Task.Delay(Backoff(failures), _clock, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private TimeSpan Backoff(int failures)
    {
        var longest = TimeSpan.FromMilliseconds(Math.Min(_options.LongestBackoff.TotalMilliseconds, 50 * Math.Pow(2, Math.Min(failures, 20))));
        return longest * (0.5 + (_chance.NextDouble() / 2));
    }

    private async Task DropAheadAsync()
    {
        var ahead = _ahead;
        _ahead = null;
        if (ahead is not null)
        {
            await ((Task)ahead).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task LeaveAsync()
    {
        try
        {
            Volatile.Write(ref _ready, false);
            await DropAheadAsync();
            if (_listening is { } listening)
            {
                await listening.DisposeAsync();
            }

            await GiveUpAsync([.. _places.Values], _hurry.Token);
            _leases.Leave();
        }
        catch (Exception exception)
        {
            // The leases end by themselves.
            LogFailed(exception, _options.Stream, 1);
        }
    }

    private void Apply(Place place, long closed)
    {
        var shard = place.Lease.Shard;
        _places[shard] = place;
        lock (_looking)
        {
            _held[shard] = true;
            _terms[shard] = place.Lease.Term;
            _applied[shard] = place.Applied.Offset;
            _hashes[shard] = place.Applied.Hash;
            _heads[shard] = Math.Max(_heads[shard], place.Applied.Offset);
            _closed[shard] = closed;
        }
    }

    private void Signal()
    {
        TaskCompletionSource next;
        lock (_looking)
        {
            foreach (var waiter in _waiters)
            {
                if (IsApplied(waiter))
                {
                    waiter.Done.TrySetResult();
                }
            }

            next = _next;
            _next = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        next.SetResult();
    }

    private bool IsApplied(Waiter waiter)
    {
        for (var shard = 0; shard < _applied.Length; shard++)
        {
            if (waiter.Token.Offset(shard) > _applied[shard])
            {
                return false;
            }
        }

        return true;
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Took {Count} shards of \"{Stream}\".")]
    private partial void LogTaken(int count, string stream);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Lost the lease of shard {Shard} of \"{Stream}\" to another owner.")]
    private partial void LogLost(int shard, string stream);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Shard {Shard} of \"{Stream}\" is not applied as far as was believed; it is taken anew.")]
    private partial void LogMoved(Exception exception, int shard, string stream);

    [LoggerMessage(Level = LogLevel.Error, Message = "The log of shard {Shard} of \"{Stream}\" was rolled back; it is applied anew from its beginning.")]
    private partial void LogRolledBack(Exception exception, int shard, string stream);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Count} shards of \"{Stream}\" cannot be read, shard {Shard} as follows; they are tried again.")]
    private partial void LogUnread(Exception exception, int count, string stream, int shard);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Applying \"{Stream}\" failed {Failures} times in a row; it is tried again.")]
    private partial void LogFailed(Exception exception, string stream, int failures);

    [LoggerMessage(Level = LogLevel.Warning, Message = "News of \"{Stream}\" cannot be read; the log is asked instead.")]
    private partial void LogUnreadable(Exception exception, string stream);

    /// <summary>A shard that is held, and how far it is applied or read.</summary>
    private sealed record Place(Lease Lease, AppliedPoint Applied);

    private sealed record Gathered(List<ShardPage> Pages, List<(Place Place, Exception Exception)> Failures);

    /// <summary>How often in a row a shard could not be read, and how long it is left alone.</summary>
    private sealed record Trouble(int Times, long Since, TimeSpan Pause);

    /// <summary>The traces of what caused the records up to an offset.</summary>
    private sealed record Causing(long Offset, IReadOnlyList<ActivityContext> Contexts);

    private sealed record Waiter(ConsistencyToken Token)
    {
        public TaskCompletionSource Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
