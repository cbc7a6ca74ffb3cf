namespace Churn.Metrics.Domain;

/// <summary>Names why MRR moved; every kind is a line of its own in the bridge from opening to closing.</summary>
public enum MovementKind : byte
{
    /// <summary>Counts a customer that never paid before at the grain's closings.</summary>
    New,

    /// <summary>Counts a paying customer that pays more.</summary>
    Expansion,

    /// <summary>Counts a customer that paid once, paid nothing, and pays again.</summary>
    Reactivation,

    /// <summary>Counts a paying customer that pays less, and still pays.</summary>
    Contraction,

    /// <summary>Counts a customer that no longer pays.</summary>
    Churn,

    /// <summary>Counts MRR that a pause took out; not churn.</summary>
    Paused,

    /// <summary>Counts MRR that comes back from a pause.</summary>
    Resumed,

    /// <summary>Counts a customer whose fixed terms all ran out; not churn.</summary>
    Completed,

    /// <summary>Counts MRR that came from another plan of the same customer; only in a bridge by plan.</summary>
    TransferIn,

    /// <summary>Counts MRR that went to another plan of the same customer; only in a bridge by plan.</summary>
    TransferOut,
}

/// <summary>Holds the net change of one customer's MRR in one period of a grain.</summary>
/// <param name="Period">The month, day or instant it happened in, as <see cref="Calendar"/> counts them.</param>
/// <param name="Before">The MRR at the closing before, in micros.</param>
/// <param name="After">The MRR at the period's closing (at the instant: from it on), in micros.</param>
/// <param name="Kind">Why it moved.</param>
public readonly record struct Movement(long Period, long Before, long After, MovementKind Kind)
{
    /// <summary>Gives the signed change in micros.</summary>
    public long Delta => After - Before;
}

/// <summary>Reads the movements of one customer off its timeline.</summary>
public static class Movements
{
    /// <summary>Gives the number of kinds of movements.</summary>
    public const int Kinds = (int)MovementKind.TransferOut + 1;

    /// <summary>Writes the net movements at a grain, in order of time, and returns how many they are.</summary>
    /// <remarks>
    /// The closing of a period that ends at T is the state just before T; what happens at exactly T belongs to the period that
    /// starts at T. A customer is new at a grain while no closing of that grain had MRR before.
    /// </remarks>
    /// <param name="grain">The resolution at which changes are netted.</param>
    /// <param name="steps">The customer's whole history, as a <see cref="Timeline"/> writes it.</param>
    /// <param name="movements">Where the movements go: at least as many as there are steps.</param>
    public static int Read(Grain grain, ReadOnlySpan<Step> steps, Span<Movement> movements)
    {
        var written = 0;
        var closing = default(Step);
        var paidBefore = false;
        for (var i = 0; i < steps.Length;)
        {
            var period = PeriodOf(grain, steps[i].At);
            do
            {
                i++;
            }
            while (i < steps.Length && PeriodOf(grain, steps[i].At) == period);

            var opening = closing;
            closing = steps[i - 1];
            if (opening.Mrr != closing.Mrr)
            {
                movements[written++] = new Movement(period, opening.Mrr, closing.Mrr, KindOf(opening, closing, paidBefore));
            }

            paidBefore |= closing.Mrr > 0;
        }

        return written;
    }

    /// <summary>Nets a customer's changes over a window: the MRR at its opening and at its closing, and why they differ.</summary>
    /// <remarks>
    /// Where they do not differ there is no movement: the kind means nothing then. A customer whose opening is zero is new while no
    /// closing of the window's unit before it had MRR.
    /// </remarks>
    /// <param name="window">The window.</param>
    /// <param name="steps">The customer's whole history, as a <see cref="Timeline"/> writes it.</param>
    public static Movement InWindow(in Window window, ReadOnlySpan<Step> steps)
    {
        Step opening = default, closing = default;
        var paidBefore = false;
        var (from, end) = (window.From, window.End);
        for (var i = 0; i < steps.Length && steps[i].At < end; i++)
        {
            closing = steps[i];
            if (steps[i].At >= from)
            {
                continue;
            }

            opening = steps[i];
            if (!paidBefore && opening.Mrr > 0)
            {
                var until = i + 1 < steps.Length ? Math.Min(steps[i + 1].At, from) : from;
                paidBefore = window.UnitOf(opening.At) != window.UnitOf(until);
            }
        }

        return opening.Mrr == closing.Mrr
            ? new Movement(window.FromDay, opening.Mrr, closing.Mrr, default)
            : new Movement(window.FromDay, opening.Mrr, closing.Mrr, KindOf(opening, closing, paidBefore));
    }

    private static long PeriodOf(Grain grain, long at) => grain switch
    {
        Grain.Month => Calendar.MonthOf(at),
        Grain.Day => Calendar.DayOf(at),
        _ => at,
    };

    private static MovementKind KindOf(Step before, Step after, bool paidBefore)
    {
        var paused = after.Paused - before.Paused;
        if (before.Mrr == 0)
        {
            return !paidBefore ? MovementKind.New : paused < 0 ? MovementKind.Resumed : MovementKind.Reactivation;
        }

        if (after.Mrr == 0)
        {
            return paused > 0 ? MovementKind.Paused : after.Completed ? MovementKind.Completed : MovementKind.Churn;
        }

        // Of several subscriptions one may pause: the change is the pause's when the pause explains all of it.
        return after.Mrr > before.Mrr
            ? paused <= before.Mrr - after.Mrr ? MovementKind.Resumed : MovementKind.Expansion
            : paused >= before.Mrr - after.Mrr ? MovementKind.Paused : MovementKind.Contraction;
    }
}
