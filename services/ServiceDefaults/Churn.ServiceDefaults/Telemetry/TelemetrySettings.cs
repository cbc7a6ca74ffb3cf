using System.Collections;

namespace Churn.ServiceDefaults.Telemetry;

/// <summary>Holds the OTEL_* variables of the environment: nothing is collected or sent unless they name an endpoint.</summary>
public sealed class TelemetrySettings
{
    /// <summary>Names the variable without which there is no telemetry.</summary>
    public const string Endpoint = "OTEL_EXPORTER_OTLP_ENDPOINT";

    private const string Prefix = "OTEL_";

    private static readonly string[] Signals = ["TRACES", "METRICS", "LOGS"];

    private readonly Dictionary<string, string?> _variables;

    private TelemetrySettings(Dictionary<string, string?> variables) => _variables = variables;

    /// <summary>Says whether anything is to be sent.</summary>
    public bool IsOn => Get(Endpoint) is not null && !string.Equals(Get("OTEL_SDK_DISABLED"), "true", StringComparison.OrdinalIgnoreCase);

    internal IReadOnlyDictionary<string, string?> Variables => _variables;

    /// <summary>Reads the variables of this process.</summary>
    /// <exception cref="SettingException">One has a value that would be ignored in silence.</exception>
    public static TelemetrySettings Read() => Of(Environment.GetEnvironmentVariables());

    /// <summary>Reads variables.</summary>
    /// <exception cref="SettingException">One has a value that would be ignored in silence.</exception>
    public static TelemetrySettings Of(IDictionary variables)
    {
        var found = new Dictionary<string, string?>(StringComparer.Ordinal);
        foreach (DictionaryEntry variable in variables)
        {
            if (variable is { Key: string name, Value: string { Length: > 0 } value } && name.StartsWith(Prefix, StringComparison.Ordinal))
            {
                found[name] = value;
            }
        }

        var settings = new TelemetrySettings(found);
        if (settings.IsOn)
        {
            settings.Check();
        }

        return settings;
    }

    /// <summary>Says whether a signal is to be sent: "none" as its exporter turns one off.</summary>
    /// <param name="signal">TRACES, METRICS or LOGS.</param>
    internal bool Sends(string signal) => !string.Equals(Get($"OTEL_{signal}_EXPORTER"), "none", StringComparison.Ordinal);

    private string? Get(string name) => _variables.GetValueOrDefault(name);

    private void Check()
    {
        if (!Uri.TryCreate(Get(Endpoint), UriKind.Absolute, out var url) || url.Scheme is not ("http" or "https"))
        {
            throw new SettingException($"{Endpoint} is \"{Get(Endpoint)}\"; give the address of a collector, such as http://localhost:4317.");
        }

        foreach (var name in _variables.Keys.Where(name => name.StartsWith("OTEL_EXPORTER_OTLP_", StringComparison.Ordinal) && name.EndsWith("PROTOCOL", StringComparison.Ordinal)))
        {
            if (Get(name) is not ("grpc" or "http/protobuf"))
            {
                throw new SettingException($"{name} is \"{Get(name)}\"; give grpc or http/protobuf.");
            }
        }

        foreach (var name in Signals.Select(signal => $"OTEL_{signal}_EXPORTER"))
        {
            if (Get(name) is not (null or "otlp" or "none"))
            {
                throw new SettingException($"{name} is \"{Get(name)}\"; give otlp or none.");
            }
        }
    }
}
