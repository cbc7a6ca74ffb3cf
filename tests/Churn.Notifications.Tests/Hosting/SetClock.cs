namespace Churn.Notifications.Tests.Hosting;

/// <summary>A clock that stands where it is set, with timers that run: days can pass without the second-by-second work of a server.</summary>
internal sealed class SetClock(DateTimeOffset now) : TimeProvider
{
    private long _ticks = now.UtcTicks;

    public void Set(DateTimeOffset time) => Volatile.Write(ref _ticks, time.UtcTicks);

    public void Advance(TimeSpan time) => Set(GetUtcNow() + time);

    public override DateTimeOffset GetUtcNow() => new(Volatile.Read(ref _ticks), TimeSpan.Zero);
}
