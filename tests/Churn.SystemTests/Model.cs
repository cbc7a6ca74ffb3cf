using Churn.Metrics.Books;
using Churn.Metrics.Consumers;
using Churn.Metrics.Domain;
using Churn.Metrics.Reads;
using Churn.Metrics.V1;
using WireFact = Churn.Ingestion.V1.Fact;

namespace Churn.SystemTests;

/// <summary>Computes straight from the facts that were sent what a server must answer: no shard, no store, no stream.</summary>
internal static class Model
{
    /// <summary>Asserts that a server answers what the facts amount to, in a currency.</summary>
    public static async Task AssertAnswersAsync(MetricsService.MetricsServiceClient client, IEnumerable<WireFact> facts, string currency, string token = "")
    {
        var cancellationToken = TestContext.Current.CancellationToken;
        var read = new ReadOptions { Currency = currency, ConsistencyToken = token };
        var overview = await client.GetOverviewAsync(new GetOverviewRequest { Read = read }, cancellationToken: cancellationToken);
        var rolling = await client.GetRollingMetricsAsync(new GetRollingMetricsRequest { Read = read }, cancellationToken: cancellationToken);
        var cut = (overview.Info.AsOf.ToDateTime() - DateTime.UnixEpoch).Ticks / 10;
        var histories = HistoriesOf(facts, currency, cut);
        var first = Calendar.MonthOf(histories.Min(h => h.Terms.Min(t => t.Start)));
        var ledger = new Ledger(new Horizon(first, Calendar.MonthOf(cut - 1), first), 1_000);
        var windows = Enum.GetValues<WindowKind>().Select(kind => Domain(kind, cut)).ToArray();
        var sums = windows.Select(_ => new WindowSums()).ToArray();
        foreach (var (terms, history) in histories)
        {
            ledger.Add(history, terms);
            for (var i = 0; i < windows.Length; i++)
            {
                sums[i].Add(Movements.InWindow(windows[i], history.Steps), 1);
            }
        }

        Assert.Equal(histories.Count, overview.Customers);
        Assert.Equal(ledger.Months(Churn.Metrics.Domain.Grain.Month).Select(b => b.ToWire()), overview.Sections[0].Months.Select(m => m.Bridge));
        Assert.Equal(sums.Select(s => s.ToBridge().ToWire()), rolling.Figures.Select(f => f.Bridge));
        Assert.True(overview.Info.Identity.Balanced && rolling.Info.Identity.Balanced);
        Assert.Equal((0, 0), (overview.Info.LagFacts, overview.Info.QuarantinedFacts));
    }

    private static Churn.Metrics.Domain.Window Domain(WindowKind kind, long cut) => Churn.Metrics.Domain.Window.At(kind, Calendar.DayOf(cut - 1));

    private static List<(Term[] Terms, History History)> HistoriesOf(IEnumerable<WireFact> facts, string currency, long cut)
    {
        var plans = new PlanTable();
        var histories = new List<(Term[], History)>();
        foreach (var customer in facts.DistinctBy(f => (f.Source, f.EventId)).GroupBy(f => f.CustomerId))
        {
            var account = Account.Of([.. customer.Where(FactFromWire.BearsOnLedger).Select(f => f.FromWire(plans))], Policy.Standard);
            Term[] terms =
            [
                .. account.Terms.Where(t => t.Start < cut && plans.Currencies[plans.CurrencyOf(t.Plan)] == currency)
                    .Select(t => t.End >= cut ? t with { End = Calendar.Open, Completes = false } : t),
            ];
            if (terms.Length > 0)
            {
                var history = new History();
                history.Load(terms);
                histories.Add((terms, history));
            }
        }

        return histories;
    }
}
