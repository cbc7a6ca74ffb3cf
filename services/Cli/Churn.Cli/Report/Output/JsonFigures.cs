using System.Text.Encodings.Web;
using System.Text.Json;
using Churn.Metrics.Domain;

namespace Churn.Cli.Report.Output;

/// <summary>Writes figures as properties of the JSON object that is open.</summary>
/// <remarks>
/// Names are those of the files' columns. Money is a string of units with 2 to 6 decimals, as in the files, because most readers
/// of JSON make a binary fraction of a number; counts are numbers; a ratio is a number with twelve decimals, null where it is
/// undefined.
/// </remarks>
internal sealed class JsonFigures(Utf8JsonWriter json)
{
    /// <summary>Shows names as they are: the output is no part of a page of HTML.</summary>
    public static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly Lines _text = new(64);

    /// <summary>Writes a bridge and the rates read off it.</summary>
    public void Bridge(Bridge bridge)
    {
        Money("opening_mrr", bridge.Opening);
        json.WriteNumber("opening_customers", bridge.OpeningCustomers);

        // Also those that are zero in most businesses: only with all of them the bridge can be added up by whoever reads it.
        foreach (var kind in Enum.GetValues<MovementKind>())
        {
            Money(Columns.Of(kind) + "_mrr", bridge[kind]);
            json.WriteNumber(Columns.Of(kind) + "_n", bridge.Count(kind));
        }

        Money("closing_mrr", bridge.Closing);
        json.WriteNumber("closing_customers", bridge.ClosingCustomers);
        var rates = new Rates(bridge);
        foreach (var (name, ratio) in Columns.Ratios)
        {
            Ratio(name, ratio(rates));
        }

        MoneyRatio("arpa", rates.Arpa);
    }

    /// <summary>Writes micros over a count as a string of units.</summary>
    public void MoneyRatio(string name, Ratio micros)
    {
        _text.Clear();
        json.WriteString(name, micros.IsDefined ? System.Text.Encoding.ASCII.GetString(_text.MoneyRatio(micros).Written) : null);
    }

    public void Year(TrailingYear year)
    {
        Month("month", year.Month);
        Month("base_month", year.BaseMonth);
        Money("base_mrr", year.BaseMrr);
        json.WriteNumber("base_customers", year.BaseCustomers);
        Money("now_mrr", year.NowMrr);
        json.WriteNumber("now_customers", year.NowCustomers);
        Money("now_mrr_capped", year.NowCapped);
        Ratio("nrr12", year.Nrr);
        Ratio("grr12", year.Grr);
        Ratio("logo_retention12", year.LogoRetention);
    }

    public void Cohort(Cohort cohort)
    {
        Month("cohort_month", cohort.Month);
        json.WriteNumber("cohort_customers", cohort.Customers);
        Money("cohort_mrr0", cohort.FirstMrr);
        Array("ages", Enumerable.Range(0, cohort.Ages), age =>
        {
            json.WriteNumber("age", age);
            json.WriteNumber("active_customers", cohort.ActiveCustomers(age));
            Money("active_mrr", cohort.ActiveMrr(age));
            Ratio("logo_retention", cohort.LogoRetention(age));
            Ratio("mrr_retention", cohort.MrrRetention(age));
        });
    }

    public void Array<T>(string name, IEnumerable<T> items, Action<T> write)
    {
        json.WriteStartArray(name);
        foreach (var item in items)
        {
            json.WriteStartObject();
            write(item);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    public void Texts(string name, IEnumerable<string> texts)
    {
        json.WriteStartArray(name);
        foreach (var text in texts)
        {
            json.WriteStringValue(text);
        }

        json.WriteEndArray();
    }

    public void Month(string name, int month)
    {
        _text.Clear();
        json.WriteString(name, _text.Month(month).Written);
    }

    /// <summary>Writes micros as a string of units.</summary>
    public void Money(string name, Int128 micros)
    {
        _text.Clear();
        json.WriteString(name, _text.Money(micros).Written);
    }

    public void Ratio(string name, Ratio ratio)
    {
        json.WritePropertyName(name);
        if (!ratio.IsDefined)
        {
            json.WriteNullValue();
            return;
        }

        _text.Clear();
        json.WriteRawValue(_text.Ratio(ratio).Written);
    }
}
