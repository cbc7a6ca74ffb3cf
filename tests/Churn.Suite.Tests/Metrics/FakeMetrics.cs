using System.Text;
using System.Threading.Channels;
using Churn.Cli.Report.Input;
using Churn.Cli.Report.Output;
using Churn.Metrics.Domain;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Calendar = Churn.Metrics.Domain.Calendar;
using V1 = Churn.Metrics.V1;

namespace Churn.Suite.Tests.Metrics;

/// <summary>Answers from a file what the metrics service answers from facts, by the same contract.</summary>
internal sealed class FakeMetrics : V1.MetricsService.MetricsServiceBase
{
    private const int LargestPage = 3;

    private static readonly V1.Grain[] GrainsOnTheWire = [V1.Grain.Month, V1.Grain.Day, V1.Grain.Instant];

    /// <summary>Gives or takes the business; null for a server that knows nothing.</summary>
    public Business? Business { get; set; } = Business.Few;

    /// <summary>Gives or takes the instant that is now.</summary>
    public long Now { get; set; } = Calendar.Start(Calendar.MonthOf(2025, 1)) + (5 * Calendar.Second);

    public long Lag { get; set; }

    public long Quarantined { get; set; }

    public bool IsBalanced { get; set; } = true;

    /// <summary>Is what calls fail with, one after another, before they are answered.</summary>
    public Queue<RpcException> Failures { get; } = new();

    /// <summary>Gives what was asked.</summary>
    public List<object> Requests { get; } = [];

    /// <summary>Is what a watch sends.</summary>
    public Channel<V1.WatchMetricsResponse?> Watched { get; } = Channel.CreateUnbounded<V1.WatchMetricsResponse?>();

    public override Task<V1.GetOverviewResponse> GetOverview(V1.GetOverviewRequest request, ServerCallContext context)
    {
        Note(request);
        var response = new V1.GetOverviewResponse { Info = Info(request.Read) };
        if (Business is null)
        {
            return Task.FromResult(response);
        }

        var (read, horizon) = Read(request.By, request.Read, request.FromMonth, request.ToMonth);
        var (ledgers, movers) = Business.Analyze(read, By(request.By), horizon);
        response.FromMonth = Numerals.Month(horizon.From);
        response.ToMonth = Numerals.Month(horizon.To);
        response.FirstMonth = Numerals.Month(horizon.First);
        response.Customers = read.Order.Length;
        var from = request.PageToken.Length == 0 ? 0 : int.Parse(request.PageToken, System.Globalization.CultureInfo.InvariantCulture);
        foreach (var (segment, ledger) in ledgers.Skip(from).Take(LargestPage))
        {
            var figures = Figures.Of(ledger);
            var section = new V1.OverviewSection { Segment = SegmentOf(request.By, segment) };
            section.Months.AddRange(figures.Months.Select((b, i) => new V1.MonthFigures { Month = Numerals.Month(horizon.From + i), Bridge = ToWire(b) }));
            section.TrailingYears.AddRange(figures.TrailingYears.Select(y => new V1.TrailingYear
            {
                Month = Numerals.Month(y.Month),
                BaseMrrMicros = (long)y.BaseMrr,
                BaseCustomers = y.BaseCustomers,
                NowMrrMicros = (long)y.NowMrr,
                NowCustomers = y.NowCustomers,
                NowCappedMicros = (long)y.NowCapped,
            }));
            section.PlanClosings.AddRange(figures.PlanClosings.Select(c => new V1.PlanClosing
            {
                Month = Numerals.Month(c.Month),
                Plan = read.Plans[c.Plan],
                MrrMicros = (long)c.Mrr,
                Customers = c.Customers,
                Subscriptions = c.Subscriptions,
            }));
            response.Sections.Add(section);
        }

        if (from + LargestPage < ledgers.Count)
        {
            response.NextPageToken = $"{from + LargestPage}";
        }

        response.LargestMovements.AddRange(movers.Largest().Select(m => new V1.Movement
        {
            CustomerId = m.Customer,
            Period = Numerals.Month(horizon.To),
            Kind = ToWire(m.Kind),
            BeforeMicros = m.Before,
            AfterMicros = m.After,
        }));
        return Task.FromResult(response);
    }

