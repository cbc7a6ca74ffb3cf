namespace Churn.Notifications.Taking;

/// <summary>Says why a request cannot be taken.</summary>
/// <param name="Reason">The reason, as notifications.proto names it.</param>
/// <param name="Field">The field at fault.</param>
/// <param name="Message">What is wrong and what to do.</param>
internal sealed record Refusal(string Reason, string Field, string Message);
