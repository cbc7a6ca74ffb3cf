using System.Globalization;

namespace Churn.Playbooks.Domain;

/// <summary>Tells whether conditions and patterns hold.</summary>
public static class Matching
{
    /// <summary>Tells whether a condition holds of a customer at an instant.</summary>
    public static bool Holds(this Condition condition, Profile profile, long now) => condition switch
    {
        Condition.All all => all.Of.All(of => of.Holds(profile, now)),
        Condition.Any any => any.Of.Any(of => of.Holds(profile, now)),
        Condition.Not not => !not.Of.Holds(profile, now),
        Condition.AttributeText text => text.Test.Passes(profile.Attributes.GetValueOrDefault(text.Name, "")),
        Condition.AttributeNumber number => number.Test.Passes(NumberOf(profile.Attributes.GetValueOrDefault(number.Name, ""))),
        Condition.State state => state.In.Contains(profile.State),
        Condition.Plan plan => profile.Plans.Any(plan.Test.Passes),
        Condition.Mrr mrr => mrr.Test.Passes(profile.Mrr.GetValueOrDefault(mrr.Currency)),
        Condition.Tenure tenure => profile.FirstPaid is { } first && first <= now && tenure.Test.Passes(now - first),
        Condition.History history => history.Test.Passes(
            profile.History.TryGetValue(history.Kind, out var times) ? times.Count(time => time > now - history.Within) : 0),
        Condition.HasContact contact => profile.Contacts.Any(
            person => person.Email.Length > 0 && (contact.Role is null || string.Equals(person.Role, contact.Role, StringComparison.Ordinal))),
        _ => throw new ArgumentOutOfRangeException(nameof(condition)),
    };

    /// <summary>Tells whether a signal is meant by a pattern. One that was retracted never is.</summary>
    public static bool Matches(this SignalPattern pattern, Signal signal) =>
        !signal.Retracted
        && (pattern.Event is null || string.Equals(pattern.Event, signal.Event, StringComparison.Ordinal))
        && pattern.Where.All(test => test.Passes(signal))
        && (pattern.Movements.Count == 0 || signal.Movements.Any(
            movement => !movement.Undone && movement.Time <= signal.KnownTime && pattern.Movements.Contains(movement.Kind, StringComparer.Ordinal)));

    /// <summary>Tells whether a text passes.</summary>
    public static bool Passes(this TextTest test, string text) =>
        (test.In is null || test.In.Contains(text, StringComparer.Ordinal))
        && !test.NotIn.Contains(text, StringComparer.Ordinal)
        && (test.Present is null || test.Present == (text.Length > 0));

    /// <summary>Tells whether a number passes; none does not.</summary>
    public static bool Passes(this NumberTest test, decimal? number) =>
        number is { } value && (test.AtLeast is not { } least || value >= least) && (test.AtMost is not { } most || value <= most);

    private static bool Passes(this FieldTest test, Signal signal)
    {
        var value = signal.Fields.TryGetValue(test.Field, out var found) ? found : new FieldValue("", null);
        return (test.Text is null || test.Text.Passes(value.Text)) && (test.Number is null || test.Number.Passes(value.Number));
    }

    private static decimal? NumberOf(string text) =>
        decimal.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number) ? number : null;
}
