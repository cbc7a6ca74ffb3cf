using System.CommandLine;
using Churn.Cli.Report.Output.Terminal;
using Churn.Cli.Report.Output;
using Churn.Cli.Report;
using Churn.Metrics.Domain;
using Churn.Suite.Calls;
using V1 = Churn.Metrics.V1;

namespace Churn.Suite.Metrics;

/// <summary>The command <c>churn metrics series</c>: one metric over time.</summary>
internal static class SeriesCommand
{
    private const int BarWidth = 24;
    private const int MostSegments = 40;

    private const string Details =
        """
        METRIC is one of: mrr, customers, arpa; logo-churn, gross-churn, net-churn, nrr, grr, quick-ratio; new, expansion,
        reactivation, contraction, churn (their MRR). With --grain day there is a value for every day: of a rate, that day's
        movements over the opening of the day. --format csv holds each value with what it is made of.

        """ + Asking.ExitStatus + """
        Examples:
          churn metrics series mrr --grain day --from 2025-11
          churn metrics series logo-churn --by plan
          churn metrics series customers --format csv > customers.csv

        """;

    private static readonly Known[] Metrics =
    [
        new("mrr", "MRR", V1.Metric.Mrr, Unit.Money, IsRatio: false),
        new("customers", "Customers", V1.Metric.Customers, Unit.Count, IsRatio: false),
        new("arpa", "ARPA", V1.Metric.Arpa, Unit.Mean, IsRatio: true),
        new("logo-churn", "Logo churn", V1.Metric.LogoChurn, Unit.Count, IsRatio: true),
        new("gross-churn", "Gross MRR churn", V1.Metric.GrossMrrChurn, Unit.Money, IsRatio: true),
        new("net-churn", "Net MRR churn", V1.Metric.NetMrrChurn, Unit.Money, IsRatio: true),
        new("nrr", "NRR", V1.Metric.Nrr, Unit.Money, IsRatio: true),
        new("grr", "GRR", V1.Metric.Grr, Unit.Money, IsRatio: true),
        new("quick-ratio", "Quick ratio", V1.Metric.QuickRatio, Unit.Money, IsRatio: true),
        new("new", "New MRR", V1.Metric.NewMrr, Unit.Money, IsRatio: false),
        new("expansion", "Expansion MRR", V1.Metric.ExpansionMrr, Unit.Money, IsRatio: false),
        new("reactivation", "Reactivation MRR", V1.Metric.ReactivationMrr, Unit.Money, IsRatio: false),
        new("contraction", "Contraction MRR", V1.Metric.ContractionMrr, Unit.Money, IsRatio: false),
        new("churn", "Churn MRR", V1.Metric.ChurnMrr, Unit.Money, IsRatio: false),
    ];

    /// <summary>Says what numerator and denominator are counted in.</summary>
    private enum Unit
    {
        Count,
        Money,

        // Money over a count.
        Mean,
    }

    /// <summary>Holds a metric.</summary>
    private sealed record Known(string Word, string Title, V1.Metric Metric, Unit Unit, bool IsRatio)
    {
        public string Show(Ratio value, Scale scale) => this switch
        {
            { Metric: V1.Metric.QuickRatio } => Numerals.Times(value),
            { Unit: Unit.Mean } => Numerals.Amount(value, Scale.Cents),
            { IsRatio: true } => Numerals.Percent(value),
            { Unit: Unit.Count } => Numerals.Count(value.Numerator),
            _ => Numerals.Amount(value.Numerator, scale),
        };
    }

    public static Command Create(Asking asking)
    {
        var (from, to) = Asking.Months();
        var metric = new Argument<string>("METRIC") { Description = "What to show; see below" };
        metric.Validators.Add(result =>
        {
            if (result.Tokens.Count == 1 && Metrics.All(m => m.Word != result.Tokens[0].Value))
            {
                result.AddError($"METRIC is one of {string.Join(", ", Metrics.Select(m => m.Word))}, not '{result.Tokens[0].Value}'.");
            }
        });
        var grain = Grains.Option("The length of a period", hasInstant: false);
        var by = Asking.By();
        return asking.Command("series", "One metric over time, by month or day", Details, [metric, grain, by, from, to], async (parsed, call) =>
        {
            var known = Metrics.First(m => m.Word == parsed.GetValue(metric));
            var request = new V1.GetSeriesRequest
            {
                Read = call.Read,
                Metric = known.Metric,
                Grain = parsed.GetValue(grain),
                FromMonth = Asking.Text(parsed.GetValue(from)),
                ToMonth = Asking.Text(parsed.GetValue(to)),
                By = parsed.GetValue(by) ?? "",
            };
            var answered = await call.AskAsync(options => call.Client.GetSeriesAsync(request, options));
            var answer = new Answer(call, answered.Info);
            Show(call, answer, answered, known, parsed.GetValue(by));
            return answer.Status;
        });
    }

