using System.Diagnostics.Metrics;
using Churn.Metrics.Books;
using Churn.Metrics.Domain;
using Churn.Metrics.Reads;
using Churn.ServiceDefaults.Telemetry;
using Microsoft.Extensions.Logging;

namespace Churn.Metrics.Telemetry;

/// <summary>Observes the figures of the business, of the shards that this process holds: the sum over replicas is that of all customers.</summary>
/// <remarks>
/// Nothing is counted along: whatever is exported is read off the books, all 36 months of it, so that a month that is restated is
/// exported anew. While nothing changes nothing is read.
/// </remarks>
/// <param name="shelf">The books.</param>
/// <param name="isReady">Says whether the books of all shards held are whole.</param>
/// <param name="nextChange">Gives a task that ends when something more is applied.</param>
/// <param name="clock">Tells which day it is.</param>
/// <param name="logger">Is told of what is left out.</param>
internal sealed partial class BusinessFigures(Shelf shelf, Func<bool> isReady, Func<Task> nextChange, TimeProvider clock, ILogger<BusinessFigures> logger)
    : IObserver, IDisposable
{
    private const int Months = 36;
    private const double Unit = 1_000_000;
    private const string Mrr = "churn.mrr";
    private const string Customers = "churn.customers";
    private const string IdentityError = "churn.identity.error";
    private const string Movements = "churn.movements";
    private const string MovementCount = "churn.movement.count";
    private const string PeriodMrr = "churn.period.mrr";
    private const string PeriodCustomers = "churn.period.customers";
    private const string Numerator = "churn.rate.numerator";
    private const string Denominator = "churn.rate.denominator";

    // One collection asks every instrument in turn; all of them are answered from one look.
    private static readonly TimeSpan OneLook = TimeSpan.FromMilliseconds(300);

    private readonly Meter _meter = new(Instruments.FiguresName);
    private readonly Lock _looking = new();
    private FigureSeries _latest = new();
    private Task? _changed;
    private int _day = -1;
    private long _looked;
    private bool _warned;

    public void Observe()
    {
        Observe(Mrr, "{currency}", "Monthly recurring revenue now.");
        Observe(Customers, "{customer}", "Customers that pay now.");
        Observe(IdentityError, "{currency}", "What openings and movements miss of the closings, in all; zero unless there is a fault.");
        Observe(Movements, "{currency}", "MRR that moved in a month.");
        Observe(MovementCount, "{movement}", "Movements of a month.");
        Observe(PeriodMrr, "{currency}", "MRR at the end of a month, or now in the month that runs.");
        Observe(PeriodCustomers, "{customer}", "Customers that pay at the end of a month, or now in the month that runs.");
        Observe(Numerator, "1", "What a rate of a month measures.");
        Observe(Denominator, "1", "What a rate of a month is measured against.");
        _meter.CreateObservableUpDownCounter(
            "churn.telemetry.omitted",
            () => Look().Omitted.Select(omitted => new Measurement<long>(omitted.Value, new KeyValuePair<string, object?>("tenant", omitted.Key))),
            "{series}",
            "Series of business figures that are left out.");
    }

    public void Dispose() => _meter.Dispose();

    /// <summary>Gives the figures as they are now; those of the last look where nothing has changed.</summary>
    internal FigureSeries Look()
    {
        lock (_looking)
        {
            // A part of a shard's customers is not its figures.
            if (!isReady())
            {
                return _latest = new FigureSeries();
            }

            var today = Calendar.DayOf((clock.GetUtcNow().UtcTicks - DateTimeOffset.UnixEpoch.Ticks) / 10);
            if (_changed is null || ((_changed.IsCompleted || today != _day) && clock.GetElapsedTime(_looked) >= OneLook))
            {
                // Taken before the look, so that a change in between is seen at the next one.
                (_changed, _day) = (nextChange(), today);
                _latest = Gather(today);
                _looked = clock.GetTimestamp();
            }

            return _latest;
        }
    }

    private void Observe(string name, string unit, string description) => _meter.CreateObservableUpDownCounter(
        name, () => Look().Measurements.GetValueOrDefault(name, []), unit, description);

    private FigureSeries Gather(int today)
    {
        var now = new List<(string Tenant, List<Figure> Figures)>();
        var months = new List<(string Tenant, List<Figure> Figures)>();
        var nowByPart = new List<(string Tenant, Int128 Mrr, List<Figure> Figures)>();
        var monthsByPart = new List<(string Tenant, Int128 Mrr, List<Figure> Figures)>();
        var month = Calendar.MonthOfDay(today);
        var horizon = new Horizon(month - Months + 1, month, 0);
        foreach (var (tenant, books) in shelf.ByTenant())
        {
            for (var currency = 0; currency < shelf.Vocabulary.Plans.Currencies.Count; currency++)
            {
                var number = currency;
                if (!books.Exists(book => book.HasCurrency(number)))
                {
                    continue;
                }

                var pass = new FiguresPass(
                    horizon, shelf.Vocabulary.Plans, currency, (today + 1) * Calendar.Day, Array.FindAll(shelf.Kept, attribute => books.Exists(book => book.HasAttribute(attribute))));
                books.ForEach(pass.Over);
                KeyValuePair<string, object?>[] of = [new("tenant", tenant), new("currency", shelf.Vocabulary.Plans.Currencies[currency])];
                var bridges = pass.All.Months(Grain.Month);
                now.Add((tenant, [.. NowOf(bridges[^1], of), new Figure(IdentityError, InUnits(ImbalanceOf(pass.All)), of)]));
                months.Add((tenant, MonthsOf(horizon, bridges, of)));
                foreach (var (part, ledger) in pass.Parts)
                {
                    KeyValuePair<string, object?>[] segment =
                        [.. of, new("segment", shelf.Vocabulary.Attributes[part.Attribute]), new("segment_value", shelf.Vocabulary.Values[part.Value])];
                    var bridgesOfPart = ledger.Months(Grain.Month);
                    nowByPart.Add((tenant, bridgesOfPart[^1].Closing, NowOf(bridgesOfPart[^1], segment)));
                    monthsByPart.Add((tenant, bridgesOfPart[^1].Closing, MonthsOf(horizon, bridgesOfPart, segment)));
                }
            }
        }

        // Where there is no room for all, what matters most is in: totals before parts, the present before the past, large before small.
        var series = new FigureSeries();
        now.ForEach(add => series.Add(add.Tenant, add.Figures));
        months.ForEach(add => series.Add(add.Tenant, add.Figures));
        foreach (var (tenant, _, figures) in nowByPart.OrderByDescending(part => part.Mrr).Concat(monthsByPart.OrderByDescending(part => part.Mrr)))
        {
            series.Add(tenant, figures);
        }

        if (!_warned && series.Omitted.Values.Any(omitted => omitted > 0))
        {
            _warned = true;
            LogOmitted(FigureSeries.MostOfTenant, FigureSeries.MostInAll);
        }

        return series;
    }

    private static List<Figure> NowOf(Bridge bridge, KeyValuePair<string, object?>[] of) =>
        [new(Mrr, InUnits(bridge.Closing), of), new(Customers, bridge.ClosingCustomers, of)];

    private static List<Figure> MonthsOf(Horizon horizon, IReadOnlyList<Bridge> bridges, KeyValuePair<string, object?>[] of)
    {
        var figures = new List<Figure>();
        for (var i = 0; i < bridges.Count; i++)
        {
            var bridge = bridges[i];
            if (bridge.OpeningCustomers == 0 && bridge.ClosingCustomers == 0 && bridge.Opening == 0 && bridge.Closing == 0)
            {
                // Nobody was there yet, or any more.
                continue;
            }

            KeyValuePair<string, object?>[] period = [.. of, new("period", Periods.MonthText(horizon.From + i))];
            figures.Add(new(PeriodMrr, InUnits(bridge.Closing), period));
            figures.Add(new(PeriodCustomers, bridge.ClosingCustomers, period));
            for (var kind = MovementKind.New; kind <= MovementKind.Completed; kind++)
            {
                if (bridge.Count(kind) != 0)
                {
                    KeyValuePair<string, object?>[] flow = [.. period, new("kind", kind.ToString().ToLowerInvariant())];
                    figures.Add(new(Movements, InUnits(bridge[kind]), flow));
                    figures.Add(new(MovementCount, bridge.Count(kind), flow));
                }
            }

            var rates = new Domain.Rates(bridge);
            Add("logo_churn", rates.LogoChurn, 1, 1);
            Add("gross_mrr_churn", rates.GrossMrrChurn, Unit, Unit);
            Add("net_mrr_churn", rates.NetMrrChurn, Unit, Unit);
            Add("nrr", rates.Nrr, Unit, Unit);
            Add("grr", rates.Grr, Unit, Unit);
            Add("quick_ratio", rates.QuickRatio, Unit, Unit);
            Add("arpa", rates.Arpa, Unit, 1);

            void Add(string rate, Ratio ratio, double numeratorUnit, double denominatorUnit)
            {
                KeyValuePair<string, object?>[] tags = [.. period, new("rate", rate)];
                figures.Add(new(Numerator, (double)ratio.Numerator / numeratorUnit, tags));
                figures.Add(new(Denominator, (double)ratio.Denominator / denominatorUnit, tags));
            }
        }

        return figures;
    }

    private static Int128 ImbalanceOf(Ledger ledger)
    {
        Int128 sum = 0;
        for (var grain = Grain.Month; grain <= Grain.Instant; grain++)
        {
            sum += ledger.Imbalances(grain).Aggregate((Int128)0, (all, imbalance) => all + Int128.Abs(imbalance));
        }

        return sum;
    }

    private static double InUnits(Int128 micros) => (double)micros / Unit;

    [LoggerMessage(Level = LogLevel.Warning, Message = "Not all business figures are exported: a tenant has more than {MostOfTenant} series, or all have more than {MostInAll}. churn.telemetry.omitted says how many are left out; keep fewer segments, or segments of fewer values.")]
    private partial void LogOmitted(int mostOfTenant, int mostInAll);
}
