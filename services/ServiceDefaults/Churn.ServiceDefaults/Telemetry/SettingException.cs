namespace Churn.ServiceDefaults.Telemetry;

/// <summary>Says in one line which setting of the environment is wrong, and what to give.</summary>
/// <param name="message">The line.</param>
public sealed class SettingException(string message) : Exception(message);