    private static void Show(Call call, Answer answer, V1.GetSeriesResponse answered, Known known, string? by)
    {
        switch (call.Format)
        {
            case ReportFormat.Csv:
                var lines = Answer.BeginCsv("period,value,numerator,denominator", segmented: by is not null);
                foreach (var series in answered.Series)
                {
                    foreach (var point in series.Points)
                    {
                        if (by is not null)
                        {
                            lines.Cell(series.Segment?.Value ?? "").Comma();
                        }

                        lines.Cell(point.Period).Comma();
                        WriteValue(lines, known, ValueOf(point)).Comma();
                        WriteParts(lines, known, point).End();
                    }
                }

                Answer.WriteCsv(call, lines);
                break;
            case ReportFormat.Json:
                answer.WriteJson((json, figures) =>
                {
                    json.WriteString("metric", known.Word);
                    json.WriteString("by", by);
                    figures.Array("series", answered.Series, series =>
                    {
                        json.WriteString("segment", series.Segment?.Value);
                        figures.Array("points", series.Points, point =>
                        {
                            json.WriteString("period", point.Period);
                            WriteValue(figures, json, known, ValueOf(point));
                        });
                    });
                });
                break;
            default:
                answer.WritePage(by is null ? known.Title : $"{known.Title} by {by}", canvas => WriteTable(canvas, answered, known), hasBridges: false);
                break;
        }
    }

    private static void WriteTable(Canvas canvas, V1.GetSeriesResponse answered, Known known)
    {
        var all = answered.Series.Take(MostSegments).ToArray();
        if (all.Length == 0 || all[0].Points.Count == 0)
        {
            canvas.Line("No period.");
            return;
        }

        var values = all.SelectMany(s => s.Points).Select(ValueOf).Where(v => v.IsDefined).ToArray();
        var scale = Numerals.Finest(values.Select(v => v.Numerator));
        if (all is [{ Segment: null } only])
        {
            WriteBars(canvas, only, known, scale, values);
            return;
        }

        var bands = new Bands();
        bands.Add("", all.Select(s => new Piece(Cells.Fit(Answer.NameOf(s.Segment, canvas), 20, canvas.Style.Unicode), Ink.Faint)));
        for (var i = 0; i < all[0].Points.Count; i++)
        {
            var at = i;
            bands.Add(
                Cells.Name(all[0].Points[i].Period, unicode: false),
                all.Select(s => at < s.Points.Count ? Cell(known.Show(ValueOf(s.Points[at]), scale)) : ""));
        }

        bands.Write(canvas);
        if (answered.Series.Count > MostSegments)
        {
            canvas.Paragraph($"... and {Numerals.Count(answered.Series.Count - MostSegments, "segment")} more: --format csv has them.", ink: Ink.Faint);
        }
    }

    private static void WriteBars(Canvas canvas, V1.Series series, Known known, Scale scale, Ratio[] values)
    {
        var top = values.Length == 0 ? 0 : values.Max(v => v.Approximate ?? 0);
        var grid = new Grid().Left(2);
        foreach (var point in series.Points)
        {
            var value = ValueOf(point);
            grid.Add(Cells.Name(point.Period, unicode: false), Cell(known.Show(value, scale)), Bar(value.Approximate ?? 0, top, canvas.Style.Unicode));
        }

        grid.Write(canvas);
    }

    private static string Bar(double value, double top, bool unicode)
    {
        if (value <= 0 || top <= 0)
        {
            return "";
        }

        var eighths = (int)Math.Round(value / top * BarWidth * 8, MidpointRounding.ToEven);
        return !unicode ? new string('#', (eighths + 4) / 8)
            : new string('\u2588', eighths / 8) + (eighths % 8 == 0 ? "" : ((char)('\u2590' - (eighths % 8))).ToString());
    }

    private static Piece Cell(string text) => new(text, text == Numerals.Undefined ? Ink.Faint : Ink.Plain);

    // A metric that is no ratio is always defined.
    private static Ratio ValueOf(V1.Point point) => new(point.Numerator, point.Denominator);

    private static Lines WriteValue(Lines lines, Known known, Ratio value) => known switch
    {
        { Unit: Unit.Mean } => lines.MoneyRatio(value),
        { IsRatio: true } => lines.Ratio(value),
        { Unit: Unit.Count } => lines.Number((long)value.Numerator),
        _ => lines.Money(value.Numerator),
    };

    private static void WriteValue(JsonFigures figures, System.Text.Json.Utf8JsonWriter json, Known known, Ratio value)
    {
        switch (known)
        {
            case { Unit: Unit.Mean }:
                figures.MoneyRatio("value", value);
                break;
            case { IsRatio: true }:
                figures.Ratio("value", value);
                break;
            case { Unit: Unit.Count }:
                json.WriteNumber("value", (long)value.Numerator);
                break;
            default:
                figures.Money("value", value.Numerator);
                break;
        }
    }

    private static Lines WriteParts(Lines lines, Known known, V1.Point point)
    {
        _ = (known.Unit == Unit.Count ? lines.Number(point.Numerator) : lines.Money(point.Numerator)).Comma();
        return known is { Unit: Unit.Money, IsRatio: true } ? lines.Money(point.Denominator) : lines.Number(point.Denominator);
    }
}
