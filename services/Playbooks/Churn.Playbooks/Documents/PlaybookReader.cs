using System.Globalization;
using System.Text.RegularExpressions;
using Churn.Playbooks.Domain;
using Churn.ServiceDefaults.Documents;

namespace Churn.Playbooks.Documents;

/// <summary>Reads playbooks from documents. What is wrong goes to the file's problems, all of it at once.</summary>
internal static partial class PlaybookReader
{
    private const int NoteBytes = 2_000;
    private const decimal LeastHoldout = 1;
    private const decimal MostHoldout = 50;

    /// <summary>Gives what kind of document it is: one of <see cref="Words.Kinds"/>; null, with an error, where it says nothing that is known.</summary>
    public static string? KindOf(FileDocument document)
    {
        if (document.Root.Find("kind") is { } kind)
        {
            return kind.AsOneOf(Words.Kinds);
        }

        document.Root.Error(document.Root.IsMap ? "'kind' is missing; write 'kind: playbook' or 'kind: template'" : "a document is a map that begins with 'kind: playbook' or 'kind: template'");
        return null;
    }

    /// <summary>Reads a playbook with all that it can be checked against; null, with errors, where it is wrong.</summary>
    public static async ValueTask<ReadPlaybook?> ReadAsync(
        FileDocument document, DocumentRules rules, ITemplateCatalog templates, IAttributeCatalog? attributes, CancellationToken cancellationToken)
    {
        var errors = document.Problems.ErrorCount;
        var (read, use) = ReadAll(document, rules);
        foreach (var used in use.Templates)
        {
            TemplateCheck.Check(used, await templates.FindAsync(used.Name, cancellationToken), use.Events);
        }

        if (attributes is not null && use.Attributes.Count > 0 && await attributes.NamesAsync(cancellationToken) is { } names)
        {
            // One word for each attribute: it is one thing to mend, however often it is named.
            foreach (var (name, at) in use.Attributes.DistinctBy(attribute => attribute.Name).Where(attribute => !names.Contains(attribute.Name) && !Words.Attributes.Contains(attribute.Name)))
            {
                at.Warn($"no customer has an attribute '{name}'" + (Spelling.Nearest(name, names.Concat(Words.Attributes)) is { } near ? $"; did you mean '{near}'?" : ""));
            }
        }

        return errors == document.Problems.ErrorCount ? read : null;
    }

    /// <summary>Reads a playbook by itself, without a look at templates: one that was checked when it was saved.</summary>
    public static ReadPlaybook? Read(FileDocument document, DocumentRules rules)
    {
        var errors = document.Problems.ErrorCount;
        var (read, _) = ReadAll(document, rules);
        return errors == document.Problems.ErrorCount ? read : null;
    }

    private static (ReadPlaybook? Read, Use Use) ReadAll(FileDocument document, DocumentRules rules)
    {
        var attributes = new List<(string Name, DocumentNode At)>();
        var events = new EventReader();
        var values = new ValueReader(events, attributes);
        var conditions = new ConditionReader(values);
        var steps = new StepReader(conditions, values, rules);
        var use = new Use(steps.Templates, attributes, events);
        if (document.Root.AsMap(Keys.Playbook) is not { } map)
        {
            return (null, use);
        }

        map.Require("kind", "write 'kind: playbook'")?.AsOneOf(Words.Playbook);
        var name = ReadName(map.Require("name", "write 'name: failed-payment' or another name of a-z, 0-9 and '-'"));
        var title = map.Require("title", "say in a few words what it is about")?.AsText();
        var description = map.Get("description")?.AsText(NoteBytes, lines: true);
        var trigger = map.Require("trigger", "say what starts it, such as 'trigger: { fact: payment_failed }'") is { } starts ? events.ReadTrigger(starts) : null;
        var audience = map.Get("audience") is { } who ? conditions.Read(who) : Condition.Everyone;
        var entry = ReadEntry(map.Get("entry"));
        var group = ReadName(map.Get("group"));
        var priority = map.Get("priority")?.AsWhole(0, 1_000);
        var holdout = ReadHoldout(map);
        var goal = map.Get("goal") is { } goals ? EventReader.ReadList(goals) : [];
        var exits = map.Get("exit") is { } ends ? EventReader.ReadList(ends) : [];
        var caps = ReadCaps(map.Get("caps"));
        var measure = ReadMeasure(map.Get("measure"));
        var all = map.Require("steps", "list what happens") is { } list ? steps.Read(list) : null;
        if (name is null || title is null || trigger is null || audience is null || entry is null || holdout is null || goal is null || exits is null || measure is null || all is null)
        {
            return (null, use);
        }

        return (
            new ReadPlaybook
            {
                Playbook = new Playbook
                {
                    Name = name,
                    Version = 0,
                    Trigger = trigger,
                    Audience = audience,
                    Reentry = entry,
                    HoldoutShare = holdout.Value,
                    Group = group ?? "",
                    Priority = (int)(priority ?? 0),
                    Goal = goal,
                    Exits = exits,
                    Cap = caps,
                    MeasureAfterDays = measure.Value,
                    Steps = all,
                },
                Title = title,
                Description = description ?? "",
                ContentHash = document.Root.ContentHash(),
                Source = document.Source,
                Templates = use.Templates,
                Attributes = attributes,
            },
            use);
    }

