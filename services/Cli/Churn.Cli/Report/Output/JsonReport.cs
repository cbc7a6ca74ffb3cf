using System.Text.Json;

namespace Churn.Cli.Report.Output;

/// <summary>Writes a report as one JSON object; <see cref="JsonFigures"/> says how numbers are written.</summary>
/// <remarks>
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
/// What a server answered has "server": what <see cref="JsonProvenance"/> writes, instead of files, rows, duplicates and rejected.
/// </remarks>
internal sealed class JsonReport
{
    private readonly Utf8JsonWriter _json;
    private readonly JsonFigures _figures;
    private readonly Report _report;

    private JsonReport(Utf8JsonWriter json, Report report) => (_json, _figures, _report) = (json, new JsonFigures(json), report);

    public static void Write(Stream stream, Report report)
    {
        using (var json = new Utf8JsonWriter(stream, JsonFigures.Options))
        {
            new JsonReport(json, report).Write();
        }

        stream.Write("\n"u8);
    }

    private void Write()
    {
        _json.WriteStartObject();
        _json.WriteString("policy", _report.Server?.Policy ?? Report.Policy);
        _json.WriteString("time_zone", _report.Server?.TimeZone ?? Report.TimeZone);
        _json.WriteString("currency", _report.Currency.Length == 0 ? null : _report.Currency);
        _figures.Month("from", _report.Horizon.From);
        _figures.Month("to", _report.Horizon.To);
        if (_report.Server is { } server)
        {
            JsonProvenance.Write(_json, server);
            _json.WriteString("by", _report.By);
            _json.WriteNumber("customers", _report.Customers);
        }
        else
        {
            _figures.Texts("files", _report.Files);
            _json.WriteString("by", _report.By);
            _json.WriteNumber("rows", _report.Rows);
            _json.WriteNumber("customers", _report.Customers);
            _json.WriteNumber("duplicates", _report.Duplicates);
            _json.WriteNumber("rejected", _report.Rejected);
        }

        _figures.Texts("notes", _report.Notes);
        _figures.Array("sections", _report.Sections, Section);
        _json.WriteStartObject("identity");
        var imbalances = Identity.Check(_report).ToArray();
        _json.WriteBoolean("ok", imbalances.Length == 0 && _report.Server is null or { IsBalanced: true });
        _figures.Array("imbalances", imbalances, imbalance =>
        {
            _json.WriteString("segment", imbalance.Segment);
            _figures.Month("month", imbalance.Found.Month);
            _json.WriteString("grain", Identity.NameOf(imbalance.Found.Grain));
            _figures.Money("mrr", imbalance.Found.Micros);
        });
        _json.WriteEndObject();
        _json.WriteEndObject();
    }

    private void Section(Section section)
    {
        var figures = section.Figures;
        _json.WriteString("segment", section.Segment);
        _figures.Array("months", figures.Months.Select((b, i) => (Bridge: b, Index: i)), month =>
        {
            _figures.Month("month", _report.Horizon.From + month.Index);
            _figures.Bridge(month.Bridge);
        });
        _figures.Array("trailing12", figures.TrailingYears, _figures.Year);
        _figures.Array("cohorts", figures.Cohorts, _figures.Cohort);
        _figures.Array("plans", figures.PlanClosings, closing =>
        {
            _figures.Month("month", closing.Month);
            _json.WriteString("plan", _report.Plans[closing.Plan]);
            _figures.Money("closing_mrr", closing.Mrr);
            _json.WriteNumber("customers", closing.Customers);
            _json.WriteNumber("subscriptions", closing.Subscriptions);
        });
        _json.Flush();
    }
}
