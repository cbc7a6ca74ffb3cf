using System.Text;
using Churn.Cli.Report.Output;
using Churn.Metrics.Domain;
using FsCheck;
using FsCheck.Fluent;

namespace Churn.Cli.Tests.Report.Output;

public sealed class MoversTests
{
    [Fact]
    public void Law_Largest_IsTheSortedHeadHoweverCustomersAreSplit() => Prop.ForAll(
        Gen.Choose(-20, 20).ArrayOf().ToArbitrary(),
        Gen.Choose(1, 4).ToArbitrary(),
        (deltas, threads) =>
        {
            var movements = deltas.Select((d, i) => (Name: $"c{i:000}", Movement: new Movement(0, 100, 100 + d, MovementKind.Expansion))).ToArray();
            var all = new Movers(5);
            for (var thread = 0; thread < threads; thread++)
            {
                var own = new Movers(5);
                foreach (var (name, movement) in movements.Where((_, i) => i % threads == thread))
                {
                    own.Offer(Encoding.UTF8.GetBytes(name), movement);
                }

                all.Merge(own);
            }

            var expected = movements.OrderByDescending(m => Math.Abs(m.Movement.Delta)).ThenBy(m => m.Name, StringComparer.Ordinal).Take(5);
            return all.Largest().Select(m => m.Customer).SequenceEqual(expected.Select(m => m.Name), StringComparer.Ordinal);
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Offer_MovementThatIsNotKept_AllocatesNothing()
    {
        var movers = new Movers(2);
        var customer = Encoding.UTF8.GetBytes("c");
        movers.Offer(customer, new Movement(0, 0, 9, MovementKind.New));
        movers.Offer(customer, new Movement(0, 0, 8, MovementKind.New));
        movers.Offer(customer, new Movement(0, 0, 1, MovementKind.New));
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1_000; i++)
        {
            movers.Offer(customer, new Movement(0, 0, 7, MovementKind.New));
        }

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }
}
