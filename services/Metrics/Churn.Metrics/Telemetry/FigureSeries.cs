using System.Diagnostics.Metrics;

namespace Churn.Metrics.Telemetry;

/// <summary>Gathers the measurements of one export, at most so many for a tenant and for all.</summary>
internal sealed class FigureSeries
{
    /// <summary>Says how many series a tenant has at most.</summary>
    public const int MostOfTenant = 5_000;

    /// <summary>Says how many series all tenants of a replica have at most; the SDK keeps room for each.</summary>
    public const int MostInAll = 20_000;

    private readonly Dictionary<string, int> _counts = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _omitted = new(StringComparer.Ordinal);
    private int _count;

    /// <summary>Gives the measurements by instrument.</summary>
    public Dictionary<string, List<Measurement<double>>> Measurements { get; } = new(StringComparer.Ordinal);

    /// <summary>Gives how many series of each tenant are left out.</summary>
    public IReadOnlyDictionary<string, int> Omitted => _omitted;

    /// <summary>Adds figures that belong together: all of them, or none where there is no room.</summary>
    public void Add(string tenant, IReadOnlyCollection<Figure> figures)
    {
        var count = _counts.GetValueOrDefault(tenant);
        _omitted.TryAdd(tenant, 0);
        if (count + figures.Count > MostOfTenant || _count + figures.Count > MostInAll)
        {
            _omitted[tenant] += figures.Count;
            return;
        }

        _counts[tenant] = count + figures.Count;
        _count += figures.Count;
        foreach (var (instrument, value, tags) in figures)
        {
            if (!Measurements.TryGetValue(instrument, out var measurements))
            {
                Measurements.Add(instrument, measurements = []);
            }

            measurements.Add(new Measurement<double>(value, tags));
        }
    }
}

/// <summary>Holds one figure of one series.</summary>
/// <param name="Instrument">The instrument's name.</param>
/// <param name="Value">The value.</param>
/// <param name="Tags">What it is of.</param>
internal readonly record struct Figure(string Instrument, double Value, KeyValuePair<string, object?>[] Tags);
