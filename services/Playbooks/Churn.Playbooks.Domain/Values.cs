using System.Globalization;

namespace Churn.Playbooks.Domain;

/// <summary>Gives what the values of a step are for a run.</summary>
/// <param name="run">The run.</param>
/// <param name="customer">The customer.</param>
/// <param name="profile">What is known of it.</param>
/// <param name="recipient">Whom the step reaches.</param>
public sealed class Values(Run run, string customer, Profile profile, Recipient recipient)
{
    /// <summary>Gives a value: that of a single reference with its type, everything else as text.</summary>
    public FieldValue Of(ValueSource source)
    {
        if (source.Parts.Count == 1)
        {
            return Of(source.Parts[0]);
        }

        return new FieldValue(string.Concat(source.Parts.Select(part => Of(part).Text)), null);
    }

    /// <summary>Gives values by name.</summary>
    public IReadOnlyDictionary<string, FieldValue> Of(IReadOnlyDictionary<string, ValueSource> sources) =>
        sources.ToDictionary(source => source.Key, source => Of(source.Value), StringComparer.Ordinal);

    private FieldValue Of(ValuePart part)
    {
        if (part.Reference is null)
        {
            return Text(part.Text);
        }

        var value = Of(part.Reference);
        return value.Text.Length == 0 && part.Fallback is not null ? Text(part.Fallback) : value;
    }

    private FieldValue Of(string reference)
    {
        const string attribute = "attribute.";
        const string happened = "event.";
        var currency = profile.Mrr.Count == 0 ? "" : profile.Mrr.OrderByDescending(mrr => mrr.Value).ThenBy(mrr => mrr.Key, StringComparer.Ordinal).First().Key;
        return reference switch
        {
            "customer" => Text(customer),
            "contact.name" => Text(recipient.Name),
            "contact.email" => Text(recipient.Email),
            "plan" => Text(profile.Plans.Count > 0 ? profile.Plans[0] : ""),
            "mrr" => profile.Mrr.GetValueOrDefault(currency) is var micros ? new FieldValue(micros.ToString(CultureInfo.InvariantCulture), micros) : default,
            "currency" => Text(currency),
            "state" => Text(Word(profile.State)),
            "run" => Text(run.Id),
            _ when reference.StartsWith(attribute, StringComparison.Ordinal) => Text(profile.Attributes.GetValueOrDefault(reference[attribute.Length..], "")),
            _ when reference.StartsWith(happened, StringComparison.Ordinal) =>
                run.Signal is { } signal && signal.Fields.TryGetValue(reference[happened.Length..], out var field) ? field : Text(""),
            _ => throw new ArgumentException($"There is no reference '{reference}'.", nameof(reference)),
        };
    }

    private static string Word(CustomerState state) => state switch
    {
        CustomerState.Lead => "lead",
        CustomerState.Trial => "trial",
        CustomerState.Active => "active",
        CustomerState.PastDue => "past_due",
        CustomerState.Paused => "paused",
        _ => "ended",
    };

    private static FieldValue Text(string text) => new(text, null);
}