    public override Task<V1.GetCohortsResponse> GetCohorts(V1.GetCohortsRequest request, ServerCallContext context)
    {
        Note(request);
        var (read, horizon) = Read(request.By, request.Read, request.FromMonth, request.ToMonth);
        var response = new V1.GetCohortsResponse { Info = Info(request.Read) };
        var basis = request.Basis == V1.CohortBasis.FirstPaidInstant ? CohortBasis.FirstPaidInstant : CohortBasis.FirstClosing;
        foreach (var (segment, ledger) in Business.Analyze(read, By(request.By), horizon).Ledgers)
        {
            foreach (var cohort in ledger.Cohorts(basis))
            {
                var sent = new V1.Cohort
                {
                    Segment = SegmentOf(request.By, segment),
                    Month = Numerals.Month(cohort.Month),
                    Customers = cohort.Customers,
                    FirstMrrMicros = (long)cohort.FirstMrr,
                };
                sent.Ages.AddRange(Enumerable.Range(0, cohort.Ages)
                    .Select(a => new V1.CohortAge { Customers = cohort.ActiveCustomers(a), MrrMicros = (long)cohort.ActiveMrr(a) }));
                response.Cohorts.Add(sent);
            }
        }

        return Task.FromResult(response);
    }

    public override Task<V1.GetRatesResponse> GetRates(V1.GetRatesRequest request, ServerCallContext context)
    {
        Note(request);
        var (read, horizon) = Read(request.Segment?.Attribute ?? "", request.Read, request.FromMonth, request.ToMonth);
        var ledger = Business.Analyze(read, By(request.Segment?.Attribute ?? ""), horizon).Ledgers
            .Single(l => request.Segment is null || l.Segment == request.Segment.Value).Ledger;
        var response = new V1.GetRatesResponse { Info = Info(request.Read) };
        var grain = (Grain)Math.Max(0, Array.IndexOf(GrainsOnTheWire, request.Grain));
        foreach (var (bridge, i) in ledger.Months(grain).Select((b, i) => (b, i)))
        {
            var rates = new Rates(bridge);
            (string Name, Ratio Ratio)[] all =
            [
                ("logo_churn", rates.LogoChurn), ("gross_mrr_churn", rates.GrossMrrChurn), ("net_mrr_churn", rates.NetMrrChurn),
                ("net_mrr_churn_after_reactivation", rates.NetMrrChurnAfterReactivation), ("nrr", rates.Nrr), ("grr", rates.Grr),
                ("quick_ratio", rates.QuickRatio), ("quick_ratio_with_reactivation", rates.QuickRatioWithReactivation), ("arpa_micros", rates.Arpa),
            ];
            var month = new V1.MonthRates { Month = Numerals.Month(horizon.From + i) };
            month.Rates.AddRange(all.Select(r => new V1.Rate { Name = r.Name, Numerator = (long)r.Ratio.Numerator, Denominator = (long)r.Ratio.Denominator }));
            response.Months.Add(month);
        }

        return Task.FromResult(response);
    }

    public override Task<V1.ListMovementsResponse> ListMovements(V1.ListMovementsRequest request, ServerCallContext context)
    {
        Note(request);
        var grain = (Grain)Math.Max(0, Array.IndexOf(GrainsOnTheWire, request.Grain));
        var all = Movements(request.Read, request.Segment, grain, request.FromMonth, request.ToMonth)
            .Where(m => request.Kinds.Count == 0 || request.Kinds.Contains(m.Kind)).ToArray();
        var from = request.PageToken.Length == 0 ? 0 : int.Parse(request.PageToken, System.Globalization.CultureInfo.InvariantCulture);
        var size = request.PageSize == 0 ? LargestPage : Math.Min(request.PageSize, LargestPage);
        var response = new V1.ListMovementsResponse { Info = Info(request.Read) };
        response.Movements.AddRange(all.Skip(from).Take(size));
        response.NextPageToken = from + size < all.Length ? $"{from + size}" : "";
        return Task.FromResult(response);
    }

    public override Task<V1.GetRollingMetricsResponse> GetRollingMetrics(V1.GetRollingMetricsRequest request, ServerCallContext context)
    {
        Note(request);
        var response = new V1.GetRollingMetricsResponse { Info = Info(request.Read) };
        response.Figures.AddRange(Rolling(request.Read, request.Windows, request.By));
        return Task.FromResult(response);
    }

