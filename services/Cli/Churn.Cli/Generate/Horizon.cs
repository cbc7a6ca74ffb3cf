namespace Churn.Cli.Generate;

/// <summary>The time that is generated, [Start, End), and when in it customers sign up.</summary>
internal sealed class Horizon
{
    // Percent of a usual month: January and September are high, December is low.
    private static readonly int[] SignupSeason = [130, 105, 105, 100, 95, 90, 75, 80, 135, 110, 95, 60];

    private readonly long[] _signupsUpTo;

    public Horizon(DateTime start, int months)
    {
        Start = start;
        End = start.AddMonths(months);
        _signupsUpTo = new long[months];
        var sum = 0L;
        for (var month = 0; month < months; month++)
        {
            // Every month brings three percent of the first month's signups more than the one before.
            sum += (100 + 3 * month) * SignupSeason[start.AddMonths(month).Month - 1];
            _signupsUpTo[month] = sum;
        }
    }

    public DateTime Start { get; }

    public DateTime End { get; }

    public DateTime DrawSignup(ref SplitMix64 random)
    {
        var at = random.Below(_signupsUpTo[^1]);
        var month = 0;
        while (_signupsUpTo[month] <= at)
        {
            month++;
        }

        var from = Start.AddMonths(month);
        var seconds = (from.AddMonths(1) - from).Ticks / TimeSpan.TicksPerSecond;
        return from.AddTicks(random.Below(seconds) * TimeSpan.TicksPerSecond);
    }
}
