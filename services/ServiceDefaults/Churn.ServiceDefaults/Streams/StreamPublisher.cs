using Churn.Contracts;
using Churn.ServiceDefaults.Bus;
using Churn.ServiceDefaults.Telemetry;
using Google.Protobuf;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Churn.ServiceDefaults.Streams;

/// <summary>Publishes the heads of a log: of the shards that grew at once, of all every second.</summary>
/// <remarks>When commits come faster than the bus carries, a shard's latest head is what is published.</remarks>
public sealed partial class StreamPublisher : BackgroundService
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(1);

    // Of one shard between two publications; under such a load nobody follows each.
    private const int MostCauses = 8;

    private readonly StreamLog _log;
    private readonly IStreamBus _bus;
    private readonly TimeProvider _clock;
    private readonly ILogger _logger;
    private readonly Wakeup _wakeup = new();
    private readonly Lock _noting = new();
    private SortedDictionary<int, Growth> _grown = [];
    private bool _failing;

    /// <summary>Makes the publisher of a log; it works from its start as a hosted service to its stop.</summary>
    public StreamPublisher(StreamLog log, IStreamBus bus, TimeProvider clock, ILogger<StreamPublisher> logger)
    {
        _log = log;
        _bus = bus;
        _clock = clock;
        _logger = logger;
        log.WhenAdvanced(Note);
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield();
        var all = _clock.GetTimestamp();
        while (!stoppingToken.IsCancellationRequested)
        {
            _wakeup.Reset();
            try
            {
                var left = Every - _clock.GetElapsedTime(all);
                if (left <= TimeSpan.Zero)
                {
                    all = _clock.GetTimestamp();
                    var before = Grown();
                    _log.CloseShared();
                    await PublishAsync(_log.Heads().Select(head => before.GetValueOrDefault(head.Shard) with { Head = head }), stoppingToken);
                }
                else if (Grown() is { Count: > 0 } grown)
                {
                    await PublishAsync(grown.Values, stoppingToken);
                }
                else
                {
                    await _wakeup.WaitAsync(left, _clock, stoppingToken);
                }
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception exception)
            {
                if (!_failing)
                {
                    LogFailing(exception, _log.Stream);
                }

                _failing = true;
            }
        }
    }

    private async Task PublishAsync(IEnumerable<Growth> growths, CancellationToken cancellationToken)
    {
        foreach (var (head, causes) in growths)
        {
            var page = new StreamPage([], head).ToWire();
            page.TraceParents.AddRange(causes ?? []);
            await _bus.PublishAsync(new StreamNews(_log.Stream, head.Shard, page.ToByteArray()), cancellationToken);
            Instruments.Published.Add(1, Instruments.OfStream(_log.Stream));
        }

        _failing = false;
    }

    private void Note(IReadOnlyList<ShardHead> heads)
    {
        // It is called within the commit, and so within the span of what caused it.
        var cause = Causes.Current?.ToTraceParent();
        lock (_noting)
        {
            foreach (var head in heads)
            {
                var causes = _grown.GetValueOrDefault(head.Shard).Causes;
                if (cause is not null && (causes ??= []).Count < MostCauses)
                {
                    causes.Add(cause);
                }

                _grown[head.Shard] = new Growth(head, causes);
            }
        }

        _wakeup.Set();
    }

    private SortedDictionary<int, Growth> Grown()
    {
        lock (_noting)
        {
            var grown = _grown;
            _grown = [];
            return grown;
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "News of \"{Stream}\" cannot be published; consumers ask the log.")]
    private partial void LogFailing(Exception exception, string stream);

    /// <summary>A shard that grew, and the traces of what was committed to it.</summary>
    private readonly record struct Growth(ShardHead Head, List<string>? Causes);
}