    public override Task<V1.GetSeriesResponse> GetSeries(V1.GetSeriesRequest request, ServerCallContext context)
    {
        Note(request);
        var (read, horizon) = Read(request.By, request.Read, request.FromMonth, request.ToMonth);
        var response = new V1.GetSeriesResponse { Info = Info(request.Read) };
        foreach (var (segment, ledger) in Business.Analyze(read, By(request.By), horizon).Ledgers)
        {
            var isDay = request.Grain == V1.Grain.Day;
            var series = new V1.Series { Segment = SegmentOf(request.By, segment) };
            series.Points.AddRange((isDay ? ledger.Days() : ledger.Months(Grain.Month)).Select((bridge, i) =>
            {
                var value = ValueOf(request.Metric, bridge);
                return new V1.Point
                {
                    Period = isDay ? Numerals.Day(horizon.FirstDay + i) : Numerals.Month(horizon.From + i),
                    Numerator = (long)value.Numerator,
                    Denominator = (long)value.Denominator,
                };
            }));
            response.Series.Add(series);
        }

        return Task.FromResult(response);
    }

    public override Task<V1.ListSegmentsResponse> ListSegments(V1.ListSegmentsRequest request, ServerCallContext context)
    {
        Note(request);
        var all = new List<V1.SegmentFigures>();
        foreach (var attribute in (string[])["country", "plan"])
        {
            var (read, horizon) = Read(attribute, request.Read, "", "");
            foreach (var (segment, ledger) in Business.Analyze(read, attribute, horizon).Ledgers)
            {
                var last = ledger.Months(Grain.Month)[^1];
                all.Add(new V1.SegmentFigures
                {
                    Segment = SegmentOf(attribute, segment),
                    Customers = last.ClosingCustomers + 1,
                    PayingCustomers = last.ClosingCustomers,
                    MrrMicros = (long)last.Closing,
                });
            }
        }

        var asked = all.Where(s => request.Attribute.Length == 0 || s.Segment.Attribute == request.Attribute).ToArray();
        var from = request.PageToken.Length == 0 ? 0 : int.Parse(request.PageToken, System.Globalization.CultureInfo.InvariantCulture);
        var response = new V1.ListSegmentsResponse { Info = Info(request.Read) };
        response.Segments.AddRange(asked.Skip(from).Take(LargestPage));
        response.NextPageToken = from + LargestPage < asked.Length ? $"{from + LargestPage}" : "";
        return Task.FromResult(response);
    }

    public override async Task ExplainMetric(
        V1.ExplainMetricRequest request, IServerStreamWriter<V1.ExplainMetricResponse> responseStream, ServerCallContext context)
    {
        Note(request);
        await responseStream.WriteAsync(new V1.ExplainMetricResponse { Info = Info(request.Read) });
        var month = request.Month.Length > 0 ? request.Month : Numerals.Month(Calendar.MonthOf(Now));
        foreach (var movement in Movements(request.Read, request.Segment, Grain.Month, month, month)
            .Where(m => request.Kinds.Count == 0 || request.Kinds.Contains(m.Kind)))
        {
            var response = new V1.ExplainMetricResponse { Movement = movement };
            response.Facts.AddRange(ExampleFacts.Behind(movement));
            await responseStream.WriteAsync(response);
        }
    }

    /// <summary>Sends what a test puts into <see cref="Watched"/>; null ends the call as a server does that stops.</summary>
    public override async Task WatchMetrics(
        V1.WatchMetricsRequest request, IServerStreamWriter<V1.WatchMetricsResponse> responseStream, ServerCallContext context)
    {
        Note(request);
        await foreach (var message in Watched.Reader.ReadAllAsync(context.CancellationToken))
        {
            await responseStream.WriteAsync(message ?? throw new RpcException(new Status(StatusCode.Unavailable, "The server stops.")));
        }
    }

