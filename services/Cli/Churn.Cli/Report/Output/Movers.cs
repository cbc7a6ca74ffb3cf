using System.Text;
using Churn.Metrics.Domain;

namespace Churn.Cli.Report.Output;

/// <summary>Keeps the largest movements of one month while customers pass by.</summary>
/// <remarks>
/// Each thread has its own, and they are merged. The order is total (the larger change first, then the customer's bytes), so what is
/// kept does not depend on who saw which customer. Nothing is allocated for a movement that is not kept.
/// </remarks>
/// <param name="most">How many are kept.</param>
internal sealed class Movers(int most = 10)
{
    private readonly Lock _merging = new();
    private readonly Entry[] _entries = new Entry[most];
    private int _count;

    /// <summary>Shows it a movement of the month, at the month's grain; from one thread.</summary>
    public void Offer(ReadOnlySpan<byte> customer, in Movement movement)
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

    /// <summary>Takes in what another one kept; from any thread that is done with the other.</summary>
    public void Merge(Movers other)
    {
        lock (_merging)
        {
            foreach (ref readonly var entry in other._entries.AsSpan(0, other._count))
            {
                Offer(entry.Customer, entry.Movement);
            }
        }
    }

    /// <summary>Gives what was kept, the largest change first.</summary>
    public IReadOnlyList<Mover> Largest() =>
        [.. _entries.Take(_count).Select(e => new Mover(Encoding.UTF8.GetString(e.Customer), e.Movement.Before, e.Movement.After, e.Movement.Kind))];

    private static bool IsLarger(ReadOnlySpan<byte> customer, in Movement movement, in Entry than)
    {
        var order = Math.Abs(movement.Delta).CompareTo(Math.Abs(than.Movement.Delta));
        order = order != 0 ? order : than.Customer.AsSpan().SequenceCompareTo(customer);

        // In a report by plan a customer has a movement for each of its plans.
        order = order != 0 ? order : movement.Before.CompareTo(than.Movement.Before);
        order = order != 0 ? order : movement.Kind.CompareTo(than.Movement.Kind);
        return order > 0;
    }

    private readonly record struct Entry(byte[] Customer, Movement Movement);
}
