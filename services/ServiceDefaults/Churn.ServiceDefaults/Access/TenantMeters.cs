using System.Collections.Concurrent;
using System.Globalization;

namespace Churn.ServiceDefaults.Access;

/// <summary>Counts what tenants use in this process, and refuses what is beyond their limits.</summary>
internal sealed class TenantMeters(AccessStore store, TimeProvider clock)
{
    // A month's count is read again as often as the other processes write theirs.
    private static readonly TimeSpan CountAge = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<string, Meter> _meters = new(StringComparer.Ordinal);

    /// <summary>Takes a call.</summary>
    /// <exception cref="global::Grpc.Core.RpcException">There are too many.</exception>
    public void TakeCall(Tenant tenant)
    {
        if (tenant.Limits.CallsPerSecond > 0 && MeterOf(tenant).Calls.Take(1, tenant.Limits.CallsPerSecond, clock.GetTimestamp(), clock) is { } wait)
        {
            throw AccessFaults.RateLimited(wait);
        }
    }

    /// <summary>Takes facts, or gives how long it is until they can be taken.</summary>
    /// <exception cref="global::Grpc.Core.RpcException">There are too many of the month.</exception>
    public TimeSpan? TakeFacts(Tenant tenant, long count)
    {
        var limits = tenant.Limits;
        if (limits is { FactsPerSecond: 0, FactsPerMonth: 0 })
        {
            return null;
        }

        var meter = MeterOf(tenant);
        if (limits.FactsPerMonth > 0)
        {
            CheckMonth(tenant, meter, count);
        }

        if (limits.FactsPerSecond > 0 && meter.Facts.Take(count, limits.FactsPerSecond, clock.GetTimestamp(), clock) is { } wait)
        {
            return wait;
        }

        if (limits.FactsPerMonth > 0)
        {
            Interlocked.Add(ref meter.Sent, count);
        }

        return null;
    }

    /// <summary>Takes out what was sent since the last time, by tenant and month.</summary>
    public Dictionary<(string Tenant, string Month), long> TakeSent()
    {
        var sent = new Dictionary<(string, string), long>();
        foreach (var (tenant, meter) in _meters)
        {
            lock (meter)
            {
                if (Interlocked.Exchange(ref meter.Sent, 0) is var count and > 0)
                {
                    sent.Add((tenant, meter.Month), count);
                    meter.Before += count;
                }
            }
        }

        return sent;
    }

    private void CheckMonth(Tenant tenant, Meter meter, long count)
    {
        var now = clock.GetUtcNow();
        var month = now.ToString("yyyy-MM", CultureInfo.InvariantCulture);
        lock (meter)
        {
            if (meter.Month != month || clock.GetElapsedTime(meter.Counted) >= CountAge)
            {
                // What was sent in the month before and is not written yet counts in this one: less than a minute's worth.
                meter.Before = store.FactsOf(tenant.Id, month);
                meter.Month = month;
                meter.Counted = clock.GetTimestamp();
            }

            if (meter.Before + Interlocked.Read(ref meter.Sent) + count > tenant.Limits.FactsPerMonth)
            {
                var next = new DateTimeOffset(now.Year, now.Month, 1, 0, 0, 0, TimeSpan.Zero).AddMonths(1);
                throw AccessFaults.QuotaExhausted(next - now);
            }
        }
    }

    private Meter MeterOf(Tenant tenant) => _meters.GetOrAdd(tenant.Id, _ => new Meter());

    private sealed class Meter
    {
        public readonly Bucket Calls = new();
        public readonly Bucket Facts = new();

        /// <summary>Holds what was taken and is not written to the store yet.</summary>
        public long Sent;

        public string Month = "";
        public long Before;
        public long Counted;
    }
}

/// <summary>Holds a second's worth of something, filled again as time goes by; more than it holds may be taken at once, and is waited for after.</summary>
internal sealed class Bucket
{
    private readonly Lock _taking = new();
    private double _level = double.NaN;
    private long _time;

    /// <summary>Takes so many, or gives how long it is until they can be taken.</summary>
    public TimeSpan? Take(long count, long perSecond, long now, TimeProvider clock)
    {
        lock (_taking)
        {
            _level = double.IsNaN(_level) ? perSecond : Math.Min(perSecond, _level + (clock.GetElapsedTime(_time, now).TotalSeconds * perSecond));
            _time = now;

            // One batch may be larger than a second's worth: it is taken when the bucket is full, and leaves it in debt.
            var needed = Math.Min(count, perSecond);
            if (_level < needed)
            {
                return TimeSpan.FromSeconds((needed - _level) / perSecond) + TimeSpan.FromMilliseconds(1);
            }

            _level -= count;
            return null;
        }
    }
}
