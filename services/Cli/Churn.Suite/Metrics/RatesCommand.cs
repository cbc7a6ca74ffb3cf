using System.CommandLine;
using Churn.Cli.Report.Output.Terminal;
using Churn.Cli.Report.Output;
using Churn.Cli.Report;
using Churn.Metrics.Domain;
using Churn.Suite.Calls;
using V1 = Churn.Metrics.V1;

namespace Churn.Suite.Metrics;

/// <summary>The command <c>churn metrics rates</c>: the rates of every month.</summary>
internal static class RatesCommand
{
    private const string Details =
        """
        Logo churn counts customers, gross and net MRR churn count money; NRR and GRR are what is left of the opening MRR with and
        without what customers pay more. A rate with nothing to divide by is n/a, never 0. At --grain day or instant the movements
        are netted by day or instant and then summed over the month. docs/definitions.md has every formula with an example.
        --format csv has the columns of rates.csv of churn report.

        """ + Asking.ExitStatus + """
        Examples:
          churn metrics rates --from 2025-01
          churn metrics rates --segment plan=Team
          churn metrics rates --format csv > rates.csv

        """;

    // In the order of the columns of rates.csv: the name on the wire, and what people call it.
    private static readonly (string Name, string Title)[] Ratios =
    [
        ("logo_churn", "logo churn"), ("gross_mrr_churn", "gross"), ("net_mrr_churn", "net"),
        ("net_mrr_churn_after_reactivation", "net+react."), ("nrr", "NRR"), ("grr", "GRR"),
        ("quick_ratio_with_reactivation", "quick+react."), ("quick_ratio", "quick ratio"),
    ];

    public static Command Create(Asking asking)
    {
        var (from, to) = Asking.Months();
        var grain = Grains.Option("How a customer's changes are netted before they are summed over the month", hasInstant: true);
        var segment = Asking.Segment();
        return asking.Command("rates", "Churn and retention of every month, each rate with what it is made of", Details, [grain, segment, from, to], async (parsed, call) =>
        {
            var request = new V1.GetRatesRequest
            {
                Read = call.Read,
                Grain = parsed.GetValue(grain),
                FromMonth = Asking.Text(parsed.GetValue(from)),
                ToMonth = Asking.Text(parsed.GetValue(to)),
                Segment = parsed.GetValue(segment),
            };
            var rates = await call.AskAsync(options => call.Client.GetRatesAsync(request, options));
            return Show(call, rates, Grains.Of(request.Grain));
        });
    }

    private static int Show(Call call, V1.GetRatesResponse rates, Grain grain)
    {
        var answer = new Answer(call, rates.Info);
        switch (call.Format)
        {
            case ReportFormat.Csv:
                var lines = Answer.BeginCsv(CsvRows.RatesHeader);
                foreach (var month in rates.Months)
                {
                    CsvRows.Rates(lines, grain, Wire.MonthOf(month.Month), Ratios.Select(r => Find(month, r.Name)), Arpa(month), answer.Provenance.IsBalanced ? 0 : null);
                }

                Answer.WriteCsv(call, lines);
                break;
            case ReportFormat.Json:
                answer.WriteJson((json, figures) =>
                {
                    json.WriteString("grain", Identity.NameOf(grain));
                    figures.Array("months", rates.Months, month =>
                    {
                        figures.Month("month", Wire.MonthOf(month.Month));
                        foreach (var (column, ratio) in Columns.Ratios.Zip(Ratios, (c, r) => (c.Name, Find(month, r.Name))))
                        {
                            figures.Ratio(column, ratio);
                        }

                        figures.MoneyRatio("arpa", Arpa(month));
                    });
                });
                break;
            default:
                answer.WritePage(grain == Grain.Month ? "Rates" : $"Rates, movements netted by {Identity.NameOf(grain)}", canvas => WriteTable(canvas, rates, answer.Provenance));
                break;
        }

        return answer.Status;
    }

    private static void WriteTable(Canvas canvas, V1.GetRatesResponse rates, Provenance server)
    {
        if (rates.Months.Count == 0)
        {
            canvas.Line("No month.");
            return;
        }

        var bands = new Bands();
        bands.Add(new Piece("month", Ink.Faint), [.. Ratios.Select(r => new Piece(r.Title, Ink.Faint)), new Piece("ARPA", Ink.Faint)]);
        foreach (var month in rates.Months)
        {
            var number = Wire.MonthOf(month.Month);
            var cells = Ratios.Select(r => Cell(r.Name.StartsWith("quick", StringComparison.Ordinal) ? Numerals.Times(Find(month, r.Name)) : Numerals.Percent(Find(month, r.Name))));
            bands.Add(Numerals.Month(number) + (number >= server.RunningMonth ? "*" : ""), [.. cells, Cell(Numerals.Amount(Arpa(month), Scale.Cents))]);
        }

        bands.Write(canvas);
        if (Wire.MonthOf(rates.Months[^1].Month) >= server.RunningMonth)
        {
            canvas.Paragraph($"* in progress: to the closing of {Numerals.Day(server.LastDay)}", ink: Ink.Faint);
        }
    }

    private static Piece Cell(string text) => new(text, text == Numerals.Undefined ? Ink.Faint : Ink.Plain);

    private static Ratio Arpa(V1.MonthRates month) => Find(month, "arpa_micros");

    private static Ratio Find(V1.MonthRates month, string name) =>
        month.Rates.FirstOrDefault(r => r.Name == name) is { } rate ? new Ratio(rate.Numerator, rate.Denominator) : default;
}
