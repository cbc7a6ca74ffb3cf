using Churn.Ingestion.V1;
using Churn.Metrics.Domain;
using Churn.Metrics.Owners;
using Churn.Metrics.Reads;
using Churn.Metrics.Tests.Consumers;
using Google.Protobuf.WellKnownTypes;
using Google.Rpc;
using Grpc.Core;
using Churn.ServiceDefaults.Grpc;
using Churn.ServiceDefaults.Streams;
using BadRequest = Google.Rpc.BadRequest;
using WireFact = Churn.Ingestion.V1.Fact;

namespace Churn.Metrics.Tests.Reads;

public sealed class MetricsApiTests
{
    private static readonly CancellationToken Token = TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("", "")]
    [InlineData("country", "")]
    [InlineData("plan", "")]
    [InlineData("color", "2024-03")]
    public async Task GetOverview_OfRandomHistories_IsTheLedgerOfTheirSet(string by, string from)
    {
        await using var server = await StartAsync(seed: 3, customers: 300);
        var overview = await server.Client.GetOverviewAsync(new V1.GetOverviewRequest { Read = Usd, By = by, FromMonth = from }, cancellationToken: Token);

        Assert.Equal(("standard@1", "UTC", "USD"), (overview.Info.Policy, overview.Info.TimeZone, overview.Info.Currency));
        Assert.True(overview.Info.Identity.Balanced);
        Assert.Equal(server.Desk.Clock.GetUtcNow().Date.AddDays(1), overview.Info.AsOf.ToDateTime());
        var expected = Expected.Of(server, by, from.Length == 0 ? null : Periods.Month(from));
        Assert.Equal(expected.Customers, overview.Customers);
        Assert.Equal(expected.Ledgers.Keys, overview.Sections.Select(s => s.Segment?.Value ?? ""));
        foreach (var section in overview.Sections)
        {
            var ledger = expected.Ledgers[section.Segment?.Value ?? ""];
            Assert.Equal(ledger.Months(Grain.Month).Select(b => b.ToWire()), section.Months.Select(m => m.Bridge));
            Assert.Equal(ledger.TrailingYears().Select(y => y.ToWire()), section.TrailingYears);
            Assert.Equal(ledger.PlanClosings().Sum(c => (long)c.Mrr), section.PlanClosings.Sum(c => c.MrrMicros));
        }
    }

    [Fact]
    public async Task GetOverview_InPages_IsTheSameAsWhole()
    {
        await using var server = await StartAsync(seed: 4, customers: 200);
        var whole = await server.Client.GetOverviewAsync(new V1.GetOverviewRequest { Read = Usd, By = "country" }, cancellationToken: Token);
        var pages = new List<V1.OverviewSection>();
        var token = "";
        do
        {
            var page = await server.Client.GetOverviewAsync(
                new V1.GetOverviewRequest { Read = Usd, By = "country", PageSize = 1, PageToken = token }, cancellationToken: Token);
            Assert.InRange(page.Sections.Count, 0, 1);
            pages.AddRange(page.Sections);
            token = page.NextPageToken;
        }
        while (token.Length > 0);
        Assert.Equal(whole.Sections, pages);
    }

    [Theory]
    [InlineData(V1.Grain.Month)]
    [InlineData(V1.Grain.Day)]
    [InlineData(V1.Grain.Instant)]
    public async Task ListMovements_InPages_AreThoseOfTheSetInOrder(V1.Grain grain)
    {
        await using var server = await StartAsync(seed: 5, customers: 150);
        var found = new List<V1.Movement>();
        var token = "";
        do
        {
            var page = await server.Client.ListMovementsAsync(
                new V1.ListMovementsRequest { Read = Usd, Grain = grain, PageSize = 17, PageToken = token }, cancellationToken: Token);
            found.AddRange(page.Movements);
            token = page.NextPageToken;
        }
        while (token.Length > 0);

        var expected = Expected.Of(server, "", null).Movements((Grain)((int)grain - 1));
        Assert.Equal(expected, found.Select(m => (m.Period, m.CustomerId, m.BeforeMicros, m.AfterMicros, m.Kind)));
    }

    [Fact]
    public async Task ListMovements_OfAKindAndSegment_AddUpToTheOverview()
    {
        await using var server = await StartAsync(seed: 6, customers: 200);
        var segment = new V1.Segment { Attribute = "country", Value = "DE" };
        var churn = await server.Client.ListMovementsAsync(
            new V1.ListMovementsRequest { Read = Usd, Segment = segment, Kinds = { V1.MovementKind.Churn }, PageSize = 10_000 }, cancellationToken: Token);
        var overview = await server.Client.GetOverviewAsync(new V1.GetOverviewRequest { Read = Usd, By = "country" }, cancellationToken: Token);
        var flows = overview.Sections.Single(s => s.Segment.Value == "DE").Months.SelectMany(m => m.Bridge.Flows).Where(f => f.Kind == V1.MovementKind.Churn);
        Assert.Equal(flows.Sum(f => f.MrrMicros), churn.Movements.Sum(m => m.BeforeMicros - m.AfterMicros));
        Assert.NotEmpty(churn.Movements);
    }

    [Fact]
    public async Task GetRatesAndSeries_OfAMonth_AgreeWithTheOverview()
    {
        await using var server = await StartAsync(seed: 7, customers: 200);
        var overview = await server.Client.GetOverviewAsync(new V1.GetOverviewRequest { Read = Usd }, cancellationToken: Token);
        var rates = await server.Client.GetRatesAsync(new V1.GetRatesRequest { Read = Usd }, cancellationToken: Token);
        foreach (var (month, of) in overview.Sections[0].Months.Zip(rates.Months))
        {
            Assert.Equal(month.Month, of.Month);
            Assert.Equal(month.Rates.HasLogoChurn, of.Rates[0].HasValue);
            Assert.Equal(month.Rates.LogoChurn, of.Rates[0].Value);
            Assert.Equal(month.Bridge.OpeningCustomers, of.Rates[0].Denominator);
            Assert.Equal((month.Rates.HasNrr, month.Rates.Nrr), (of.Rates[4].HasValue, of.Rates[4].Value));
        }

        var mrr = await server.Client.GetSeriesAsync(new V1.GetSeriesRequest { Read = Usd, Metric = V1.Metric.Mrr, Grain = V1.Grain.Day }, cancellationToken: Token);
        Assert.Equal("2024-06-04", mrr.Series[0].Points[^1].Period);
        foreach (var month in overview.Sections[0].Months.SkipLast(1))
        {
            Assert.Equal(month.Bridge.ClosingMrrMicros, mrr.Series[0].Points.Last(p => p.Period.StartsWith(month.Month, StringComparison.Ordinal)).Numerator);
        }
    }

    [Fact]
    public async Task GetRollingMetrics_OfTodayAndOfThePast_AreBothTheMonthThatWas()
    {
        await using var server = await StartAsync(seed: 8, customers: 200);
        var overview = await server.Client.GetOverviewAsync(new V1.GetOverviewRequest { Read = Usd }, cancellationToken: Token);
        var request = new V1.GetRollingMetricsRequest { Read = Usd, Windows = { V1.Window.LastMonth, V1.Window.MonthToDate } };
        var kept = await server.Client.GetRollingMetricsAsync(request, cancellationToken: Token);
        request.Read = new V1.ReadOptions { Currency = "USD", At = Timestamp.FromDateTime(new DateTime(2024, 4, 30, 13, 0, 0, DateTimeKind.Utc)) };
        var past = await server.Client.GetRollingMetricsAsync(request, cancellationToken: Token);

        Assert.Equal(overview.Sections[0].Months[^2].Bridge, kept.Figures[0].Bridge);
        Assert.Equal(overview.Sections[0].Months[^1].Bridge, kept.Figures[1].Bridge);
        Assert.Equal(overview.Sections[0].Months.Single(m => m.Month == "2024-04").Bridge, past.Figures[1].Bridge);
        Assert.Equal(("2024-05-01", "2024-05-31"), (kept.Figures[0].FromDay, kept.Figures[0].ToDay));
    }

    [Fact]
    public async Task GetRollingMetrics_ByPlan_IsTheMonthByPlan()
    {
        await using var server = await StartAsync(seed: 15, customers: 200);
        var overview = await server.Client.GetOverviewAsync(new V1.GetOverviewRequest { Read = Usd, By = "plan" }, cancellationToken: Token);
        var rolling = await server.Client.GetRollingMetricsAsync(
            new V1.GetRollingMetricsRequest { Read = Usd, By = "plan", Windows = { V1.Window.LastMonth } }, cancellationToken: Token);

        Assert.True(rolling.Info.Identity.Balanced);
        var months = overview.Sections.Select(s => (s.Segment, s.Months[^2].Bridge)).Where(m => m.Bridge.CalculateSize() > 0);
        Assert.Equal(months, rolling.Figures.Select(f => (f.Segment, f.Bridge)));
        Assert.Contains(rolling.Figures, f => f.Bridge.Flows.Any(flow => flow.Kind == V1.MovementKind.TransferIn));
    }

    [Fact]
    public async Task GetCohorts_OfRandomHistories_AreThoseOfTheLedger()
    {
        await using var server = await StartAsync(seed: 9, customers: 200);
        var cohorts = await server.Client.GetCohortsAsync(new V1.GetCohortsRequest { Read = Usd, Basis = V1.CohortBasis.FirstPaidInstant }, cancellationToken: Token);
        Assert.Equal(Expected.Of(server, "", null).Ledgers[""].Cohorts(CohortBasis.FirstPaidInstant).Select(c => c.ToWire(null)), cohorts.Cohorts);
    }

    [Fact]
    public async Task ListSegments_OfAllAttributes_AddUpToTheClosing()
    {
        await using var server = await StartAsync(seed: 10, customers: 200);
        var overview = await server.Client.GetOverviewAsync(new V1.GetOverviewRequest { Read = Usd }, cancellationToken: Token);
        var segments = await server.Client.ListSegmentsAsync(new V1.ListSegmentsRequest { Read = Usd }, cancellationToken: Token);
        Assert.Equal(["color", "country", "plan"], segments.Segments.Select(s => s.Segment.Attribute).Distinct());
        foreach (var attribute in segments.Segments.GroupBy(s => s.Segment.Attribute))
        {
            Assert.Equal(overview.Sections[0].Months[^1].Bridge.ClosingMrrMicros, attribute.Sum(s => s.MrrMicros));
        }

        Assert.Equal(overview.Customers, segments.Segments.Where(s => s.Segment.Attribute == "country").Sum(s => s.Customers));
    }

    [Fact]
    public async Task ExplainMetric_OfAMonth_GivesEveryMovementWithItsFacts()
    {
        await using var server = await StartAsync(seed: 11, customers: 200);
        var call = server.Client.ExplainMetric(new V1.ExplainMetricRequest { Read = Usd, Month = "2024-03" }, cancellationToken: Token);
        var answers = await call.ResponseStream.ReadAllAsync(Token).ToListAsync(Token);
        var movements = await server.Client.ListMovementsAsync(
            new V1.ListMovementsRequest { Read = Usd, FromMonth = "2024-03", ToMonth = "2024-03", PageSize = 10_000 }, cancellationToken: Token);

        Assert.NotNull(answers[0].Info);
        Assert.Equal(movements.Movements, answers.Skip(1).Select(a => a.Movement));
        Assert.All(answers.Skip(1), a => Assert.NotEmpty(a.Facts));
        Assert.All(answers.Skip(1), a => Assert.All(a.Facts, f => Assert.Equal(a.Movement.CustomerId, f.CustomerId)));
    }

    [Fact]
    public async Task WatchMetrics_AChange_SendsWhatChanged()
    {
        await using var server = await StartAsync(seed: 12, customers: 20);
        using var call = server.Client.WatchMetrics(new V1.WatchMetricsRequest { Read = Usd, Windows = { V1.Window._7Days, V1.Window.LastMonth } }, cancellationToken: Token);
        Assert.True(await call.ResponseStream.MoveNext(Token));
        Assert.Equal(2, call.ResponseStream.Current.Figures.Count);
        var before = call.ResponseStream.Current.Figures[0].Bridge;

        await server.Desk.ApplyAsync([Start("late", "late", 12_000_000, server.Desk.Clock.GetUtcNow())]);
        server.Progress.Change();
        var next = call.ResponseStream.MoveNext(Token);
        while (!next.IsCompleted)
        {
            server.Desk.Clock.Advance(TimeSpan.FromMilliseconds(20));
            await Task.WhenAny(next, Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, Token));
        }

        var changed = Assert.Single(call.ResponseStream.Current.Figures);
        Assert.Equal(V1.Window._7Days, changed.Window);
        Assert.Equal(before.ClosingMrrMicros + 12_000_000, changed.Bridge.ClosingMrrMicros);
    }

    [Fact]
    public async Task Regression_OverviewWhileEarlierStartsArrive_AnswersAndBalances()
    {
        await using var server = await StartAsync(seed: 16, customers: 20);
        var writing = Task.Run(async () =>
        {
            for (var i = 0; i < 400; i++)
            {
                await server.Desk.ApplyAsync([Start($"early{i}", $"early{i}", 1_000_000, RandomHistories.Start.AddDays(-30 * i))]);
            }
        });
        do
        {
            var overview = await server.Client.GetOverviewAsync(new V1.GetOverviewRequest { Read = Usd }, cancellationToken: Token);
            Assert.True(overview.Info.Identity.Balanced);
            await server.Client.GetCohortsAsync(new V1.GetCohortsRequest { Read = Usd }, cancellationToken: Token);
        }
        while (!writing.IsCompleted);
        await writing;
    }

    [Fact]
    public async Task GetOverview_WithoutAnyFact_IsEmptyAndBalanced()
    {
        await using var server = await MetricsServer.StartAsync();
        var overview = await server.Client.GetOverviewAsync(new V1.GetOverviewRequest(), cancellationToken: Token);
        Assert.Equal(("", 0, "2024-06"), (overview.Info.Currency, overview.Customers, overview.ToMonth));
        Assert.Equal(0, Assert.Single(Assert.Single(overview.Sections).Months).Bridge.ClosingMrrMicros);
        Assert.True(overview.Info.Identity.Balanced);
        var rolling = await server.Client.GetRollingMetricsAsync(new V1.GetRollingMetricsRequest(), cancellationToken: Token);
        Assert.Equal(8, rolling.Figures.Count);
    }

    [Fact]
    public async Task AnyRead_BadOptions_SaysWhichAndWhatToDo()
    {
        await using var server = await StartAsync(seed: 13, customers: 60);
        var client = server.Client;
        Task Overview(Action<V1.GetOverviewRequest> change) => CallAsync(new V1.GetOverviewRequest { Read = Usd }, change, r => client.GetOverviewAsync(r, cancellationToken: Token).ResponseAsync);
        Task Movements(Action<V1.ListMovementsRequest> change) => CallAsync(new V1.ListMovementsRequest { Read = Usd }, change, r => client.ListMovementsAsync(r, cancellationToken: Token).ResponseAsync);
        Task Rolling(Action<V1.GetRollingMetricsRequest> change) => CallAsync(new V1.GetRollingMetricsRequest { Read = Usd }, change, r => client.GetRollingMetricsAsync(r, cancellationToken: Token).ResponseAsync);
        Task Series(Action<V1.GetSeriesRequest> change) => CallAsync(new V1.GetSeriesRequest { Read = Usd }, change, r => client.GetSeriesAsync(r, cancellationToken: Token).ResponseAsync);

        await RefusedAsync(Overview(r => r.FromMonth = "2024-13"), "FIELD_INVALID", "from_month");
        await RefusedAsync(Overview(r => r.FromMonth = "24-1"), "FIELD_INVALID", "from_month");
        await RefusedAsync(Overview(r => r.ToMonth = "soon"), "FIELD_INVALID", "to_month");
        await RefusedAsync(Overview(r => r.ToMonth = "2024-07"), "FIELD_INVALID", "to_month");
        await RefusedAsync(Overview(r => (r.FromMonth, r.ToMonth) = ("2024-05", "2024-04")), "FIELD_INVALID", "from_month");
        await RefusedAsync(Overview(r => r.FromMonth = "1900-01"), "FIELD_INVALID", "from_month");
        await RefusedAsync(Overview(r => r.By = "shoe_size"), "SEGMENT_UNKNOWN", "by");
        await RefusedAsync(Overview(r => r.PageSize = -1), "FIELD_INVALID", "page_size");
        await RefusedAsync(Overview(r => r.PageToken = "x"), "PAGE_TOKEN_INVALID", "page_token");
        await RefusedAsync(Overview(r => r.Read = null), "CURRENCY_NEEDED", null);
        await RefusedAsync(Overview(r => r.Read.Currency = "CHF"), "FIELD_INVALID", "read.currency");
        await RefusedAsync(Overview(r => r.Read.At = new Timestamp { Seconds = -1 }), "FIELD_INVALID", "read.at");
        await RefusedAsync(Overview(r => r.Read.At = new Timestamp { Nanos = -1 }), "FIELD_INVALID", "read.at");
        await RefusedAsync(Overview(r => r.Read.At = new Timestamp { Seconds = long.MaxValue }), "FIELD_INVALID", "read.at");
        await RefusedAsync(Overview(r => r.Read.ConsistencyToken = "not one"), "TOKEN_INVALID", "read.consistency_token");
        await RefusedAsync(Movements(r => r.Grain = (V1.Grain)9), "FIELD_INVALID", "grain");
        await RefusedAsync(Movements(r => r.Kinds.Add(V1.MovementKind.Unspecified)), "FIELD_INVALID", "kinds");
        await RefusedAsync(Movements(r => r.Segment = new V1.Segment()), "FIELD_INVALID", "segment.attribute");
        await RefusedAsync(Movements(r => r.Segment = new V1.Segment { Attribute = "x" }), "SEGMENT_UNKNOWN", "segment.attribute");
        await RefusedAsync(Movements(r => r.PageToken = "AAAA"), "PAGE_TOKEN_INVALID", "page_token");
        await RefusedAsync(Rolling(r => r.Windows.Add(V1.Window.Unspecified)), "FIELD_INVALID", "windows");
        await RefusedAsync(Rolling(r => r.By = "shoe_size"), "SEGMENT_UNKNOWN", "by");
        await RefusedAsync(Series(_ => { }), "FIELD_INVALID", "metric");
        await RefusedAsync(Series(r => (r.Metric, r.Grain) = (V1.Metric.Mrr, V1.Grain.Instant)), "FIELD_INVALID", "grain");
        await RefusedAsync(
            client.GetCohortsAsync(new V1.GetCohortsRequest { Read = Usd, Basis = (V1.CohortBasis)7 }, cancellationToken: Token).ResponseAsync, "FIELD_INVALID", "basis");
        await RefusedAsync(FirstAsync(client.ExplainMetric(new V1.ExplainMetricRequest { Read = Usd }, cancellationToken: Token)), "FIELD_INVALID", "period");
        await RefusedAsync(FirstAsync(client.ExplainMetric(new V1.ExplainMetricRequest { Read = Usd, Month = "x" }, cancellationToken: Token)), "FIELD_INVALID", "month");
        await RefusedAsync(
            FirstAsync(client.WatchMetrics(new V1.WatchMetricsRequest { Read = new V1.ReadOptions { At = new Timestamp() } }, cancellationToken: Token)), "FIELD_INVALID", "read.at");

        server.Progress.IsReady = false;
        await RefusedAsync(Overview(_ => { }), "LEDGER_LOADING", null);
    }

    [Fact]
    public async Task AnyRead_ATokenThatIsNotReached_EndsAtTheDeadline()
    {
        await using var server = await StartAsync(seed: 14, customers: 5);
        server.Progress.Applied = new TaskCompletionSource().Task;
        var read = new V1.ReadOptions { Currency = "USD", ConsistencyToken = ConsistencyToken.Of([(1, 5)]).ToString() };
        var call = server.Client.GetRollingMetricsAsync(new V1.GetRollingMetricsRequest { Read = read }, cancellationToken: Token).ResponseAsync;
        while (!call.IsCompleted)
        {
            server.Desk.Clock.Advance(TimeSpan.FromSeconds(31));
            await Task.WhenAny(call, Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, Token));
        }

        Assert.Equal(StatusCode.DeadlineExceeded, (await Assert.ThrowsAsync<RpcException>(() => call)).StatusCode);
    }

    private static V1.ReadOptions Usd => new() { Currency = "USD" };

    private static async Task<MetricsServer> StartAsync(int seed, int customers)
    {
        var server = await MetricsServer.StartAsync();
        var random = new RandomHistories((ulong)seed);
        await server.Desk.ApplyAsync(Enumerable.Range(0, customers).SelectMany(i => random.Of($"c{i}")));
        return server;
    }

    private static WireFact Start(string id, string customer, long mrr, DateTimeOffset at) => new()
    {
        Source = "s",
        EventId = id,
        CustomerId = customer,
        OccurTime = at.ToTimestamp(),
        SubscriptionStarted = new SubscriptionStarted { SubscriptionId = id, Price = new Price { Currency = "USD", MrrMicros = mrr } },
    };

    private static Task CallAsync<TRequest>(TRequest request, Action<TRequest> change, Func<TRequest, Task> call)
    {
        change(request);
        return call(request);
    }

    private static async Task FirstAsync<T>(AsyncServerStreamingCall<T> call)
    {
        using (call)
        {
            await call.ResponseStream.MoveNext(Token);
        }
    }

    private static async Task RefusedAsync(Task call, string reason, string? field)
    {
        var status = (await Assert.ThrowsAsync<RpcException>(() => call)).ToRichStatus();
        Assert.NotNull(status);
        Assert.Equal((reason, "churn"), status.Details.Where(d => d.Is(ErrorInfo.Descriptor)).Select(d => d.Unpack<ErrorInfo>()).Select(i => (i.Reason, i.Domain)).Single());
        Assert.Equal(field, status.Details.Where(d => d.Is(BadRequest.Descriptor)).SelectMany(d => d.Unpack<BadRequest>().FieldViolations).SingleOrDefault()?.Field);
        Assert.NotEmpty(status.Message);
    }

    /// <summary>Computes from the books' terms what answers must say, one customer after another and without a shard.</summary>
    private sealed class Expected
    {
        private readonly List<(string Id, History History)> _histories = [];

        public SortedDictionary<string, Ledger> Ledgers { get; } = new(StringComparer.Ordinal);

        public long Customers { get; private set; }

        public static Expected Of(MetricsServer server, string by, int? from)
        {
            var expected = new Expected();
            var desk = server.Desk;
            var plans = desk.Shelf.Vocabulary.Plans;
            var usd = plans.Currencies.Find("USD");
            var cut = (Calendar.DayOf((desk.Clock.GetUtcNow().UtcTicks - DateTimeOffset.UnixEpoch.Ticks) / 10) + 1) * Calendar.Day;
            var customers = new List<(string Id, Term[] Terms, Func<string, string> Value)>();
            foreach (var book in desk.Shelf.BooksOf(Tenants.Default, ShardSet.All)!)
            {
                for (var i = 0; i < book.Count; i++)
                {
                    var at = i;
                    var terms = book.TermsOf(i).ToArray().Where(t => plans.CurrencyOf(t.Plan) == usd && t.Start < cut)
                        .Select(t => t.End >= cut ? t with { End = Calendar.Open, Completes = false } : t).ToArray();
                    if (terms.Length > 0)
                    {
                        customers.Add((book.IdOf(i), terms, name => desk.Shelf.Vocabulary.Values[book.ValueOf(at, desk.Shelf.Vocabulary.Attributes.Find(name))]));
                    }
                }
            }

            expected.Customers = customers.Count;
            var first = Calendar.MonthOf(customers.Min(c => c.Terms.Min(t => t.Start)));
            var horizon = new Horizon(from ?? first, Calendar.MonthOf(cut - 1), first);
            foreach (var (id, terms, value) in customers)
            {
                var history = new History();
                history.Load(terms);
                expected._histories.Add((id, history));
                if (by != "plan")
                {
                    expected.LedgerOf(by.Length == 0 ? "" : value(by), horizon, plans.Count).Add(history, terms);
                    continue;
                }

                var split = new PlanSplit(plans.ByName);
                split.Load(terms);
                for (var i = 0; i < split.Plans.Count; i++)
                {
                    expected.LedgerOf(plans.NameOf(split.Plans[i]), horizon, plans.Count).Add(split[i], terms.Where(t => t.Plan == split.Plans[i]).ToArray());
                }
            }

            return expected;
        }

        public IEnumerable<(string Period, string Customer, long Before, long After, V1.MovementKind Kind)> Movements(Grain grain) => _histories
            .SelectMany(h => h.History[grain].ToArray().Select(m => (h.Id, Movement: m)))
            .OrderBy(m => m.Movement.Period).ThenBy(m => m.Id, StringComparer.Ordinal)
            .Select(m => (Periods.Text(grain, m.Movement.Period), m.Id, m.Movement.Before, m.Movement.After, m.Movement.Kind.ToWire()));

        private Ledger LedgerOf(string part, Horizon horizon, int plans)
        {
            if (!Ledgers.TryGetValue(part, out var ledger))
            {
                Ledgers.Add(part, ledger = new Ledger(horizon, plans));
            }

            return ledger;
        }
    }
}
