using System.Text.RegularExpressions;
using Churn.Notifications.Domain;
using Churn.ServiceDefaults.Documents;
using Fluid;
using Google.Protobuf.WellKnownTypes;
using Type = Churn.Notifications.V1.Variable.Types.Type;

namespace Churn.Notifications.Templates;

/// <summary>Reads templates from YAML; docs/notifications.md describes the format.</summary>
internal static partial class TemplateReader
{
    private const int MostText = 64 * 1024;
    private static readonly string[] BuiltIn = ["recipient", "unsubscribe_url"];

    /// <summary>Reads the one document of a file; null where something is wrong, which is then among the problems.</summary>
    public static Template? Read(string file, string text, out DocumentProblems problems)
    {
        var read = DocumentFile.Read(file, text);
        problems = read.Problems;
        if (read.Documents.Count != 1)
        {
            if (!problems.Any)
            {
                problems.Error(1, 1, "", $"there are {read.Documents.Count} documents; send one template at a time");
            }

            return null;
        }

        var template = Read(read.Documents[0], problems);
        return problems.Any ? null : template;
    }

    private static Template? Read(FileDocument document, DocumentProblems problems)
    {
        if (document.Root.AsMap("kind", "name", "title", "description", "class", "category", "track", "variables", "default_locale", "locales") is not { } map)
        {
            return null;
        }

        map.Require("kind", "write 'kind: template'")?.AsOneOf("template");
        map.Get("title")?.AsText();
        map.Get("description")?.AsText(4_000, lines: true);
        var name = map.Require("name", "write 'name: my-name'");
        if (name?.AsText(64) is { } text && !Name().IsMatch(text))
        {
            name.Error($"'{text}' is no name; write 1 to 64 characters of a-z, 0-9 and '-'");
        }

        var messageClass = map.Require("class", "write 'class: marketing', or 'class: transactional' for what belongs to a contract")?.AsOneOf("transactional", "marketing");
        var category = map.Get("category")?.AsText(64);
        var track = map.Get("track")?.AsTruth();
        var variables = Variables(map.Get("variables"));
        var locales = Locales(map, document, [.. variables.Keys, .. BuiltIn], problems);
        var usual = DefaultLocale(map, locales);
        if (problems.Any)
        {
            return null;
        }

        var template = new Template
        {
            Name = name!.Scalar!,
            Hash = document.Root.ContentHash(),
            Document = document.Source,
            Class = messageClass == "transactional" ? MessageClass.Transactional : MessageClass.Marketing,
            Category = category ?? "",
            Track = track ?? false,
            Variables = variables,
            DefaultLocale = usual,
            Locales = locales,
        };
        Try(template, map);
        return template;
    }

    private static Dictionary<string, TemplateVariable> Variables(DocumentNode? node)
    {
        var variables = new Dictionary<string, TemplateVariable>(StringComparer.Ordinal);
        foreach (var (name, value) in node?.AsEntries() ?? [])
        {
            if (!VariableName().IsMatch(name) || BuiltIn.Contains(name))
            {
                value.Error(BuiltIn.Contains(name)
                    ? $"'{name}' is there in every template; choose another name"
                    : $"'{name}' is no name of a variable; write 1 to 64 characters of a-z, 0-9 and '_', beginning with a letter");
                continue;
            }

            if (value.AsMap("type", "required", "sample", "currency", "description") is not { } map)
            {
                continue;
            }

            map.Get("description")?.AsText(1_000, lines: true);
            var word = map.Require("type", "write for example 'type: text'")?.AsOneOf("text", "number", "money", "time", "truth", "link");
            var required = map.Get("required")?.AsTruth() ?? false;
            var currency = map.Get("currency")?.AsText(64);
            if (currency is not null && word != "money")
            {
                map.Get("currency")!.Error("only money has a currency; take it away");
            }

            var sample = map.Get("sample") is { } given ? Sample(given) : null;
            if (required && sample is null && map.Get("sample") is null)
            {
                value.Error($"'{name}' is required and has no sample; write 'sample: ...', which previews and the check of this template use");
            }

            variables[name] = new TemplateVariable(name, TypeOf(word), required, currency, sample);
        }

        foreach (var variable in variables.Values.Where(variable => variable.Type == Type.Money))
        {
            // Two variables side by side are the usual way to hand over an amount and its currency.
            var named = variable.Currency ?? (variables.ContainsKey($"{variable.Name}_currency") ? $"{variable.Name}_currency" : variables.ContainsKey("currency") ? "currency" : null);
            variables[variable.Name] = variable with { Currency = named };
            if (variable.Currency is { } own && !VariableValues.IsCurrency(own) && !variables.ContainsKey(own))
            {
                node!.Error($"the currency of '{variable.Name}' is '{own}', which is neither three capitals such as USD nor a variable of this template");
            }
        }

        return variables;
    }

