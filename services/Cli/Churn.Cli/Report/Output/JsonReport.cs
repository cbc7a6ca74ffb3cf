using System.Text.Encodings.Web;
using System.Text.Json;
using Churn.Metrics.Domain;

namespace Churn.Cli.Report.Output;

/// <summary>Writes a report as one JSON object.</summary>
/// <remarks>
/// Names are those of the files' columns. Money is a string of units with 2 to 6 decimals, as in the files, because most readers
/// of JSON make a binary fraction of a number; counts are numbers; a ratio is a number with twelve decimals, null where it is
/// undefined.
/// <code>
/// { "policy": "standard@1", "time_zone": "UTC", "currency": "USD" or null, "from": "2022-01", "to": "2024-12",
///   "files": [...], "by": column or null, "rows": n, "customers": n, "duplicates": n, "rejected": n, "notes": [...],
///   "sections": [ one with segment null, or one a segment:
///     { "segment": name or null,
///       "months": [ { "month", "opening_mrr", "opening_customers", (kind)_mrr and (kind)_n of every kind of movement,
///         "closing_mrr", "closing_customers", the rates of rates.csv at the month's grain, "arpa" } ],
///       "trailing12": [ the columns of trailing12.csv ],
///       "cohorts": [ by first paid closing:
///         { "cohort_month", "cohort_customers", "cohort_mrr0", "ages": [ { "age", "active_customers", "active_mrr",
///           "logo_retention", "mrr_retention" } ] } ],
///       "plans": [ the columns of by_plan_monthly.csv ] } ],
///   "identity": { "ok": true, "imbalances": [ { "segment", "month", "grain", "mrr" } ] } }
/// </code>
/// </remarks>
internal sealed class JsonReport
{
    private readonly Utf8JsonWriter _json;
    private readonly Report _report;
    private readonly Lines _text = new(64);

    private JsonReport(Utf8JsonWriter json, Report report) => (_json, _report) = (json, report);

    public static void Write(Stream stream, Report report)
    {
        // Names are shown as they are; the output is no part of a page of HTML.
        var options = new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
        using (var json = new Utf8JsonWriter(stream, options))
        {
            new JsonReport(json, report).Write();
        }

        stream.Write("\n"u8);
    }

    private void Write()
    {
        _json.WriteStartObject();
        _json.WriteString("policy", Report.Policy);
        _json.WriteString("time_zone", Report.TimeZone);
        _json.WriteString("currency", _report.Currency.Length == 0 ? null : _report.Currency);
        Month("from", _report.Horizon.From);
        Month("to", _report.Horizon.To);
        Texts("files", _report.Files);
        _json.WriteString("by", _report.By);
        _json.WriteNumber("rows", _report.Rows);
        _json.WriteNumber("customers", _report.Customers);
        _json.WriteNumber("duplicates", _report.Duplicates);
        _json.WriteNumber("rejected", _report.Rejected);
        Texts("notes", _report.Notes);
        Array("sections", _report.Sections, Section);
        _json.WriteStartObject("identity");
        var imbalances = Identity.Check(_report).ToArray();
        _json.WriteBoolean("ok", imbalances.Length == 0);
        Array("imbalances", imbalances, imbalance =>
        {
            _json.WriteString("segment", imbalance.Segment);
            Month("month", imbalance.Found.Month);
            _json.WriteString("grain", Identity.NameOf(imbalance.Found.Grain));
            Money("mrr", imbalance.Found.Micros);
        });
        _json.WriteEndObject();
        _json.WriteEndObject();
    }

    private void Section(Section section)
    {
        var figures = section.Figures;
        _json.WriteString("segment", section.Segment);
        Array("months", figures.Months.Select((b, i) => (b, i)), m => Bridge(_report.Horizon.From + m.i, m.b));
        Array("trailing12", figures.TrailingYears, Year);
        Array("cohorts", figures.Cohorts, Cohort);
        Array("plans", figures.PlanClosings, closing =>
        {
            Month("month", closing.Month);
            _json.WriteString("plan", _report.Plans[closing.Plan]);
            Money("closing_mrr", closing.Mrr);
            _json.WriteNumber("customers", closing.Customers);
            _json.WriteNumber("subscriptions", closing.Subscriptions);
        });
        _json.Flush();
    }

    private void Bridge(int month, Bridge bridge)
    {
        Month("month", month);
        Money("opening_mrr", bridge.Opening);
        _json.WriteNumber("opening_customers", bridge.OpeningCustomers);

        // Also those that are zero in most businesses: only with all of them the bridge can be added up by whoever reads it.
        foreach (var kind in Enum.GetValues<MovementKind>())
        {
            Money(Columns.Of(kind) + "_mrr", bridge[kind]);
            _json.WriteNumber(Columns.Of(kind) + "_n", bridge.Count(kind));
        }

        Money("closing_mrr", bridge.Closing);
        _json.WriteNumber("closing_customers", bridge.ClosingCustomers);
        var rates = new Rates(bridge);
        foreach (var (name, ratio) in Columns.Ratios)
        {
            Ratio(name, ratio(rates));
        }

        _text.Clear();
        _json.WriteString("arpa", rates.Arpa.IsDefined ? System.Text.Encoding.ASCII.GetString(_text.MoneyRatio(rates.Arpa).Written) : null);
    }

    private void Year(TrailingYear year)
    {
        Month("month", year.Month);
        Month("base_month", year.BaseMonth);
        Money("base_mrr", year.BaseMrr);
        _json.WriteNumber("base_customers", year.BaseCustomers);
        Money("now_mrr", year.NowMrr);
        _json.WriteNumber("now_customers", year.NowCustomers);
        Money("now_mrr_capped", year.NowCapped);
        Ratio("nrr12", year.Nrr);
        Ratio("grr12", year.Grr);
        Ratio("logo_retention12", year.LogoRetention);
    }

    private void Cohort(Cohort cohort)
    {
        Month("cohort_month", cohort.Month);
        _json.WriteNumber("cohort_customers", cohort.Customers);
        Money("cohort_mrr0", cohort.FirstMrr);
        Array("ages", Enumerable.Range(0, cohort.Ages), age =>
        {
            _json.WriteNumber("age", age);
            _json.WriteNumber("active_customers", cohort.ActiveCustomers(age));
            Money("active_mrr", cohort.ActiveMrr(age));
            Ratio("logo_retention", cohort.LogoRetention(age));
            Ratio("mrr_retention", cohort.MrrRetention(age));
        });
    }

    private void Array<T>(string name, IEnumerable<T> items, Action<T> write)
    {
        _json.WriteStartArray(name);
        foreach (var item in items)
        {
            _json.WriteStartObject();
            write(item);
            _json.WriteEndObject();
        }

        _json.WriteEndArray();
    }

    private void Texts(string name, IEnumerable<string> texts)
    {
        _json.WriteStartArray(name);
        foreach (var text in texts)
        {
            _json.WriteStringValue(text);
        }

        _json.WriteEndArray();
    }

    private void Month(string name, int month)
    {
        _text.Clear();
        _json.WriteString(name, _text.Month(month).Written);
    }

    private void Money(string name, Int128 micros)
    {
        _text.Clear();
        _json.WriteString(name, _text.Money(micros).Written);
    }

    private void Ratio(string name, Ratio ratio)
    {
        _json.WritePropertyName(name);
        if (!ratio.IsDefined)
        {
            _json.WriteNullValue();
            return;
        }

        _text.Clear();
        _json.WriteRawValue(_text.Ratio(ratio).Written);
    }
}
