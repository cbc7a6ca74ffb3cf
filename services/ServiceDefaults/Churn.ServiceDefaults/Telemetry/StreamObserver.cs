using System.Diagnostics.Metrics;
using Churn.ServiceDefaults.Leases;
using Churn.ServiceDefaults.Storage;
using Churn.ServiceDefaults.Streams;
using Microsoft.Extensions.DependencyInjection;

namespace Churn.ServiceDefaults.Telemetry;

/// <summary>Observes how far the streams that this process consumes are applied: of the shards that it holds alone, so that the sum over replicas is right.</summary>
internal sealed class StreamObserver(IServiceProvider services, IEnumerable<ConsumedStream> streams, TimeProvider clock) : IObserver, IDisposable
{
    private readonly Meter _meter = new(Instruments.Name);

    // Found at the first look, and kept: the last one is when the services are gone already.
    private readonly Lazy<List<Consumption>> _consumptions = new(() => [.. streams.Select(stream => new Consumption(
        stream.Stream,
        services.GetRequiredKeyedService<StreamConsumer>(stream.Stream),
        services.GetRequiredKeyedService<LeaseHolder>(stream.Stream),
        services.GetRequiredKeyedService<Database>(stream.Database)))]);

    public void Observe()
    {
        _meter.CreateObservableUpDownCounter("churn.stream.lag", () => Of<long>(consumer => consumer.LagRecords), "{record}", "Records of the shards held that are not applied.");
        _meter.CreateObservableGauge("churn.stream.lag.duration", () => Of(LagOf), "s", "How long ago all was applied, in the shard that is furthest behind.");
        _meter.CreateObservableUpDownCounter("churn.lease.held", Held, "{shard}", "Shards held.");
        _meter.CreateObservableUpDownCounter("churn.stream.quarantined", Quarantined, "{record}", "Records of the shards held that are put aside.");

        // What has not happened yet is zero, and not unknown: an alarm on the first time needs both.
        foreach (var stream in streams)
        {
            var name = Instruments.OfStream(stream.Stream);
            Instruments.Applied.Add(0, name);
            Instruments.Rebuilds.Add(0, name);
            foreach (var change in new[] { "taken", "released", "lost" })
            {
                Instruments.LeaseChanges.Add(0, name, new("churn.lease.change", change));
            }
        }
    }

    public void Dispose() => _meter.Dispose();

    private IEnumerable<Measurement<T>> Of<T>(Func<StreamConsumer, T?> value)
        where T : struct
    {
        foreach (var consumption in _consumptions.Value)
        {
            if (value(consumption.Consumer) is { } now)
            {
                yield return new Measurement<T>(now, Instruments.OfStream(consumption.Stream));
            }
        }
    }

    private double? LagOf(StreamConsumer consumer)
    {
        var now = (clock.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;
        var least = long.MaxValue;
        for (var shard = 0; shard < Shards.Count; shard++)
        {
            if (consumer.Holds(shard) && consumer.ClosedThrough(shard) is > 0 and var closed)
            {
                least = Math.Min(least, closed);
            }
        }

        return least == long.MaxValue ? null : Math.Max(0, now - least) / 1e6;
    }

    private IEnumerable<Measurement<long>> Held() =>
        _consumptions.Value.Select(consumption => new Measurement<long>(consumption.Leases.Held.Count, Instruments.OfStream(consumption.Stream)));

    private List<Measurement<long>> Quarantined()
    {
        var measurements = new List<Measurement<long>>();
        foreach (var (stream, consumer, _, database) in _consumptions.Value)
        {
            try
            {
                measurements.Add(new(database.Read(connection => CountHeld(connection, consumer)), Instruments.OfStream(stream)));
            }
            catch (Exception exception) when (exception is StorageException or ObjectDisposedException)
            {
                // That the store does not answer is measured where it is used.
            }
        }

        return measurements;
    }

    private static long CountHeld(DatabaseConnection connection, StreamConsumer consumer)
    {
        var held = 0L;
        var rows = connection.Prepare("SELECT shard, count(*) FROM quarantine GROUP BY shard");
        while (rows.Step())
        {
            held += consumer.Holds((int)rows.Number(0)) ? rows.Number(1) : 0;
        }

        return held;
    }

    private sealed record Consumption(string Stream, StreamConsumer Consumer, LeaseHolder Leases, Database Database);
}
