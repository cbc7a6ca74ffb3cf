namespace Churn.Ingestion.Domain;

/// <summary>Holds what two facts of one identity are compared by.</summary>
/// <param name="Kind">What it says: the name of its field, for example "subscription_started".</param>
/// <param name="OccurTime">When it was true, in microseconds since 1970.</param>
/// <param name="CustomerId">The customer it is about.</param>
/// <param name="Sequence">Its place in the source's order.</param>
/// <param name="Retracts">The id of the fact that it takes out; empty for none.</param>
public sealed record FactOutline(string Kind, long OccurTime, string CustomerId, long Sequence, string Retracts);

/// <summary>Holds the rule of identity: the same id with the same content is the same fact; with other content it is a mistake.</summary>
public static class Identities
{
    /// <summary>Decides what becomes of a fact whose identity is known.</summary>
    /// <param name="known">The content that is recorded under the identity, as a hash.</param>
    /// <param name="content">The content of the fact, as a hash.</param>
    public static Verdict Judge(UInt128 known, UInt128 content) => known == content ? Verdict.Duplicate : Verdict.Rejected;

    /// <summary>Says that another fact has the identity, when it was recorded, and what differs.</summary>
    /// <param name="eventId">The id that both have.</param>
    /// <param name="recorded">The fact that is recorded.</param>
    /// <param name="recordTime">When it was recorded, in microseconds since 1970.</param>
    /// <param name="sent">The fact that is not.</param>
    public static Violation Conflict(string eventId, FactOutline recorded, long recordTime, FactOutline sent)
    {
        var differences = new List<string>();
        Compare("kind", recorded.Kind, sent.Kind);
        Compare("occur_time", Instants.Text(recorded.OccurTime), Instants.Text(sent.OccurTime));
        Compare("customer_id", Quoted(recorded.CustomerId), Quoted(sent.CustomerId));
        Compare("sequence", recorded.Sequence.ToString("D", null), sent.Sequence.ToString("D", null));
        Compare("retracts", Quoted(recorded.Retracts), Quoted(sent.Retracts));
        if (differences.Count == 0)
        {
            differences.Add($"its {recorded.Kind} says something else");
        }

        return new Violation(
            Reasons.IdentityConflict,
            "event_id",
            $"event_id \"{eventId}\" was recorded at {Instants.Text(recordTime)} with other content, {string.Join(", ", differences)}: "
            + "send a fact that is another under an event_id of its own.");

        void Compare(string field, string then, string now)
        {
            if (then != now)
            {
                differences.Add($"{field} {then} then and {now} now");
            }
        }

        static string Quoted(string text) => $"\"{text}\"";
    }
}
