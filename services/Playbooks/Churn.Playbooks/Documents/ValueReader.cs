using System.Text.RegularExpressions;
using Churn.Playbooks.Domain;
using Churn.ServiceDefaults.Documents;

namespace Churn.Playbooks.Documents;

/// <summary>Reads texts with references such as "{{ attribute.owner | else: support }}".</summary>
internal sealed partial class ValueReader(EventReader events, List<(string Name, DocumentNode At)> attributes)
{
    private const int MostBytes = 2_000;
    private const string Attribute = "attribute.";
    private const string Event = "event.";

    public ValueSource? Read(DocumentNode node, bool lines = false)
    {
        if (node.AsText(MostBytes, lines) is not { } text)
        {
            return null;
        }

        var parts = new List<ValuePart>();
        var at = 0;
        while (at < text.Length)
        {
            var open = text.IndexOf("{{", at, StringComparison.Ordinal);
            var literal = open < 0 ? text[at..] : text[at..open];
            if (literal.Contains("}}", StringComparison.Ordinal))
            {
                node.Error("'}}' closes nothing; write references as '{{ customer }}'");
                return null;
            }

            if (literal.Length > 0)
            {
                parts.Add(new ValuePart(literal, null, null));
            }

            if (open < 0)
            {
                break;
            }

            var close = text.IndexOf("}}", open, StringComparison.Ordinal);
            if (close < 0)
            {
                node.Error("'{{' is not closed; write references as '{{ customer }}'");
                return null;
            }

            if (ReadReference(node, text[(open + 2)..close].Trim()) is not { } reference)
            {
                return null;
            }

            parts.Add(reference);
            at = close + 2;
        }

        return new ValueSource(parts);
    }

    public IReadOnlyList<(string Name, DocumentNode At, ValueSource Source)>? ReadMap(DocumentNode? node)
    {
        if (node is null)
        {
            return [];
        }

        if (node.AsEntries() is not { } entries)
        {
            return null;
        }

        var read = new List<(string, DocumentNode, ValueSource)>();
        foreach (var (name, value) in entries)
        {
            if (!Name().IsMatch(name))
            {
                value.Error($"'{name}' is no name; use 1 to 64 characters of a-z, A-Z, 0-9 and '_', a letter first");
            }
            else if (Read(value, lines: true) is { } source)
            {
                read.Add((name, value, source));
            }
        }

        return read;
    }

    private ValuePart? ReadReference(DocumentNode node, string text)
    {
        var bar = text.IndexOf('|', StringComparison.Ordinal);
        var name = (bar < 0 ? text : text[..bar]).Trim();
        string? fallback = null;
        if (bar >= 0)
        {
            var rest = text[(bar + 1)..].Trim();
            if (!rest.StartsWith("else:", StringComparison.Ordinal) || rest["else:".Length..].Trim() is not { Length: > 0 } otherwise)
            {
                node.Error($"'| {rest}' is not understood; write '{{{{ {name} | else: a text }}}}', or no '|'");
                return null;
            }

            fallback = otherwise.Length > 1 && otherwise[0] is '"' or '\'' && otherwise[^1] == otherwise[0] ? otherwise[1..^1] : otherwise;
        }

        if (name.StartsWith(Attribute, StringComparison.Ordinal))
        {
            return IsAttribute(name[Attribute.Length..], node) ? Part() : null;
        }

        if (name.StartsWith(Event, StringComparison.Ordinal))
        {
            return events.IsFieldOfTrigger(name[Event.Length..], node) ? Part() : null;
        }

        if (Words.References.Contains(name))
        {
            return Part();
        }

        node.Error($"there is no '{name}'; {Spelling.Hint(name, [.. Words.References, "attribute.NAME", "event.FIELD"])}");
        return null;

        ValuePart Part() => new("", name, fallback);
    }

    /// <summary>Tells whether a text can be the name of an attribute, and remembers it; where it cannot, that is an error.</summary>
    public bool IsAttribute(string name, DocumentNode at)
    {
        if (!AttributeName().IsMatch(name))
        {
            at.Error($"'{name}' is no attribute's name; use 1 to 64 characters of a-z, 0-9 and '_', a letter first");
            return false;
        }

        attributes.Add((name, at));
        return true;
    }

    [GeneratedRegex("^[a-z][a-z0-9_]{0,63}$", RegexOptions.None, 1000)]
    private static partial Regex AttributeName();

    [GeneratedRegex("^[a-zA-Z][a-zA-Z0-9_]{0,63}$", RegexOptions.None, 1000)]
    private static partial Regex Name();
}
