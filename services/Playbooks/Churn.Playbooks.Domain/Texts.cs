namespace Churn.Playbooks.Domain;

/// <summary>Writes what people read.</summary>
public static class Texts
{
    /// <summary>Gives an instant to the second, as RFC 3339 has it.</summary>
    /// <param name="micros">Microseconds since 1970-01-01T00:00Z.</param>
    public static string Instant(long micros) =>
        DateTime.UnixEpoch.AddTicks(micros * 10).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", System.Globalization.CultureInfo.InvariantCulture);
}
