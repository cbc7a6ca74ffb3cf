using System.Text.RegularExpressions;
using Churn.Playbooks.Domain;
using Churn.ServiceDefaults.Documents;

namespace Churn.Playbooks.Documents;

/// <summary>Reads the steps of a playbook and lays them out one after the other: whatever a step leads to comes later.</summary>
internal sealed partial class StepReader(ConditionReader conditions, ValueReader values, DocumentRules rules)
{
    private const int MostSteps = 100;
    private const int MostDepth = 5;
    private const int MostWays = 20;
    private const int RoleBytes = 64;
    private static readonly string[] Actions = [.. Keys.Step.Where(key => key != "id")];

    private readonly List<Place> _places = [];
    private readonly Dictionary<string, Place> _byId = new(StringComparer.Ordinal);

    public List<TemplateUse> Templates { get; } = [];

    /// <summary>Gives the steps; an error in any of them makes it null.</summary>
    public IReadOnlyList<Step>? Read(DocumentNode node)
    {
        var errors = node.Problems.ErrorCount;
        var block = ReadBlock(node, 1);
        if (block.Count > 0 && block[0].GoTo is not null)
        {
            block[0].Node.Error("the first step cannot be 'go_to'; begin with the step that it leads to");
        }

        if (_places.Count > MostSteps)
        {
            node.Error($"there are {_places.Count} steps, and may be {MostSteps}; make two playbooks of it");
        }

        foreach (var place in _places.Where(place => place.GoTo is not null))
        {
            CheckGoTo(place);
        }

        if (errors != node.Problems.ErrorCount)
        {
            return null;
        }

        LinkBlock(block, -1);
        var steps = _places.Where(place => place.Make is not null).Select(place => place.Make!(place)).ToList();
        WarnOfUnreachable(steps);
        return steps;
    }

    /// <summary>Reads steps in the order of the document, and gives each its index, before it is known where they lead.</summary>
    private List<Place> ReadBlock(DocumentNode node, int depth)
    {
        var block = new List<Place>();
        if (depth > MostDepth)
        {
            node.Error($"steps lie more than {MostDepth} deep within each other; use 'go_to', or make two playbooks of it");
            return block;
        }

        foreach (var item in node.AsList(1, MostSteps) ?? [])
        {
            var place = new Place { Node = item, Id = item.Path, Index = _places.Count(before => before.GoTo is null) };
            _places.Add(place);
            ReadStep(place, item, depth);
            block.Add(place);
        }

        return block;
    }

    private void ReadStep(Place place, DocumentNode node, int depth)
    {
        if (node.AsMap(Keys.Step) is not { } map)
        {
            return;
        }

        if (map.Get("id") is { } id && id.AsText() is { } name)
        {
            if (!Id().IsMatch(name))
            {
                id.Error($"'{name}' is no id; use 1 to 64 characters of a-z, 0-9 and '-'");
            }
            else if (_byId.TryGetValue(name, out var other))
            {
                id.Error($"the id '{name}' is that of the step in line {other.Node.Line} already; give another");
            }
            else
            {
                place.Id = name;
                _byId.Add(name, place);
            }
        }

        var named = Actions.Where(map.Has).ToList();
        if (named.Count != 1)
        {
            node.Error(named.Count == 0
                ? $"say what happens: one of {string.Join(", ", Actions)}"
                : $"{string.Join(" and ", named)} stand in one step; make a step of each");
            return;
        }

        var value = map.Get(named[0])!;
        switch (named[0])
        {
            case "notify":
                ReadNotify(place, value);
                break;
            case "wait":
                if (Lengths.Read(value) is { } length)
                {
                    place.Make = at => new Step.Wait(at.Id, at.Next, length);
                }

                break;
            case "wait_until":
                ReadWaitUntil(place, value, depth);
                break;
            case "branch":
                ReadBranch(place, value, depth);
                break;
            case "task":
                ReadTask(place, value);
                break;
            case "webhook":
                ReadWebhook(place, value);
                break;
            case "go_to":
                place.GoTo = value;
                break;
            default:
                if (value.AsText() is { } reason)
                {
                    place.Make = at => new Step.End(at.Id, reason);
                }

                break;
        }
    }

