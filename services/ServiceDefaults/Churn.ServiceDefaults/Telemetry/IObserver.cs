namespace Churn.ServiceDefaults.Telemetry;

/// <summary>Measures what stands at a time, when telemetry is collected; registered as many as there are, and begun only where telemetry is on.</summary>
public interface IObserver
{
    /// <summary>Makes the instruments.</summary>
    void Observe();
}
