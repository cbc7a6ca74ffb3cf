using System.Text.Json;

namespace Churn.Cli.Report.Output;

/// <summary>Writes who gave the figures, as the property "server" of the JSON object that is open.</summary>
/// <remarks>
/// <code>
/// { "address": "http://127.0.0.1:8080", "last_day": "2025-11-24", "watermark": RFC 3339, "lag_facts": n, "quarantined_facts": n }
/// </code>
/// last_day is the last day that counts; every fact recorded until the watermark is in the figures.
/// </remarks>
internal static class JsonProvenance
{
    public static void Write(Utf8JsonWriter json, Provenance server)
    {
        json.WriteStartObject("server");
        json.WriteString("address", server.Address);
        json.WriteString("last_day", new Lines().Day(server.LastDay).Written);
        json.WriteString("watermark", new Lines().Instant(server.Watermark).Written);
        json.WriteNumber("lag_facts", server.LagFacts);
        json.WriteNumber("quarantined_facts", server.QuarantinedFacts);
        json.WriteEndObject();
    }
}