    private void ReadNotify(Place place, DocumentNode node)
    {
        if (node.AsMap(Keys.Notify) is not { } map)
        {
            return;
        }

        var channel = map.Require("channel", "write 'channel: email'");
        var way = channel?.Scalar == "webhook" ? null : channel?.AsOneOf(Words.Channels);
        if (channel?.Scalar == "webhook")
        {
            channel.Error("a webhook is a step of its own; write 'webhook: { url: https://... }'");
        }

        var template = map.Require("template", "name one of 'churn notify templates'");
        var name = template?.AsText(64);
        var role = map.Get("to")?.AsText(RoleBytes);
        var variables = values.ReadMap(map.Get("variables"));
        var type = map.Get("class")?.AsOneOf(Words.Classes);
        var expires = map.Get("expire_after") is { } expiry ? Lengths.Read(expiry) : null;
        if (way is null || name is null || variables is null)
        {
            return;
        }

        Templates.Add(new TemplateUse(name, template!, node, variables));
        var given = variables.ToDictionary(variable => variable.Name, variable => variable.Source, StringComparer.Ordinal);
        place.Make = at => new Step.Notify(
            at.Id, at.Next, way, name, role is null or "customer" ? null : role, given, type is null ? null : type == "transactional", expires);
    }

    private void ReadWaitUntil(Place place, DocumentNode node, int depth)
    {
        if (node.AsMap(Keys.WaitUntil) is not { } map)
        {
            return;
        }

        var any = map.Require("any", "list the events, such as 'any: [ { fact: payment_succeeded } ]'") is { } list ? EventReader.ReadList(list) : null;
        var most = map.Require("for", "say how long at most, such as 'for: 4d'") is { } length ? Lengths.Read(length) : null;
        place.Otherwise = map.Get("otherwise") is { } otherwise ? ReadBlock(otherwise, depth + 1) : null;
        if (any is not null && most is { } longest)
        {
            place.Make = at => new Step.WaitUntil(at.Id, at.Next, any, longest, at.OtherwiseNext);
        }
    }

    private void ReadBranch(Place place, DocumentNode node, int depth)
    {
        var whens = new List<Condition?>();
        var items = node.AsList(1, MostWays) ?? [];
        for (var i = 0; i < items.Count; i++)
        {
            if (items[i].AsMap(Keys.Way) is not { } way)
            {
                continue;
            }

            if (way.Get("otherwise") is { } otherwise)
            {
                if (i < items.Count - 1 || way.Has("when") || way.Has("steps"))
                {
                    otherwise.Error("'otherwise' stands alone in the last way, with its steps as a list below it");
                }

                place.Otherwise = ReadBlock(otherwise, depth + 1);
                continue;
            }

            whens.Add(way.Require("when", "say when this way is taken, or write 'otherwise:' with a list of steps") is { } when ? conditions.Read(when) : null);
            place.Ways.Add(way.Require("steps", "list the steps of this way") is { } steps ? ReadBlock(steps, depth + 1) : []);
        }

        if (place.Ways.Count == 0 && place.Otherwise is not null)
        {
            node.Error("there is no way beside 'otherwise'; add one with 'when' and 'steps', or write its steps without 'branch'");
        }

        if (whens.Count > 0 && !whens.Contains(null))
        {
            place.Make = at => new Step.Branch(at.Id, at.OtherwiseNext, [.. whens.OfType<Condition>().Zip(at.WayNexts)]);
        }
    }

    private void ReadTask(Place place, DocumentNode node)
    {
        if (node.AsMap(Keys.Task) is not { } map)
        {
            return;
        }

        var title = map.Require("title", "say what is to be done") is { } what ? values.Read(what) : null;
        var note = map.Get("note") is { } why ? values.Read(why, lines: true) : new ValueSource([]);
        var owner = map.Require("owner", "say who does it, such as '{{ attribute.owner | else: support }}' in quotes") is { } who ? values.Read(who) : null;
        var due = map.Require("due", "say after how long it is due, such as 'due: 2d'") is { } time ? Lengths.Read(time) : null;
        if (owner is { Parts: [{ Reference: not null, Fallback: null }] })
        {
            map.Get("owner")!.Warn("a task has no owner where this is empty; add '| else: support' or another name");
        }

        if (title is not null && note is not null && owner is not null && due is { } after)
        {
            place.Make = at => new Step.Assign(at.Id, at.Next, title, note, owner, after);
        }
    }

