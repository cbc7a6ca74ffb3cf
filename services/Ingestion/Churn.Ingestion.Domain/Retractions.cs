namespace Churn.Ingestion.Domain;

/// <summary>Holds what is known of a fact that another one takes out.</summary>
/// <param name="IsRetraction">Whether it says nothing but that another fact is wrong.</param>
/// <param name="IsOfCustomer">Whether it is about the customer that the other one is about.</param>
public readonly record struct RetractedFact(bool IsRetraction, bool IsOfCustomer);

/// <summary>Holds the rules of taking out a fact that was wrong.</summary>
/// <remarks>
/// A retraction may come before what it takes out, so a fact that nobody knows is fine. A correction, which takes a fact out and says
/// what is right, can be taken out in its turn; what says nothing else cannot: say anew what is right.
/// </remarks>
public static class Retractions
{
    private const string Field = "retracts";

    /// <summary>Checks what a fact says of the one it takes out, without knowing that one.</summary>
    /// <param name="eventId">The fact's own id.</param>
    /// <param name="retracts">The id of the fact that it takes out; empty for none.</param>
    /// <param name="isRetraction">Whether it says nothing else.</param>
    public static Violation? Check(string eventId, string retracts, bool isRetraction)
    {
        if (retracts.Length == 0)
        {
            return isRetraction ? Fields.Missing(Field, "give the event_id of the fact that is wrong") : null;
        }

        return retracts == eventId
            ? Fields.Invalid(Field, "is the fact's own event_id", "give the event_id of the fact that is wrong")
            : Fields.Id(Field, retracts);
    }

    /// <summary>Decides whether a fact may be taken out.</summary>
    /// <param name="retracts">The id of the fact to take out.</param>
    /// <param name="fact">What is known of it; null where it is not recorded.</param>
    public static Violation? Judge(string retracts, RetractedFact? fact) => fact switch
    {
        { IsRetraction: true } => new Violation(
            Reasons.RetractionOfRetraction,
            Field,
            $"retracts names \"{retracts}\", which is a retraction and stays: record the right fact anew under a new event_id."),
        { IsOfCustomer: false } => new Violation(
            Reasons.RetractsOtherCustomer,
            Field,
            $"retracts names \"{retracts}\", which is about another customer: set customer_id to the customer of that fact, or name another fact."),
        _ => null,
    };
}
