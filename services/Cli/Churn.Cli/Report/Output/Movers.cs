using System.Text;
using Churn.Metrics.Domain;

namespace Churn.Cli.Report.Output;

/// <summary>Keeps the largest movements of one month while customers pass by.</summary>
/// <remarks>
/// For one thread; each has its own, and they are merged. The order is total (the larger change first, then the customer's bytes),
/// so what is kept does not depend on who saw which customer. Nothing is allocated for a movement that is not kept.
/// </remarks>
/// <param name="month">The month whose movements count, as <see cref="Calendar"/> counts months.</param>
/// <param name="most">How many are kept.</param>
internal sealed class Movers(int month, int most = 10)
{
    private readonly Entry[] _entries = new Entry[most];
    private int _count;

    /// <summary>Shows it a movement at the month's grain; those of other months are passed over.</summary>
    public void Offer(ReadOnlySpan<byte> customer, in Movement movement)
    {
        if (movement.Period == month)
        {
            Keep(customer, movement);
        }
    }

    /// <summary>Takes in what another one of the same month kept.</summary>
    public void Merge(Movers other)
    {
        foreach (ref readonly var entry in other._entries.AsSpan(0, other._count))
        {
            Keep(entry.Customer, entry.Movement);
        }
    }

    /// <summary>Gives what was kept, the largest change first.</summary>
    public IReadOnlyList<Mover> Read() =>
        [.. _entries.Take(_count).Select(e => new Mover(Encoding.UTF8.GetString(e.Customer), e.Movement.Before, e.Movement.After, e.Movement.Kind))];

    private void Keep(ReadOnlySpan<byte> customer, in Movement movement)
    {
        var place = _count;
        for (; place > 0 && IsLarger(customer, movement, _entries[place - 1]); place--)
        {
        }

        if (place == _entries.Length)
        {
            return;
        }

        _count = Math.Min(_count + 1, _entries.Length);
        _entries.AsSpan(place, _count - 1 - place).CopyTo(_entries.AsSpan(place + 1));
        _entries[place] = new Entry(customer.ToArray(), movement);
    }

    private static bool IsLarger(ReadOnlySpan<byte> customer, in Movement movement, in Entry than)
    {
        var order = Math.Abs(movement.Delta).CompareTo(Math.Abs(than.Movement.Delta));
        return order != 0 ? order > 0 : customer.SequenceCompareTo(than.Customer) < 0;
    }

    private readonly record struct Entry(byte[] Customer, Movement Movement);
}