    private void ReadWebhook(Place place, DocumentNode node)
    {
        if (node.AsMap(Keys.Webhook) is not { } map)
        {
            return;
        }

        var address = map.Require("url", "write 'url: https://...'");
        var url = address?.AsText(2_000);
        if (url is not null && WebhookAddress.Problem(url, rules.AllowHttp, rules.AllowPrivate) is { } problem)
        {
            address!.Error(problem);
            url = null;
        }

        if (values.ReadMap(map.Get("data")) is { } data && url is not null)
        {
            place.Make = at => new Step.Webhook(at.Id, at.Next, url, data.ToDictionary(value => value.Name, value => value.Source, StringComparer.Ordinal));
        }
    }

    /// <summary>Sets where each step of a block leads, the last one to what comes after the block; gives where the block begins.</summary>
    private int LinkBlock(List<Place> block, int after)
    {
        var next = after;
        for (var i = block.Count - 1; i >= 0; i--)
        {
            var place = block[i];
            if (place.GoTo is { } goTo)
            {
                next = goTo.Scalar is { } id && _byId.TryGetValue(id, out var target) ? target.Index : after;
                continue;
            }

            place.Next = next;
            place.OtherwiseNext = place.Otherwise is null ? next : LinkBlock(place.Otherwise, next);
            place.WayNexts = [.. place.Ways.Select(way => LinkBlock(way, next))];
            next = place.Index;
        }

        return next;
    }

    private void CheckGoTo(Place place)
    {
        if (place.GoTo!.AsText() is not { } id)
        {
            return;
        }

        if (!_byId.TryGetValue(id, out var target))
        {
            place.GoTo.Error($"no step has the id '{id}'; " + (_byId.Count == 0 ? $"write 'id: {id}' beside the step that is meant" : Spelling.Hint(id, _byId.Keys)));
        }
        else if (target.GoTo is not null)
        {
            place.GoTo.Error($"the step '{id}' is a 'go_to' itself; name the step that it leads to");
        }
        else if (target.Index < place.Index)
        {
            place.GoTo.Error($"'{id}' is an earlier step (line {target.Node.Line}): a run would never end; lead to a later one, or let customers enter again with 'entry'");
        }
    }

    private void WarnOfUnreachable(List<Step> steps)
    {
        var reached = new bool[steps.Count];
        reached[0] = true;
        for (var i = 0; i < steps.Count; i++)
        {
            if (!reached[i])
            {
                continue;
            }

            IEnumerable<int> nexts = steps[i] switch
            {
                Step.End => [],
                Step.WaitUntil wait => [wait.Next, wait.Otherwise],
                Step.Branch branch => [branch.Next, .. branch.Ways.Select(way => way.Step)],
                var step => [step.Next],
            };
            foreach (var next in nexts.Where(next => next >= 0))
            {
                reached[next] = true;
            }
        }

        var unreached = _places.Where(place => place.Make is not null && !reached[place.Index]).ToList();
        foreach (var place in unreached.Where(place => place.Index == 0 || reached[place.Index - 1]))
        {
            place.Node.Warn("this step is never reached; take it away, or let something lead to it");
        }
    }

    [GeneratedRegex("^[a-z0-9-]{1,64}$", RegexOptions.None, 1000)]
    private static partial Regex Id();

    /// <summary>Holds a step on its way from the document to the list.</summary>
    private sealed class Place
    {
        public required DocumentNode Node { get; init; }

        public required int Index { get; init; }

        public required string Id { get; set; }

        /// <summary>Makes the step once it is known where it leads; null for what is no step.</summary>
        public Func<Place, Step>? Make { get; set; }

        public DocumentNode? GoTo { get; set; }

        public List<Place>? Otherwise { get; set; }

        public List<List<Place>> Ways { get; } = [];

        public int Next { get; set; }

        public int OtherwiseNext { get; set; }

        public IReadOnlyList<int> WayNexts { get; set; } = [];
    }
}
