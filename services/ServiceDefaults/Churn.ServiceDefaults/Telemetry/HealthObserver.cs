using System.Diagnostics.Metrics;
using Churn.ServiceDefaults.Grpc;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Churn.ServiceDefaults.Telemetry;

/// <summary>Observes what the health checks found when they were last asked, which is every 30 seconds.</summary>
internal sealed class HealthObserver(HealthReports reports) : IObserver, IDisposable
{
    private readonly Meter _meter = new(Instruments.Name);

    public void Observe() => _meter.CreateObservableGauge(
        "churn.health.status",
        () => (reports.Latest.Report?.Entries ?? new Dictionary<string, HealthReportEntry>()).Select(entry => new Measurement<int>(
            (int)entry.Value.Status, new KeyValuePair<string, object?>("churn.check", entry.Key))),
        "{status}",
        "2 healthy, 1 degraded, 0 unhealthy.");

    public void Dispose() => _meter.Dispose();
}
