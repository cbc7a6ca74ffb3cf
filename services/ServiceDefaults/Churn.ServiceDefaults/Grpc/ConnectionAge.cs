using System.IO.Hashing;
using System.Text;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Churn.ServiceDefaults.Grpc;

/// <summary>Has clients connect anew from time to time, so that replicas that came later get their share of the calls.</summary>
public static class ConnectionAge
{
    // So that clients that came together do not come together again.
    private const double Jitter = 0.2;

    /// <summary>Closes connections of an age to new calls (GOAWAY); those that run go on to their end, on the old connection.</summary>
    /// <param name="listen">Where the connections come from.</param>
    /// <param name="age">The age, of which the fifth is chance.</param>
    /// <param name="clock">Tells the age.</param>
    public static void RecycleAfter(this ListenOptions listen, TimeSpan age, TimeProvider clock) => listen.Use(next => async connection =>
    {
        var close = connection.Features.Get<IConnectionLifetimeNotificationFeature>();
        await using var timer = clock.CreateTimer(_ => close?.RequestClose(), state: null, Jittered(age, connection), Timeout.InfiniteTimeSpan);
        await next(connection);
    });

    private static TimeSpan Jittered(TimeSpan age, ConnectionContext connection)
    {
        var chance = XxHash32.HashToUInt32(Encoding.UTF8.GetBytes(connection.ConnectionId)) / (double)uint.MaxValue;
        return age * (1 - (Jitter / 2) + (Jitter * chance));
    }
}
