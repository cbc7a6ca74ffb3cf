using Churn.Metrics.Domain;
using FsCheck;
using FsCheck.Fluent;

namespace Churn.Metrics.Tests;

public class LedgerLaws
{
    private static readonly Arbitrary<(Business Business, int Seed)> SeededBusinesses = Arb.From(
        Generators.Businesses.Generator.SelectMany(b => Gen.Choose(0, int.MaxValue).Select(seed => (b, seed))),
        s => Generators.Businesses.Shrinker(s.Item1).Select(b => (b, s.Item2)));

    [Fact]
    public void Law_OrderOfTermsAndCustomers_ChangesNothing() => Law.Holds(SeededBusinesses, s =>
    {
        var (business, seed) = s;
        var shuffled = business with { Customers = [.. Law.Shuffled(business.Customers, seed).Select(c => Law.Shuffled(c, seed))] };
        Cells.AssertSame(Cells.Of(business.ToLedger()), Cells.Of(shuffled.ToLedger()));
    });

    [Fact]
    public void Law_Batches_MergedInAnyOrder_ChangeNothing() => Law.Holds(SeededBusinesses, s =>
    {
        var (business, seed) = s;
        var batches = Law.Shuffled(business.Customers.Chunk(1 + (seed % 3)), seed)
            .ConvertAll(customers => (business with { Customers = customers }).ToLedger(business.Horizon));
        var merged = new Ledger(business.Horizon, Business.Plans);
        foreach (var batch in batches)
        {
            merged.Merge(batch);
        }

        Cells.AssertSame(Cells.Of(business.ToLedger()), Cells.Of(merged));
    });

    [Fact]
    public void Law_Bridge_ClosesOnTheTerms_AtEveryGrain() => Law.Holds(Generators.Businesses, business =>
    {
        var ledger = business.ToLedger();
        foreach (var grain in Enum.GetValues<Grain>())
        {
            Assert.All(ledger.Imbalances(grain), imbalance => Assert.Equal(0, imbalance));
        }
    });

    [Fact]
    public void Law_PlanClosings_SumToTheClosing() => Law.Holds(Generators.Businesses, business =>
    {
        var ledger = business.ToLedger();
        var months = ledger.Months(Grain.Month);
        var plans = ledger.PlanClosings().ToLookup(p => p.Month - business.From);
        for (var i = 0; i < months.Count; i++)
        {
            Assert.Equal(months[i].Closing, Sum(plans[i].Select(p => p.Mrr)));
            Assert.All(plans[i], p => Assert.InRange(p.Customers, 1, p.Subscriptions));
            Assert.True(plans[i].Sum(p => p.Customers) >= months[i].ClosingCustomers);
        }
    });

    [Fact]
    public void Law_Horizon_EqualsItsHalves() => Law.Holds(SeededBusinesses, s =>
    {
        var (business, seed) = s;
        if (business.From == business.To)
        {
            return;
        }

        var middle = business.From + (seed % (business.To - business.From));
        var (left, right) = ((business with { To = middle }).ToLedger(), (business with { From = middle + 1 }).ToLedger());
        var whole = business.ToLedger();
        foreach (var grain in Enum.GetValues<Grain>())
        {
            Cells.AssertSame(Cells.Of("month", whole.Months(grain)), Cells.Of("month", [.. left.Months(grain), .. right.Months(grain)]));
        }

        Cells.AssertSame(Cells.Of("day", whole.Days()), Cells.Of("day", [.. left.Days(), .. right.Days()]));
        Assert.Equal(whole.PlanClosings(), [.. left.PlanClosings(), .. right.PlanClosings()]);
        Assert.Equal(whole.TrailingYears(), [.. left.TrailingYears(), .. right.TrailingYears()]);
        Cells.AssertSame(
            Cells.Of("month", whole.MonthsByTrueHistory()), Cells.Of("month", [.. left.MonthsByTrueHistory(), .. right.MonthsByTrueHistory()]));
    });

    [Fact]
    public void Law_Months_AreTheSumsOfTheirDays() => Law.Holds(Generators.Businesses, business =>
    {
        var ledger = business.ToLedger();
        var (days, net, byDay) = (ledger.Days(), ledger.Months(Grain.Month), ledger.Months(Grain.Day));
        for (var i = 0; i < net.Count; i++)
        {
            var first = Calendar.FirstDay(business.From + i) - ledger.Horizon.FirstDay;
            var next = Calendar.FirstDay(business.From + i + 1) - ledger.Horizon.FirstDay;
            var month = days.Skip(first).Take(next - first).ToList();
            Assert.Equal(net[i].Opening, month[0].Opening);
            Assert.Equal(net[i].Closing, month[^1].Closing);
            Assert.Equal(net[i].ClosingCustomers, month[^1].ClosingCustomers);
            foreach (var kind in Enum.GetValues<MovementKind>())
            {
                Assert.Equal(byDay[i][kind], Sum(month.Select(d => d[kind])));
                Assert.Equal(byDay[i].Count(kind), month.Sum(d => d.Count(kind)));
            }
        }
    });

