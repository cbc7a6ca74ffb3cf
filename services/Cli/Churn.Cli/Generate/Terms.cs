namespace Churn.Cli.Generate;

internal enum Plan
{
    Free,
    Starter,
    Team,
    Business,
    Enterprise,

    /// <summary>The add-on: a second subscription beside one of the others.</summary>
    Analytics,
}

/// <summary>What a subscription costs: a price for each seat and term, less what the entry offer takes off.</summary>
internal readonly record struct Terms(Plan Plan, bool Annual, int Seats, int PercentOff = 0)
{
    // Multiples of 100 cents, so that a percentage of one is whole cents.
    private static readonly int[] MonthlyCentsPerSeat = [0, 1_900, 2_900, 5_900, 9_900, 2_500];
    private static readonly string[] PlanNames = ["Free", "Starter", "Team", "Business", "Enterprise", "Analytics"];

    public string PlanName => PlanNames[(int)Plan];

    public string Unit => Annual ? "year" : "month";

    /// <summary>The price of one term, all seats, in cents; a year costs as much as ten months.</summary>
    public long AmountCents => MonthlyCentsPerSeat[(int)Plan] * (Annual ? 10L : 1L) * Seats * (100 - PercentOff) / 100;

    /// <summary>The price of one term and seat; times the seats it is the whole price to the micro.</summary>
    public long SeatMicros => AmountMicros / Seats;

    public long AmountMicros => AmountCents * 10_000;

    public long MrrCents => Annual ? DivideHalfToEven(AmountCents, 12) : AmountCents;

    /// <summary>Rounded on its own, from the price: cents that were rounded before would be rounded twice.</summary>
    public long MrrMicros => Annual ? DivideHalfToEven(AmountMicros, 12) : AmountMicros;

    /// <summary>What a customer of this size takes when it first pays.</summary>
    public static Terms Draw(ref SplitMix64 random, Size size)
    {
        var plan = Plan.Starter + size switch
        {
            Size.SelfEmployed => random.Pick([80, 20]),
            Size.Small => random.Pick([35, 50, 15]),
            Size.Mid => random.Pick([5, 35, 45, 15]),
            _ => random.Pick([0, 10, 35, 55]),
        };
        var (annualShare, fewest, most) = size switch
        {
            Size.SelfEmployed => (150_000, 1, 2),
            Size.Small => (200_000, 2, 10),
            Size.Mid => (350_000, 8, 60),
            _ => (600_000, 40, 400),
        };
        return new Terms(plan, random.Chance(annualShare), random.Between(fewest, most));
    }

    private static long DivideHalfToEven(long dividend, long divisor)
    {
        var (quotient, rest) = Math.DivRem(dividend, divisor);
        var up = (2 * rest > divisor) || (2 * rest == divisor && quotient % 2 != 0);
        return up ? quotient + 1 : quotient;
    }
}