    private static string? ReadName(DocumentNode? node)
    {
        if (node?.AsText() is not { } name)
        {
            return null;
        }

        if (Name().IsMatch(name))
        {
            return name;
        }

        node.Error($"'{name}' is no name; use 1 to 64 characters of a-z, 0-9 and '-', a letter or digit first");
        return null;
    }

    private static Reentry? ReadEntry(DocumentNode? node)
    {
        if (node is null)
        {
            return Reentry.Never;
        }

        if (node.AsMap(Keys.Entry) is not { } map)
        {
            return null;
        }

        var again = map.Require("again", "write 'again: never', 'again: always', or the least time in between such as 'again: 30d'");
        var most = map.Get("most")?.AsWhole(1, 1_000);
        switch (again?.Scalar)
        {
            case null:
                return null;
            case "never" when most > 1:
                map.Get("most")!.Error("a customer enters once where it may never enter again; write 'again: 30d', or take 'most' away");
                return null;
            case "never":
                return Reentry.Never;
            case "always":
                return new Reentry(0, (int?)most);
            default:
                return Lengths.Read(again) is { } after ? new Reentry(after, (int?)most) : null;
        }
    }

    private static double? ReadHoldout(DocumentMap map)
    {
        if (map.Get("holdout") is not { } node)
        {
            map.Node.Warn("nobody is held out, so nobody can tell what this playbook changes; write 'holdout: 10%', or 'holdout: none' where that is meant");
            return 0;
        }

        if (node.Scalar == "none")
        {
            return 0;
        }

        if (node.Scalar is not { } text || !text.EndsWith('%')
            || !decimal.TryParse(text.AsSpan()[..^1], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var percent))
        {
            node.Error($"this must be a share of customers such as '10%', or 'none'{(node.Scalar is { } other ? $", and is '{other}'" : "")}");
            return null;
        }

        if (percent is >= LeastHoldout and <= MostHoldout)
        {
            return (double)(percent / 100);
        }

        node.Error(percent == 0 ? "a holdout of 0% holds nobody out; write 'holdout: none' where that is meant, or 1% to 50% to be able to prove what the playbook changes"
            : percent == 100 ? "a holdout of 100% lets nobody in; write 1% to 50%, or leave the playbook paused"
            : $"a holdout of {text} is out of range; write 1% to 50%, or 'none'");
        return null;
    }

    private static MessageCap? ReadCaps(DocumentNode? node)
    {
        if (node?.AsMap(Keys.Caps) is not { } map)
        {
            return null;
        }

        var messages = map.Require("messages", "say how many, such as 'messages: 3'")?.AsWhole(1, 100);
        var per = map.Require("per", "say within which time, such as 'per: 7d'") is { } time ? Lengths.Read(time, Lengths.Hour) : null;
        return messages is { } most && per is { } within ? new MessageCap((int)most, within) : null;
    }

    private static int? ReadMeasure(DocumentNode? node)
    {
        const int DefaultDays = 30;
        if (node is null)
        {
            return DefaultDays;
        }

        if (node.AsMap(Keys.Measure)?.Require("after", "write 'after: 30d'") is not { } after || Lengths.Read(after, Lengths.Day, 365 * Lengths.Day) is not { } length)
        {
            return null;
        }

        if (length % Lengths.Day == 0)
        {
            return (int)(length / Lengths.Day);
        }

        after.Error("results are read after whole days; write 1d to 365d");
        return null;
    }

    [GeneratedRegex("^[a-z0-9][a-z0-9-]{0,63}$", RegexOptions.None, 1000)]
    private static partial Regex Name();

    private sealed record Use(IReadOnlyList<TemplateUse> Templates, IReadOnlyList<(string Name, DocumentNode At)> Attributes, EventReader Events);
}