    private static Value? Sample(DocumentNode node)
    {
        if (!node.IsMap)
        {
            return node.AsText(4_000, lines: true) is { } text ? Value.ForString(text) : null;
        }

        var fields = new Struct();
        foreach (var (key, value) in node.AsEntries() ?? [])
        {
            if (value.AsText() is { } text)
            {
                fields.Fields[key] = Value.ForString(text);
            }
        }

        return Value.ForStruct(fields);
    }

    private static Dictionary<string, TemplateTexts> Locales(DocumentMap template, FileDocument document, IReadOnlyCollection<string> known, DocumentProblems problems)
    {
        var locales = new Dictionary<string, TemplateTexts>(StringComparer.OrdinalIgnoreCase);
        foreach (var (tag, value) in template.Require("locales", "write the texts, by language")?.AsEntries() ?? [])
        {
            if (!Domain.Locales.IsTag(tag))
            {
                value.Error($"'{tag}' is no language tag; write one such as en or pt-BR");
                continue;
            }

            if (value.AsMap("subject", "text", "html", "title") is not { } map)
            {
                continue;
            }

            var subject = Liquid(map.Require("subject", "write the subject of the mail"), 1_000);
            var text = Liquid(map.Require("text", "write the text of the mail"), MostText);
            var html = Liquid(map.Get("html"), MostText);
            var title = Liquid(map.Get("title"), 1_000);
            if (subject is not null && text is not null)
            {
                locales[tag] = new TemplateTexts(subject, text, html, title);
            }
        }

        return locales;

        IFluidTemplate? Liquid(DocumentNode? node, int most) => node?.AsText(most, lines: true) is { } source
            ? LiquidText.Read(source, known, (line, message) =>
            {
                var first = FirstLine(document, node);
                problems.Error(first == node.Line ? first : first + line - 1, first == node.Line ? node.Column : 1, node.Path, message);
            })
            : null;
    }

    // A text behind '|' begins in the next line, and keeps its lines.
    private static int FirstLine(FileDocument document, DocumentNode node)
    {
        var line = document.Source.Split('\n').ElementAtOrDefault(node.Line - document.Line) ?? "";
        return node.Column <= line.Length && line[node.Column - 1] == '|' ? node.Line + 1 : node.Line;
    }

    private static string DefaultLocale(DocumentMap template, Dictionary<string, TemplateTexts> locales)
    {
        var node = template.Get("default_locale");
        var usual = node?.AsText(35) ?? locales.Keys.FirstOrDefault() ?? "";
        if (node is not null && locales.Count > 0 && !locales.ContainsKey(usual))
        {
            node.Error($"there are no texts for '{usual}'; the locales are {string.Join(", ", locales.Keys)}");
        }
        else if (node is null && locales.Count > 1)
        {
            template.Node.Error("'default_locale' is missing; write the language of those whose own has no texts");
        }

        return usual;
    }

    // What only shows when it is rendered is better found now than at the first message.
    private static void Try(Template template, DocumentMap map)
    {
        foreach (var locale in template.Locales.Keys)
        {
            try
            {
                var recipient = new V1.Recipient { Name = "Ana", Email = "ana@example.org", Locale = locale };
                if (template.Render(Samples(template), Channel.Email, recipient, "https://example.org/unsubscribe").Subject.Length == 0)
                {
                    map.Get("locales")!.Error($"with the samples the subject of '{locale}' is empty");
                }
            }
            catch (VariableException wrong)
            {
                map.Get("variables")!.Error($"with the samples: {wrong.Message}");
                return;
            }
            catch (Exception wrong) when (wrong is InvalidOperationException or FluidException or ArgumentException or FormatException or ArithmeticException or InvalidCastException)
            {
                map.Get("locales")!.Error($"'{locale}' cannot be rendered with the samples: {wrong.Message.ReplaceLineEndings(" ")}");
            }
        }
    }

    /// <summary>Gives the samples of a template's variables.</summary>
    public static Struct Samples(Template template)
    {
        var samples = new Struct();
        foreach (var variable in template.Variables.Values.Where(variable => variable.Sample is not null))
        {
            samples.Fields[variable.Name] = variable.Sample;
        }

        return samples;
    }

    private static Type TypeOf(string? word) => word switch
    {
        "number" => Type.Number,
        "money" => Type.Money,
        "time" => Type.Time,
        "truth" => Type.Truth,
        "link" => Type.Link,
        _ => Type.Text,
    };

    [GeneratedRegex("^[a-z0-9]([a-z0-9-]{0,62}[a-z0-9])?$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Name();

    [GeneratedRegex("^[a-z][a-z0-9_]{0,63}$", RegexOptions.None, 1000)]
    private static partial Regex VariableName();
}