    [Fact]
    public void Law_Grains_DifferInMovementsOnly() => Law.Holds(Generators.Businesses, business =>
    {
        var ledger = business.ToLedger();
        var byMonth = ledger.Months(Grain.Month);
        foreach (var grain in new[] { Grain.Day, Grain.Instant })
        {
            foreach (var (finer, month) in ledger.Months(grain).Zip(byMonth))
            {
                Assert.Equal(
                    (month.Opening, month.OpeningCustomers, month.Closing, month.ClosingCustomers),
                    (finer.Opening, finer.OpeningCustomers, finer.Closing, finer.ClosingCustomers));
                Assert.True(Moved(finer) >= Moved(month));
            }
        }
    });

    [Fact]
    public void Law_Split_OfATermIntoAdjacentOnes_ChangesNothing() => Law.Holds(SeededBusinesses, s =>
    {
        var (business, seed) = s;
        var split = business with { Customers = [.. business.Customers.Select(c => c.SelectMany(t => Halves(t, seed)).ToList())] };
        Cells.AssertSame(Cells.Of(business.ToLedger()), Cells.Of(split.ToLedger()));
    });

    [Fact]
    public void Law_Scale_OfAllPrices_ScalesAllSums() => Law.Holds(Generators.Businesses, business =>
    {
        const int scale = 7;
        var scaled = business.Select(t => t with { Mrr = t.Mrr * scale });
        var expected = Cells.Of(business.ToLedger()).ConvertAll(c => c.IsMoney ? c with { Value = c.Value * scale } : c);
        Cells.AssertSame(expected, Cells.Of(scaled.ToLedger()));
    });

    [Theory]
    [InlineData(-400)]
    [InlineData(400)]
    [InlineData(4_000)]
    public void Law_Shift_ByWholeEras_ShiftsAllResults(int years) => Law.Holds(Generators.Businesses, business =>
    {
        const int daysOfEra = 146_097;
        var micros = years / 400 * daysOfEra * Calendar.Day;
        var shifted = business.Select(t => t with { Start = t.Start + micros, End = t.End == Calendar.Open ? t.End : t.End + micros }) with
        {
            From = business.From + (years * 12),
            To = business.To + (years * 12),
        };
        Cells.AssertSame(Cells.Of(business.ToLedger()), Cells.Of(shifted.ToLedger()));
    }, 100);

    [Fact]
    public void Law_Noise_ThatCountsForNothing_ChangesNothing() => Law.Holds(Generators.Businesses, business =>
    {
        // Free, on trial, of no length, or ending before it starts: none makes a customer or a movement.
        var noise = business with
        {
            Customers =
            [
                .. business.Customers.Select(c => c.SelectMany(t => new[]
                {
                    t, t with { Mrr = 0 }, t with { State = TermState.Trial }, t with { End = t.Start }, t with { End = t.Start - 1 },
                }).ToList()),
                [],
            ],
        };
        Cells.AssertSame(Cells.Of(business.ToLedger()), Cells.Of(noise.ToLedger()));
    });

    [Fact]
    public void Law_Rates_StayInTheirRanges() => Law.Holds(Generators.Businesses, business =>
    {
        var ledger = business.ToLedger();
        foreach (var bridge in ledger.Months(Grain.Month).Concat(ledger.Days()))
        {
            var rates = new Rates(bridge);
            Between(rates.LogoChurn, 0, 1);
            Between(rates.GrossMrrChurn, 0, 1);
            Between(rates.Grr, 0, 1);
            Between(rates.NetMrrChurn, null, rates.GrossMrrChurn);
            Between(rates.NetMrrChurnAfterReactivation, null, rates.NetMrrChurn);
            Between(rates.Nrr, rates.Grr, null);
            Between(rates.QuickRatio, 0, rates.QuickRatioWithReactivation);
            Assert.Equal(bridge.Opening != 0, rates.Nrr.IsDefined);
            Assert.Equal(bridge.OpeningCustomers != 0, rates.LogoChurn.IsDefined);
            Assert.Equal(bridge.Closing != 0, rates.Arpa.IsDefined);
        }

        foreach (var bridge in ledger.Months(Grain.Day).Concat(ledger.Months(Grain.Instant)))
        {
            var rates = new Rates(bridge);
            Between(rates.GrossMrrChurn, 0, null);
            Assert.Equal(rates.Nrr.Numerator, rates.Grr.Numerator + bridge.Gained);
        }
    });

