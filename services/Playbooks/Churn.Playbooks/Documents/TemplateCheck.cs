using System.Globalization;
using Churn.Notifications.V1;
using Churn.Playbooks.Domain;
using Churn.ServiceDefaults.Documents;

namespace Churn.Playbooks.Documents;

/// <summary>Checks that a step gives a template what it needs.</summary>
internal static class TemplateCheck
{
    private const string Event = "event.";

    /// <summary>Checks a use; where there is no template (null), that is an error.</summary>
    public static void Check(TemplateUse use, Template? template, EventReader events)
    {
        if (template is null)
        {
            use.At.Error($"there is no template '{use.Name}'; apply its document in the same call, or before");
            return;
        }

        var known = template.Variables.ToDictionary(variable => variable.Name, StringComparer.Ordinal);
        foreach (var missing in template.Variables.Where(variable => variable.Required && use.Variables.All(given => given.Name != variable.Name)))
        {
            use.Step.Error($"the template '{use.Name}' needs the variable '{missing.Name}' ({TypeOf(missing)}); add it to 'variables'");
        }

        foreach (var (name, at, source) in use.Variables)
        {
            if (!known.TryGetValue(name, out var variable))
            {
                at.Error($"the template '{use.Name}' has no variable '{name}'; {(known.Count == 0 ? "it has none" : Spelling.Hint(name, known.Keys))}");
            }
            else if (Mismatch(variable, source, events) is { } mismatch)
            {
                at.Error($"the variable '{name}' is of type {TypeOf(variable)}; {mismatch}");
            }
            else if (variable.Required && source is { Parts: [{ Reference: { } reference, Fallback: null }] } && CanBeEmpty(reference))
            {
                at.Warn($"'{reference}' may be empty, and the template '{use.Name}' needs '{name}': the message would fail; add '| else: ...'");
            }
        }
    }

    private static bool CanBeEmpty(string reference) => reference.StartsWith("attribute.", StringComparison.Ordinal) || reference.StartsWith("contact.", StringComparison.Ordinal);

    private static string? Mismatch(Variable variable, ValueSource source, EventReader events)
    {
        if (variable.Type is Variable.Types.Type.Text or Variable.Types.Type.Unspecified)
        {
            return null;
        }

        if (source.Parts is not [var part])
        {
            return variable.Type == Variable.Types.Type.Link ? null : "give one reference alone, or one value, without text around it";
        }

        if (part.Reference is not { } reference)
        {
            return FitsText(variable.Type, part.Text) ? null : $"'{part.Text}' is none";
        }

        if (part.Fallback is { } fallback && !FitsText(variable.Type, fallback))
        {
            return $"'{fallback}' after 'else' is none";
        }

        if (reference.StartsWith("attribute.", StringComparison.Ordinal))
        {
            return null;
        }

        FieldType? given = reference.StartsWith(Event, StringComparison.Ordinal) ? events.TypeOfTriggerField(reference[Event.Length..]) : reference == "mrr" ? FieldType.Number : FieldType.Text;
        var fits = given is null || variable.Type switch
        {
            Variable.Types.Type.Number or Variable.Types.Type.Money => given == FieldType.Number,
            Variable.Types.Type.Truth => given == FieldType.Truth,
            Variable.Types.Type.Time => given is FieldType.Time || (given == FieldType.Text && reference.StartsWith(Event, StringComparison.Ordinal)),
            _ => given == FieldType.Text,
        };
        return fits ? null : $"'{reference}' is a {given!.Value.ToString().ToLowerInvariant()}";
    }

    private static bool FitsText(Variable.Types.Type type, string text) => type switch
    {
        Variable.Types.Type.Number => decimal.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out _),
        Variable.Types.Type.Money => long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _),
        Variable.Types.Type.Truth => text is "true" or "false",
        Variable.Types.Type.Time => DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out _),
        Variable.Types.Type.Link => text.StartsWith("https://", StringComparison.Ordinal),
        _ => true,
    };

    private static string TypeOf(Variable variable) => variable.Type.ToString().ToLowerInvariant();
}
