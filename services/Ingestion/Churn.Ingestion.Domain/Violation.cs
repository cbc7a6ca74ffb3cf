namespace Churn.Ingestion.Domain;

/// <summary>Says why a fact is not recorded.</summary>
/// <param name="Reason">One of <see cref="Reasons"/>.</param>
/// <param name="Field">The path of the field at fault; empty where it is the whole fact.</param>
/// <param name="Message">What is wrong and what to do, in one sentence.</param>
public sealed record Violation(string Reason, string Field, string Message);