    /// <summary>Makes what a watch or a rolling answer carries.</summary>
    public IEnumerable<V1.RollingFigures> Rolling(V1.ReadOptions? options, IReadOnlyCollection<V1.Window> windows, string by)
    {
        var read = Business!.Read(By(by));
        var today = Calendar.DayOf(AsOf(options) - 1);
        var month = Calendar.MonthOfDay(today);
        foreach (var group in read.Order.GroupBy(c => by.Length == 0 ? null : read.Segments[read.SegmentOf[c]], StringComparer.Ordinal).OrderBy(g => g.Key, StringComparer.Ordinal))
        {
            foreach (var window in windows.Count > 0 ? windows : System.Enum.GetValues<V1.Window>().Skip(1))
            {
                var (from, to) = window switch
                {
                    V1.Window._7Days => (today - 6, today),
                    V1.Window._30Days => (today - 29, today),
                    V1.Window._90Days => (today - 89, today),
                    V1.Window._365Days => (today - 364, today),
                    V1.Window.MonthToDate => (Calendar.FirstDay(month), today),
                    V1.Window.QuarterToDate => (Calendar.FirstDay(month - (month % 3)), today),
                    V1.Window.YearToDate => (Calendar.FirstDay(month - (month % 12)), today),
                    _ => (Calendar.FirstDay(month - 1), Calendar.FirstDay(month) - 1),
                };
                yield return new V1.RollingFigures
                {
                    Window = window,
                    Segment = SegmentOf(by, group.Key),
                    FromDay = Numerals.Day(from),
                    ToDay = Numerals.Day(to),
                    Bridge = Net(read, group, from * Calendar.Day, (to + 1) * Calendar.Day),
                };
            }
        }
    }

    public V1.AnswerInfo Info(V1.ReadOptions? read) => new()
    {
        Policy = "standard@1",
        TimeZone = "UTC",
        Currency = Business?.Read(null).Currency ?? "",
        AsOf = ToWire(AsOf(read)),
        Watermark = ToWire(Now),
        LagFacts = Lag,
        QuarantinedFacts = Quarantined,
        Identity = new V1.Identity { Balanced = IsBalanced, ImbalanceMicros = IsBalanced ? 0 : 1_000_000 },
    };

    // One movement a customer, from the closing before the window to the one at its end.
    private static V1.Bridge Net(Subscriptions read, IEnumerable<int> customers, long from, long to)
    {
        var history = new History();
        var (opening, openingCustomers, closingCustomers, lost, gained) = (0L, 0L, 0L, 0L, 0L);
        var flows = new SortedDictionary<MovementKind, (long Amount, long Count)>();
        foreach (var customer in customers)
        {
            history.Load(read.Of(customer));
            var (before, after, paid) = (0L, 0L, false);
            foreach (var step in history.Steps)
            {
                before = step.At < from ? step.Mrr : before;
                after = step.At < to ? step.Mrr : after;
                paid |= step.At < from && step.Mrr > 0;
            }

            opening += before;
            openingCustomers += before > 0 ? 1 : 0;
            closingCustomers += after > 0 ? 1 : 0;
            lost += Math.Max(0, before - after);
            gained += before > 0 ? Math.Max(0, after - before) : 0;
            if (before != after)
            {
                var kind = before == 0 ? paid ? MovementKind.Reactivation : MovementKind.New
                    : after == 0 ? MovementKind.Churn : after > before ? MovementKind.Expansion : MovementKind.Contraction;
                var (amount, count) = flows.GetValueOrDefault(kind);
                flows[kind] = (amount + Math.Abs(after - before), count + 1);
            }
        }

        var bridge = new V1.Bridge
        {
            OpeningMrrMicros = opening,
            OpeningCustomers = openingCustomers,
            ClosingCustomers = closingCustomers,
            LostMrrMicros = lost,
            GainedMrrMicros = gained,
        };
        bridge.Flows.AddRange(flows.Select(f => new V1.Flow { Kind = ToWire(f.Key), MrrMicros = f.Value.Amount, Count = f.Value.Count }));
        bridge.ClosingMrrMicros = opening + flows.Sum(f => f.Key is MovementKind.Contraction or MovementKind.Churn ? -f.Value.Amount : f.Value.Amount);
        return bridge;
    }

    private static Ratio ValueOf(V1.Metric metric, Bridge bridge)
    {
        var rates = new Rates(bridge);
        return metric switch
        {
            V1.Metric.Mrr => new Ratio(bridge.Closing, 1),
            V1.Metric.Customers => new Ratio(bridge.ClosingCustomers, 1),
            V1.Metric.Arpa => rates.Arpa,
            V1.Metric.LogoChurn => rates.LogoChurn,
            V1.Metric.GrossMrrChurn => rates.GrossMrrChurn,
            V1.Metric.NetMrrChurn => rates.NetMrrChurn,
            V1.Metric.Nrr => rates.Nrr,
            V1.Metric.Grr => rates.Grr,
            V1.Metric.QuickRatio => rates.QuickRatio,
            V1.Metric.NewMrr => new Ratio(bridge[MovementKind.New], 1),
            V1.Metric.ExpansionMrr => new Ratio(bridge[MovementKind.Expansion], 1),
            V1.Metric.ReactivationMrr => new Ratio(bridge[MovementKind.Reactivation], 1),
            V1.Metric.ContractionMrr => new Ratio(bridge[MovementKind.Contraction], 1),
            _ => new Ratio(bridge[MovementKind.Churn], 1),
        };
    }

