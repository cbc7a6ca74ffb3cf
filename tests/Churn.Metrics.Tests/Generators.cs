using Churn.Metrics.Domain;
using FsCheck;
using FsCheck.Fluent;

namespace Churn.Metrics.Tests;

/// <summary>Makes businesses and facts of awkward shapes: instants that meet, at the edges of periods, and far away.</summary>
internal static class Generators
{
    private static readonly Gen<long> Offset = Gen.Elements(0L, 0L, 0L, -1L, 1L, -Calendar.Second, Calendar.Second, Calendar.Day / 2);

    private static readonly Gen<long> Price = Gen.Elements(
        0L, 1L, 2L, 10_000_000L, 10_000_000L, 25_000_000L, 83_333_333L, Money.Largest);

    private static readonly Gen<TermState> State = Gen.Frequency(
        (6, Gen.Constant(TermState.Active)), (1, Gen.Constant(TermState.PastDue)),
        (2, Gen.Constant(TermState.Paused)), (1, Gen.Constant(TermState.Trial)));

    public static Arbitrary<Business> Businesses { get; } = Arb.From(Gen.Choose(1, 6).SelectMany(BusinessOf), Shrink);

    /// <summary>Gives instants around a stretch of months; a few of them serve a whole customer, so that they meet.</summary>
    public static Gen<long> Instant(int fromMonth, int toMonth) => Gen.Frequency(
        (100, from month in Gen.Choose(fromMonth, toMonth) from offset in Offset select Calendar.Start(month) + offset),
        (100, from day in Gen.Choose(Calendar.FirstDay(fromMonth), Calendar.FirstDay(toMonth)) from offset in Offset select (day * Calendar.Day) + offset),
        (40, from day in Gen.Choose(Calendar.FirstDay(fromMonth), Calendar.FirstDay(toMonth))
            from second in Gen.Choose(0, 86_399) from micro in Gen.Choose(0, 999_999)
            select (day * Calendar.Day) + (second * Calendar.Second) + micro),
        (20, from year in Gen.Elements(1968, 2000, 2024, 2400) from offset in Offset select (Calendar.DayOf(year, 2, 29) * Calendar.Day) + offset),
        (20, from year in Gen.Elements(1969, 9999) from offset in Offset select (Calendar.DayOf(year, 12, 31) * Calendar.Day) + offset),
        // Rare: a cohort from then has an age for every month since.
        (1, from year in Gen.Elements(1, 1600) from offset in Offset select (Calendar.DayOf(year, 12, 31) * Calendar.Day) + offset));

    public static Gen<T> OneOf<T>(IReadOnlyList<T> values) => Gen.Choose(0, values.Count - 1).Select(i => values[i]);

    private static Gen<Business> BusinessOf(int customers) =>
        from year in Gen.Elements(1969, 1971, 1999, 2023, 2098)
        from month in Gen.Choose(1, 12)
        from months in Gen.Choose(1, 20)
        let horizonFrom = Calendar.MonthOf(year, month)
        from all in Customer(horizonFrom - 14, horizonFrom + months + 2).ListOf(customers)
        select new Business(horizonFrom, horizonFrom + months - 1, [.. all]);

    private static Gen<IReadOnlyList<Term>> Customer(int fromMonth, int toMonth) =>
        from size in Gen.Choose(2, 7)
        from instants in Instant(fromMonth, toMonth).ListOf(size)
        from count in Gen.Frequency((8, Gen.Choose(0, 4)), (2, Gen.Choose(5, 12)), (1, Gen.Choose(30, 40)))
        from terms in TermAmong([.. instants]).ListOf(count)
        select (IReadOnlyList<Term>)[.. terms];

    private static Gen<Term> TermAmong(long[] instants) =>
        from start in OneOf(instants)
        from end in Gen.Frequency((5, OneOf(instants)), (1, Gen.Constant(Calendar.Open)), (1, Offset.Select(o => start + Math.Abs(o))))
        from mrr in Price
        from plan in Gen.Choose(0, Business.Plans - 1)
        from state in State
        from completes in Gen.Frequency((4, Gen.Constant(false)), (1, Gen.Constant(true)))
        select new Term(start, end, mrr, plan, state, completes);

    private static IEnumerable<Business> Shrink(Business business)
    {
        var customers = business.Customers;
        for (var i = 0; i < customers.Count; i++)
        {
            var at = i;
            yield return business with { Customers = [.. customers.Where((_, j) => j != at)] };
            for (var t = 0; t < customers[i].Count; t++)
            {
                var term = t;
                yield return business with
                {
                    Customers = [.. customers.Select((c, j) => j == at ? [.. c.Where((_, k) => k != term)] : c)],
                };
            }
        }
    }
}
