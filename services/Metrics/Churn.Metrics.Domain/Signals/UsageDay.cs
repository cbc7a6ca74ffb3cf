namespace Churn.Metrics.Domain.Signals;

/// <summary>Holds when a customer used anything on one day of UTC.</summary>
/// <param name="Day">The day, as <see cref="Calendar"/> counts days.</param>
/// <param name="First">The first instant of use.</param>
/// <param name="Last">The last instant of use.</param>
public readonly record struct UsageDay(int Day, long First, long Last);
