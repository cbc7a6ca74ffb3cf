namespace Churn.Metrics.Domain;

/// <summary>Holds what is known of a person of a customer's.</summary>
/// <param name="Id">The person, unique within the customer.</param>
/// <param name="Role">What the person does there.</param>
/// <param name="Name">The name for a salutation.</param>
/// <param name="Email">The e-mail address.</param>
/// <param name="Phone">The telephone number.</param>
/// <param name="Locale">The language; empty for the customer's.</param>
/// <param name="TimeZone">The time zone; empty for the customer's.</param>
public sealed record Person(string Id, string Role = "", string Name = "", string Email = "", string Phone = "", string Locale = "", string TimeZone = "");