    [Fact]
    public void Law_Cohorts_ConserveCustomersAndMrr() => Law.Holds(Generators.Businesses, business =>
    {
        // From the first month on, everybody who ever paid at a closing was new once.
        var whole = business with { From = Math.Max(business.First, business.From - 36) };
        var ledger = whole.ToLedger();
        var months = ledger.Months(Grain.Month);
        foreach (var basis in Enum.GetValues<CohortBasis>())
        {
            var cohorts = ledger.Cohorts(basis);
            for (var i = 0; i < months.Count; i++)
            {
                var month = whole.From + i;
                var begun = cohorts.Where(c => c.Month <= month).ToList();
                Assert.Equal(months[i].Closing, Sum(begun.Select(c => c.ActiveMrr(month - c.Month))));
                Assert.Equal(months[i].ClosingCustomers, begun.Sum(c => c.ActiveCustomers(month - c.Month)));
                if (basis == CohortBasis.FirstClosing)
                {
                    var began = cohorts.Where(c => c.Month == month).ToList();
                    Assert.Equal(months[i].Count(MovementKind.New), began.Sum(c => c.Customers));
                    Assert.Equal(months[i][MovementKind.New], Sum(began.Select(c => c.FirstMrr)));
                }
            }

            foreach (var cohort in cohorts)
            {
                Assert.Equal(whole.To - cohort.Month + 1, cohort.Ages);
                for (var age = 0; age < cohort.Ages; age++)
                {
                    Between(cohort.LogoRetention(age), 0, 1);
                    Between(cohort.MrrRetention(age), 0, null);
                }

                if (basis == CohortBasis.FirstClosing)
                {
                    Assert.Equal(new Ratio(cohort.Customers, cohort.Customers), cohort.LogoRetention(0));
                    Assert.Equal(new Ratio(cohort.FirstMrr, cohort.FirstMrr), cohort.MrrRetention(0));
                }
            }
        }

        Assert.True(
            ledger.Cohorts(CohortBasis.FirstPaidInstant).Sum(c => c.Customers) >= ledger.Cohorts(CohortBasis.FirstClosing).Sum(c => c.Customers));
    });

    [Fact]
    public void Law_TrailingBases_EqualTheClosings() => Law.Holds(Generators.Businesses, business =>
    {
        var ledger = business.ToLedger();
        var months = ledger.Months(Grain.Month);
        var years = ledger.TrailingYears().ToDictionary(y => y.Month);
        for (var i = TrailingYear.Months; i < months.Count; i++)
        {
            var year = years.GetValueOrDefault(business.From + i);
            Assert.Equal((months[i - 12].Closing, months[i - 12].ClosingCustomers), (year?.BaseMrr ?? 0, year?.BaseCustomers ?? 0));
        }

        foreach (var year in years.Values)
        {
            Assert.Equal(year.Month - 12, year.BaseMonth);
            Between(year.LogoRetention, 0, 1);
            Between(year.Grr, 0, 1);
            Between(year.Nrr, year.Grr, null);
            var now = months[year.Month - business.From];
            Assert.InRange(year.NowMrr, 0, now.Closing);
            Assert.InRange(year.NowCustomers, 0, now.ClosingCustomers);
        }
    });

    private static IEnumerable<Term> Halves(Term term, int seed)
    {
        // No further than a year, so that the cut of a term that runs on is still near what is reported.
        const long year = 366 * Calendar.Day;
        if (term.Start + 1 >= term.End)
        {
            return [term];
        }

        var length = term.End == Calendar.Open ? year : Math.Min(term.End - term.Start, year);
        var cut = term.Start + 1 + (seed * 7_919L % (length - 1));
        return [term with { End = cut, Completes = false }, term with { Start = cut }];
    }

    private static Int128 Moved(Bridge bridge) => Sum(Enum.GetValues<MovementKind>().Select(k => bridge[k]));

    private static Int128 Sum(IEnumerable<Int128> amounts) => amounts.Aggregate(Int128.Zero, (a, b) => a + b);

    private static void Between(Ratio ratio, int? least, int? most) =>
        Between(ratio, least is { } l ? new Ratio(l, 1) : null, most is { } m ? new Ratio(m, 1) : null);

    private static void Between(Ratio ratio, int least, Ratio most) => Between(ratio, new Ratio(least, 1), most);

    private static void Between(Ratio ratio, Ratio? least, Ratio? most)
    {
        if (ratio.IsDefined)
        {
            Assert.True(least is not { } l || Compare(l, ratio) <= 0, $"{ratio} is below {least}");
            Assert.True(most is not { } m || Compare(ratio, m) <= 0, $"{ratio} is above {most}");
        }
    }

    private static int Compare(Ratio a, Ratio b) =>
        (a.Numerator * b.Denominator).CompareTo(b.Numerator * a.Denominator);
}