    private static V1.Bridge ToWire(Bridge bridge)
    {
        var sent = new V1.Bridge
        {
            OpeningMrrMicros = (long)bridge.Opening,
            OpeningCustomers = bridge.OpeningCustomers,
            ClosingMrrMicros = (long)bridge.Closing,
            ClosingCustomers = bridge.ClosingCustomers,
            LostMrrMicros = (long)bridge.Lost,
            GainedMrrMicros = (long)bridge.Gained,
        };
        sent.Flows.AddRange(System.Enum.GetValues<MovementKind>().Where(k => bridge.Count(k) > 0)
            .Select(k => new V1.Flow { Kind = ToWire(k), MrrMicros = (long)bridge[k], Count = bridge.Count(k) }));
        return sent;
    }

    private static V1.MovementKind ToWire(MovementKind kind) => System.Enum.Parse<V1.MovementKind>(kind.ToString());

    private static Timestamp ToWire(long instant) => new() { Seconds = instant / Calendar.Second, Nanos = (int)(instant % Calendar.Second) * 1_000 };

    private static string? By(string by) => by.Length == 0 ? null : by;

    private static V1.Segment? SegmentOf(string by, string? value) => value is null ? null : new V1.Segment { Attribute = by, Value = value };

    private void Note(object request)
    {
        Requests.Add(request);
        if (Failures.TryDequeue(out var failure))
        {
            throw failure;
        }
    }

    private long AsOf(V1.ReadOptions? read)
    {
        var at = read?.At is { } time ? (time.Seconds * Calendar.Second) + (time.Nanos / 1_000) : Now;
        return (Calendar.DayOf(at) + 1) * Calendar.Day;
    }

    // What happens after the day that is asked for does not count; rows that end later are open until then.
    private (Subscriptions Read, Horizon Horizon) Read(string by, V1.ReadOptions? options, string from, string to)
    {
        var read = Business!.Read(By(by));
        var first = Calendar.MonthOf(read.FirstStart);
        return (read, new Horizon(
            from.Length == 0 ? first : MonthOf(from), to.Length == 0 ? Calendar.MonthOf(AsOf(options) - 1) : MonthOf(to), first));
    }

    private static int MonthOf(string month)
    {
        Instants.Read(Encoding.UTF8.GetBytes(month + "-01"), out var instant);
        return Calendar.MonthOf(instant);
    }

    private IEnumerable<V1.Movement> Movements(V1.ReadOptions? options, V1.Segment? segment, Grain grain, string from, string to)
    {
        var (read, horizon) = Read(segment?.Attribute ?? "", options, from, to);
        var history = new History();
        var all = new List<(long Period, V1.Movement Movement)>();
        foreach (var customer in read.Order.Where(c => segment is null || read.Segments[read.SegmentOf[c]] == segment.Value))
        {
            history.Load(read.Of(customer));
            foreach (var movement in history[grain])
            {
                var month = grain == Grain.Month ? (int)movement.Period : grain == Grain.Day ? Calendar.MonthOfDay((int)movement.Period) : Calendar.MonthOf(movement.Period);
                if (month < horizon.From || month > horizon.To)
                {
                    continue;
                }

                all.Add((movement.Period, new V1.Movement
                {
                    CustomerId = Encoding.UTF8.GetString(read.Customers[customer]),
                    Period = grain switch
                    {
                        Grain.Month => Numerals.Month((int)movement.Period),
                        Grain.Day => Numerals.Day((int)movement.Period),
                        _ => Encoding.ASCII.GetString(new Lines().Instant(movement.Period).Written),
                    },
                    Kind = ToWire(movement.Kind),
                    BeforeMicros = movement.Before,
                    AfterMicros = movement.After,
                }));
            }
        }

        return all.OrderBy(m => m.Period).Select(m => m.Movement);
    }
}
