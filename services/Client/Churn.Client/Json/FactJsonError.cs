namespace Churn.Client.Json;

/// <summary>Says why a text is not the JSON of a fact.</summary>
/// <param name="Position">The character at which it shows, from 1.</param>
/// <param name="Field">The field at fault, for example "subscription_started.price.currency"; empty where it is the whole text.</param>
/// <param name="Reason">What is wrong with it.</param>
public sealed record FactJsonError(int Position, string Field, string Reason);
