namespace Churn.Metrics.Domain;

/// <summary>Holds what led from the opening to the closing MRR of a period, for any number of customers.</summary>
/// <remarks>
/// Law: opening + new + expansion + reactivation + resumed + transfer in - contraction - churn - paused - completed -
/// transfer out = closing. Amounts are micros, zero or more; an opening is the closing before.
/// </remarks>
public sealed class Bridge
{
    private readonly ReadOnlyMemory<Int128> _amounts;
    private readonly ReadOnlyMemory<long> _counts;

    internal Bridge(
        Int128 opening, long openingCustomers, long closingCustomers, Int128 lost, Int128 gained,
        ReadOnlyMemory<Int128> amounts, ReadOnlyMemory<long> counts)
    {
        (Opening, OpeningCustomers, ClosingCustomers, Lost, Gained) = (opening, openingCustomers, closingCustomers, lost, gained);
        (_amounts, _counts) = (amounts, counts);
    }

    /// <summary>Makes a bridge of what is known of it.</summary>
    /// <param name="opening">The MRR just before the period.</param>
    /// <param name="openingCustomers">The customers that paid just before the period.</param>
    /// <param name="closingCustomers">The customers that pay just before the period's end.</param>
    /// <param name="lost">What paying customers no longer pay.</param>
    /// <param name="gained">What paying customers pay more.</param>
    /// <param name="flows">The amount and the number of movements for each reason; those that are left out are zero.</param>
    /// <exception cref="ArgumentException">A reason is stated twice.</exception>
    public static Bridge Of(
        Int128 opening, long openingCustomers, long closingCustomers, Int128 lost, Int128 gained,
        ReadOnlySpan<(MovementKind Kind, Int128 Amount, long Count)> flows)
    {
        var (amounts, counts, seen) = (new Int128[Movements.Kinds], new long[Movements.Kinds], 0);
        foreach (var (kind, amount, count) in flows)
        {
            if ((seen & (1 << (int)kind)) != 0)
            {
                throw new ArgumentException($"{kind} is stated twice.", nameof(flows));
            }

            seen |= 1 << (int)kind;
            (amounts[(int)kind], counts[(int)kind]) = (amount, count);
        }

        return new Bridge(opening, openingCustomers, closingCustomers, lost, gained, amounts, counts);
    }

    /// <summary>Gives the MRR just before the period.</summary>
    public Int128 Opening { get; }

    /// <summary>Gives the customers that paid just before the period.</summary>
    public long OpeningCustomers { get; }

    /// <summary>Gives the MRR just before the period's end.</summary>
    public Int128 Closing => Opening
        + this[MovementKind.New] + this[MovementKind.Expansion] + this[MovementKind.Reactivation]
        + this[MovementKind.Resumed] + this[MovementKind.TransferIn]
        - this[MovementKind.Contraction] - this[MovementKind.Churn] - this[MovementKind.Paused]
        - this[MovementKind.Completed] - this[MovementKind.TransferOut];

    /// <summary>Gives the customers that pay just before the period's end.</summary>
    public long ClosingCustomers { get; }

    /// <summary>Gives what paying customers no longer pay: contraction, churn, paused and completed; a transfer is no loss.</summary>
    public Int128 Lost { get; }

    /// <summary>Gives what paying customers pay more: expansion, and what resumed of customers that still paid.</summary>
    public Int128 Gained { get; }

    /// <summary>Gives the amount that moved for a reason.</summary>
    public Int128 this[MovementKind kind] => _amounts.Span[(int)kind];

    /// <summary>Gives the number of movements for a reason; at a period's own grain these are customers.</summary>
    public long Count(MovementKind kind) => _counts.Span[(int)kind];
}
