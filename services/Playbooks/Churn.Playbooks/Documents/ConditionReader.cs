using Churn.Playbooks.Domain;
using Churn.ServiceDefaults.Documents;

namespace Churn.Playbooks.Documents;

/// <summary>Reads conditions on customers.</summary>
internal sealed class ConditionReader(ValueReader values)
{
    private const int MostConditions = 50;
    private const int MostKnownFacts = 64;
    private const long LongestTenure = 40 * 365 * Lengths.Day;
    private const decimal MicrosPerUnit = 1_000_000;
    private const decimal MostMoney = 1_000_000_000;
    private static readonly string[] Subjects = ["all", "any", "not", "state", "attribute", "plan", "mrr", "tenure", "history", "contact"];
    private static readonly string[] OfAttributes = ["in", "not_in", "present", "at_least", "at_most"];

    public Condition? Read(DocumentNode node)
    {
        if (node.AsMap(Keys.Condition) is not { } map)
        {
            return null;
        }

        var named = Subjects.Where(map.Has).ToList();
        if (named.Count != 1)
        {
            node.Error(named.Count == 0
                ? $"say what is looked at: one of {string.Join(", ", Subjects)}"
                : $"{string.Join(" and ", named)} stand side by side; put them into a list under 'all' or 'any'");
            return null;
        }

        if (named[0] != "attribute" && OfAttributes.FirstOrDefault(map.Has) is { } astray)
        {
            map.Get(astray)!.Error($"'{astray}' belongs to 'attribute'; put it below '{named[0]}', or take it away");
        }

        var value = map.Get(named[0])!;
        return named[0] switch
        {
            "all" => ReadList(value) is { } all ? new Condition.All(all) : null,
            "any" => ReadList(value) is { } any ? new Condition.Any(any) : null,
            "not" => Read(value) is { } not ? new Condition.Not(not) : null,
            "state" => ReadState(value),
            "attribute" => ReadAttribute(node, map, value),
            "plan" => ReadPlan(value),
            "mrr" => ReadMrr(value),
            "tenure" => ReadTenure(value),
            "history" => ReadHistory(value),
            _ => value.AsText(64) is { } role ? new Condition.HasContact(role == "any" ? null : role) : null,
        };
    }

    private List<Condition>? ReadList(DocumentNode node)
    {
        var read = node.AsList(1, MostConditions)?.Select(Read).ToList();
        return read is null || read.Contains(null) ? null : [.. read.OfType<Condition>()];
    }

    private static Condition.State? ReadState(DocumentNode node)
    {
        var items = node.IsScalar ? [node] : node.AsList(1, Words.States.Count);
        var read = items?.Select(item => item.AsOneOf([.. Words.States.Keys])).ToList();
        return read is null || read.Contains(null) ? null : new Condition.State([.. read.OfType<string>().Select(word => Words.States[word])]);
    }

    private Condition? ReadAttribute(DocumentNode node, DocumentMap map, DocumentNode named)
    {
        var errors = node.Problems.ErrorCount;
        var text = EventReader.ReadTextTest(map);
        var number = EventReader.ReadNumberTest(map);
        if (named.AsText(64) is not { } name || !values.IsAttribute(name, named) || errors != node.Problems.ErrorCount)
        {
            return null;
        }

        if (text is null && number is null)
        {
            node.Error($"say what '{name}' must be, with one of {string.Join(", ", OfAttributes)}");
            return null;
        }

        return text is null ? new Condition.AttributeNumber(name, number!)
            : number is null ? new Condition.AttributeText(name, text)
            : new Condition.All([new Condition.AttributeText(name, text), new Condition.AttributeNumber(name, number)]);
    }

    private static Condition.Plan? ReadPlan(DocumentNode node)
    {
        if (!node.IsMap)
        {
            return node.AsTexts() is { } plans ? new Condition.Plan(new TextTest(plans, [], null)) : null;
        }

        if (node.AsMap(Keys.PlanTest) is not { } map)
        {
            return null;
        }

        var errors = node.Problems.ErrorCount;
        var test = EventReader.ReadTextTest(map);
        if (test is null && errors == node.Problems.ErrorCount)
        {
            node.Error("name plans with 'in' or 'not_in'");
        }

        return test is null ? null : new Condition.Plan(test);
    }

    private static Condition.Mrr? ReadMrr(DocumentNode node)
    {
        if (node.AsMap(Keys.MrrTest) is not { } map)
        {
            return null;
        }

        var currency = map.Require("currency", "write 'currency: EUR' or another code of ISO 4217")?.AsText();
        if (currency is not null && !Currencies.Codes.Contains(currency))
        {
            map.Get("currency")!.Error($"'{currency}' is no currency of ISO 4217; "
                + (Currencies.Codes.Contains(currency.ToUpperInvariant()) ? $"did you mean '{currency.ToUpperInvariant()}'?" : "write three letters such as EUR or USD"));
            currency = null;
        }

        return ReadRange(node, map, Money, "such as 'at_least: 20.00'") is { } test && currency is not null ? new Condition.Mrr(currency, test) : null;

        static decimal? Money(DocumentNode at)
        {
            if (at.AsNumber() is not { } units)
            {
                return null;
            }

            if (units is < 0 or > MostMoney || units * MicrosPerUnit != decimal.Truncate(units * MicrosPerUnit))
            {
                at.Error($"{units} is out of range; write 0 to {MostMoney} with at most 6 decimals, in units of the currency");
                return null;
            }

            return units * MicrosPerUnit;
        }
    }

    private static Condition.Tenure? ReadTenure(DocumentNode node) =>
        node.AsMap(Keys.TenureTest) is { } map && ReadRange(node, map, at => Lengths.Read(at, Lengths.Minute, LongestTenure), "such as 'at_least: 30d'") is { } test
            ? new Condition.Tenure(test)
            : null;

    private static Condition.History? ReadHistory(DocumentNode node)
    {
        if (node.AsMap(Keys.HistoryTest) is not { } map)
        {
            return null;
        }

        var kind = map.Require("fact", "write 'fact: payment_failed' or another kind of fact") is { } fact ? EventReader.ReadKind(fact) : null;
        var within = map.Require("within", "write 'within: 90d'") is { } time ? Lengths.Read(time) : null;
        var test = ReadRange(node, map, at => at.AsWhole(0, MostKnownFacts), "such as 'at_least: 2'");
        return kind is null || within is null || test is null ? null : new Condition.History(kind, within.Value, test);
    }

    private static NumberTest? ReadRange(DocumentNode node, DocumentMap map, Func<DocumentNode, decimal?> read, string example)
    {
        var errors = node.Problems.ErrorCount;
        var test = EventReader.ReadRange(map, read);
        if (test is null && errors == node.Problems.ErrorCount)
        {
            node.Error($"say how much with 'at_least', 'at_most' or both, {example}");
        }

        return errors == node.Problems.ErrorCount ? test : null;
    }
}
