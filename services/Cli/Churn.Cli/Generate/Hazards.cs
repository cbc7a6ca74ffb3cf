namespace Churn.Cli.Generate;

/// <summary>How likely what happens to a subscription is, in parts of a million; each is decided once a month.</summary>
/// <remarks>
/// Leaving of one's own accord: 14,000 a month, times a factor for each line below, in percent.
/// <code>
/// channel   organic 100, paid 185, partner 85, sales 70
/// offer     none 100, discount 175, free-months 140
/// size      self-employed 150, small 100, mid 75, enterprise 50
/// industry  software 100, retail 125, finance 80, health 75, education 90, hospitality 140
/// country   100: none has an effect, so a difference found between countries is chance
/// plan      Starter 120, Team 100, Business 90, Enterprise 80
/// age       paid months 0 to 2 180, 3 to 11 100, later 70
/// season    the month of the request: January 130, July and August 115, November 90, December 80, others 100
/// term      month 100; year 400 in its last month (the renewal) and otherwise 1,000 flat, ending at once
/// </code>
/// A charge after the first fails: 20,000, times channel paid 150, others 100; and self-employed 140, small 100,
/// mid 70, enterprise 40. It recovers within 30 days in 85 of 100 cases (insufficient_funds), 70 (do_not_honor),
/// 75 (expired_card) or 50 (lost_card), and otherwise ends the subscription 30 days after it fell due.
/// A free plan converts at 80,000 in its first three months and 30,000 later, and is given up at 25,000.
/// The rest is the same for everyone.
/// </remarks>
internal static class Hazards
{
    public const int StartsFree = 120_000;
    public const int FreeIsGivenUp = 25_000;
    public const int YearEndsEarly = 1_000;
    public const int Upgrade = 10_000;
    public const int Downgrade = 5_000;
    public const int DowngradeToFree = 1_500;
    public const int MoreSeats = 25_000;
    public const int FewerSeats = 12_000;
    public const int MonthToYear = 5_000;
    public const int YearToMonth = 80_000;
    public const int Pause = 6_000;
    public const int PauseEndsInLeaving = 150_000;
    public const int AddOn = 6_000;
    public const int AddOnIsGivenUp = 20_000;
    public const int ReturnsAfterLeaving = 150_000;
    public const int ReturnsAfterFailedPayment = 300_000;

    private const int Leave = 14_000;
    private const int MostLikely = 600_000;
    private static readonly int[] ChannelLeaves = [100, 185, 85, 70];
    private static readonly int[] OfferLeaves = [100, 175, 140];
    private static readonly int[] SizeLeaves = [150, 100, 75, 50];
    private static readonly int[] IndustryLeaves = [100, 125, 80, 75, 90, 140];
    private static readonly int[] PlanLeaves = [0, 120, 100, 90, 80];
    private static readonly int[] SeasonLeaves = [130, 100, 100, 100, 100, 100, 115, 115, 100, 100, 90, 80];

    private const int ChargeFails = 20_000;
    private static readonly int[] ChannelFails = [100, 150, 100, 100];
    private static readonly int[] SizeFails = [140, 100, 70, 40];

    /// <summary>That the customer asks, in this month, to leave at the end of the term that is paid.</summary>
    public static int Leaves(in Profile profile, in Terms terms, int paidMonths, int calendarMonth, bool lastMonthOfTerm)
    {
        if (terms.Annual && !lastMonthOfTerm)
        {
            return 0;
        }

        var age = paidMonths switch { < 3 => 180, < 12 => 100, _ => 70 };
        var hazard = (long)Leave;
        hazard = hazard * ChannelLeaves[(int)profile.Channel] / 100;
        hazard = hazard * OfferLeaves[(int)profile.Offer] / 100;
        hazard = hazard * SizeLeaves[(int)profile.Size] / 100;
        hazard = hazard * IndustryLeaves[(int)profile.Industry] / 100;
        hazard = hazard * PlanLeaves[(int)terms.Plan] / 100;
        hazard = hazard * age / 100;
        hazard = hazard * SeasonLeaves[calendarMonth - 1] / 100;
        hazard = terms.Annual ? hazard * 4 : hazard;
        return (int)Math.Min(hazard, MostLikely);
    }

    public static int Fails(in Profile profile) =>
        ChargeFails * ChannelFails[(int)profile.Channel] / 100 * SizeFails[(int)profile.Size] / 100;

    public static int FreeConverts(int month) => month < 3 ? 80_000 : 30_000;

    /// <summary>Why a charge was declined, and how likely a later attempt is to succeed.</summary>
    public static (string Code, int Recovers) DrawDecline(ref SplitMix64 random) => random.Pick([45, 25, 20, 10]) switch
    {
        0 => ("insufficient_funds", 850_000),
        1 => ("do_not_honor", 700_000),
        2 => ("expired_card", 750_000),
        _ => ("lost_card", 500_000),
    };

    public static string DrawReason(ref SplitMix64 random) => random.Pick([30, 18, 16, 14, 8, 6, 5, 3]) switch
    {
        0 => "too_expensive",
        1 => "missing_features",
        2 => "switched_service",
        3 => "unused",
        4 => "low_quality",
        5 => "too_complex",
        6 => "customer_service",
        _ => "other",
    };
}
