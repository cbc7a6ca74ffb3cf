using Churn.Metrics.Books;
using Churn.Metrics.Domain;
using Churn.Metrics.Owners;
using Churn.Metrics.Reads;
using Churn.Metrics.Storage;
using Churn.Metrics.Sums;
using Grpc.Core;
using Microsoft.Extensions.Hosting;

namespace Churn.Metrics;

/// <summary>Answers reads of the ledger: checks what is asked for, looks at the books, and says it on the wire.</summary>
internal sealed partial class MetricsApi(
    Vocabulary vocabulary, LedgerOwners owners, Reader reader, LedgerStore store, ILedgerProgress progress, OwnerFollower follower, OwnLedger own, HotReader hot, Shelf shelf, TimeProvider clock, IHostApplicationLifetime stopping)
    : V1.MetricsService.MetricsServiceBase
{
    private const int MostMonths = 1_200;

    // No fact is from before 1970.
    private const int EarliestMonth = 0;

    public override async Task<V1.GetOverviewResponse> GetOverview(V1.GetOverviewRequest request, ServerCallContext context)
    {
        var read = await reader.BeginAsync(request.Read, context);
        var split = SplitBy(read, request.By, "by");
        var pageSize = PageSize(request.PageSize, usual: 100, most: 1_000);
        var (horizon, extent) = await HorizonOfAsync(read, request.FromMonth, request.ToMonth);
        var response = new V1.GetOverviewResponse
        {
            FromMonth = Periods.MonthText(horizon.From),
            ToMonth = Periods.MonthText(horizon.To),
            FirstMonth = extent.FirstStart == long.MaxValue ? "" : Periods.MonthText(Calendar.MonthOf(extent.FirstStart)),
            Customers = extent.Customers,
        };
        var parts = PageOf(await PartsAsync(read, split), request.PageToken, pageSize, $"overview {request.By}", out var next);
        response.NextPageToken = next;
        Int128 imbalance = 0;
        var ledgers = await LedgersAsync(read, horizon, split, parts);
        foreach (var (number, name) in parts)
        {
            var ledger = ledgers.GetValueOrDefault(number) ?? new Ledger(horizon, 0, keepsDays: false);
            imbalance += ImbalanceOf(ledger);
            response.Sections.Add(SectionOf(ledger, split.IsSplit ? new V1.Segment { Attribute = split.Name, Value = name } : null));
        }

        response.LargestMovements.AddRange((await LargestAsync(read, horizon, split)).Select(m => ToWire(Grain.Month, m)));
        response.Info = Reader.InfoOf(read, imbalance);
        return response;
    }

    public override async Task<V1.GetRatesResponse> GetRates(V1.GetRatesRequest request, ServerCallContext context)
    {
        var read = await reader.BeginAsync(request.Read, context);
        var grain = GrainOf(request.Grain);
        var split = PartOf(read, request.Segment);
        var (horizon, _) = await HorizonOfAsync(read, request.FromMonth, request.ToMonth);
        var ledger = await LedgerOfAsync(read, horizon, split);
        var response = new V1.GetRatesResponse { Info = Reader.InfoOf(read, ImbalanceOf(ledger)) };
        var bridges = ledger.Months(grain);
        for (var i = 0; i < bridges.Count; i++)
        {
            var rates = new Rates(bridges[i]);
            var month = new V1.MonthRates { Month = Periods.MonthText(horizon.From + i) };
            month.Rates.AddRange(Wire.Rates.Select(rate => Wire.ToWire(rate.Name, rate.Of(rates))));
            response.Months.Add(month);
        }

        return response;
    }

    public override async Task<V1.GetSeriesResponse> GetSeries(V1.GetSeriesRequest request, ServerCallContext context)
    {
        var read = await reader.BeginAsync(request.Read, context);
        if (!Enum.IsDefined(request.Metric) || request.Metric == V1.Metric.Unspecified)
        {
            throw ReadFaults.FieldInvalid("metric", "Name a metric, for example METRIC_MRR.");
        }

        var grain = GrainOf(request.Grain);
        if (grain == Grain.Instant)
        {
            throw ReadFaults.FieldInvalid("grain", "A series is by GRAIN_MONTH or GRAIN_DAY.");
        }

        var split = SplitBy(read, request.By, "by");
        var (horizon, _) = await HorizonOfAsync(read, request.FromMonth, request.ToMonth);
        var parts = await PartsAsync(read, split);
        var ledgers = await LedgersAsync(read, horizon, split, parts, keepsDays: grain == Grain.Day);
        var response = new V1.GetSeriesResponse();
        Int128 imbalance = 0;
        foreach (var (number, name) in parts)
        {
            if (!ledgers.TryGetValue(number, out var ledger))
            {
                ledger = new Ledger(horizon, 0, keepsDays: grain == Grain.Day);
            }

            imbalance += ImbalanceOf(ledger);
            var series = new V1.Series { Segment = split.IsSplit ? new V1.Segment { Attribute = split.Name, Value = name } : null };
            var bridges = grain == Grain.Day ? ledger.Days() : ledger.Months(Grain.Month);
            for (var i = 0; i < bridges.Count && (grain == Grain.Month || horizon.FirstDay + i <= read.Day); i++)
            {
                var period = grain == Grain.Day ? Periods.DayText(horizon.FirstDay + i) : Periods.MonthText(horizon.From + i);
                series.Points.Add(PointOf(request.Metric, period, bridges[i]));
            }

            response.Series.Add(series);
        }

        response.Info = Reader.InfoOf(read, imbalance);
        return response;
    }

    public override async Task<V1.GetCohortsResponse> GetCohorts(V1.GetCohortsRequest request, ServerCallContext context)
    {
        var read = await reader.BeginAsync(request.Read, context);
        var basis = request.Basis switch
        {
            V1.CohortBasis.Unspecified or V1.CohortBasis.FirstClosing => CohortBasis.FirstClosing,
            V1.CohortBasis.FirstPaidInstant => CohortBasis.FirstPaidInstant,
            _ => throw ReadFaults.FieldInvalid("basis", "There is no such basis of cohorts."),
        };
        var split = SplitBy(read, request.By, "by");
        var (horizon, _) = await HorizonOfAsync(read, request.FromMonth, request.ToMonth);
        var response = new V1.GetCohortsResponse();
        Int128 imbalance = 0;
        var parts = await PartsAsync(read, split);
        var ledgers = await LedgersAsync(read, horizon, split, parts);
        foreach (var (number, name) in parts)
        {
            if (ledgers.TryGetValue(number, out var ledger))
            {
                imbalance += ImbalanceOf(ledger);
                var segment = split.IsSplit ? new V1.Segment { Attribute = split.Name, Value = name } : null;
                response.Cohorts.AddRange(ledger.Cohorts(basis).Select(c => c.ToWire(segment)));
            }
        }

        response.Info = Reader.InfoOf(read, imbalance);
        return response;
    }

    private V1.OverviewSection SectionOf(Ledger ledger, V1.Segment? segment)
    {
        var section = new V1.OverviewSection { Segment = segment };
        var bridges = ledger.Months(Grain.Month);
        for (var i = 0; i < bridges.Count; i++)
        {
            section.Months.Add(new V1.MonthFigures
            {
                Month = Periods.MonthText(ledger.Horizon.From + i),
                Bridge = bridges[i].ToWire(),
                Rates = new Rates(bridges[i]).ToWire(),
            });
        }

        section.TrailingYears.AddRange(ledger.TrailingYears().Select(y => y.ToWire()));
        section.PlanClosings.AddRange(ledger.PlanClosings()
            .Select(c => new V1.PlanClosing
            {
                Month = Periods.MonthText(c.Month),
                Plan = vocabulary.Plans.NameOf(c.Plan),
                MrrMicros = Wire.Micros(c.Mrr),
                Customers = c.Customers,
                Subscriptions = c.Subscriptions,
            })
            .OrderBy(c => c.Month, StringComparer.Ordinal).ThenBy(c => c.Plan, Utf8Order.Comparer));
        return section;
    }

    private static V1.Point PointOf(V1.Metric metric, string period, Bridge bridge)
    {
        var rates = new Rates(bridge);
        var ratio = metric switch
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
            V1.Metric.ChurnMrr => new Ratio(bridge[MovementKind.Churn], 1),
            _ => throw new ArgumentOutOfRangeException(nameof(metric)),
        };
        var point = new V1.Point { Period = period, Numerator = Wire.Micros(ratio.Numerator), Denominator = Wire.Micros(ratio.Denominator) };
        if (ratio.Approximate is { } value)
        {
            point.Value = value;
        }

        return point;
    }

    // The closing is counted from the terms, the bridge from the movements, at every grain.
    private static Int128 ImbalanceOf(Ledger ledger)
    {
        Int128 sum = 0;
        for (var grain = Grain.Month; grain <= Grain.Instant; grain++)
        {
            foreach (var imbalance in ledger.Imbalances(grain))
            {
                sum += Int128.Abs(imbalance);
            }
        }

        return sum;
    }

    private async ValueTask<Ledger> LedgerOfAsync(Read read, Horizon horizon, Split split) =>
        (await LedgersAsync(read, horizon, split, null)).Values.SingleOrDefault() ?? new Ledger(horizon, 0, keepsDays: false);

    private async ValueTask<Dictionary<int, Ledger>> LedgersAsync(
        Read read, Horizon horizon, Split split, List<(int Number, string Name)>? parts, bool keepsDays = false) =>
        read.Take(await owners.AskAsync(new LedgersQuestion(horizon, split, parts?.ConvertAll(p => p.Name), keepsDays), read));

    private async ValueTask<(Horizon Horizon, (long FirstStart, long Customers) Extent)> HorizonOfAsync(Read read, string fromMonth, string toMonth)
    {
        var extent = read.Take(await owners.AskAsync(ExtentQuestion.Instance, read));
        var last = Calendar.MonthOfDay(read.Day);
        var to = toMonth.Length == 0 ? last : Periods.Month(toMonth) ?? throw NoMonth("to_month", toMonth);
        var first = extent.FirstStart == long.MaxValue ? Math.Min(last, to) : Calendar.MonthOf(extent.FirstStart);
        var from = fromMonth.Length == 0 ? Math.Min(first, to) : Periods.Month(fromMonth) ?? throw NoMonth("from_month", fromMonth);
        if (to > last)
        {
            throw ReadFaults.FieldInvalid("to_month", $"{toMonth} has not begun as of {Periods.DayText(read.Day)}.");
        }

        if (from > to || to - from >= MostMonths)
        {
            throw ReadFaults.FieldInvalid("from_month", from > to
                ? $"{Periods.MonthText(from)} is after the last month, {Periods.MonthText(to)}."
                : $"From {Periods.MonthText(from)} to {Periods.MonthText(to)} are more than {MostMonths} months.");
        }

        // A fact may come between two looks that begins before all others: the history reaches back to where no fact can lie before.
        return (new Horizon(from, to, Math.Min(EarliestMonth, first)), extent);
    }

    // By plan, what moved is a customer's MRR of a plan: a transfer is two movements.
    private async ValueTask<List<CustomerMovement>> LargestAsync(Read read, Horizon horizon, Split split) =>
        read.Take(await owners.AskAsync(
            new MovementsQuestion(split.IsByPlan ? split : Split.None, Wire.AllKinds)
            {
                Grain = Grain.Month,
                From = horizon.To,
                To = horizon.To,
                BySize = true,
                Most = 10,
            },
            read));

    private static Grain GrainOf(V1.Grain grain) => grain switch
    {
        V1.Grain.Unspecified or V1.Grain.Month => Grain.Month,
        V1.Grain.Day => Grain.Day,
        V1.Grain.Instant => Grain.Instant,
        _ => throw ReadFaults.FieldInvalid("grain", "There is no such grain."),
    };

    private static int PageSize(int asked, int usual, int most) =>
        asked < 0 ? throw ReadFaults.FieldInvalid("page_size", "A page has at least one entry.") : asked == 0 ? usual : Math.Min(asked, most);

    private static RpcException NoMonth(string field, string text) =>
        ReadFaults.FieldInvalid(field, $"'{text}' is no month such as 2024-12.");
}
