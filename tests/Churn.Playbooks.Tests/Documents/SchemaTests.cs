using System.Globalization;
using System.Reflection;
using Churn.Playbooks.Documents;
using Newtonsoft.Json.Linq;
using NJsonSchema;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Churn.Playbooks.Tests.Documents;

public sealed class SchemaTests
{
    private static readonly string Text = Resource("playbook.schema.json");
    private static readonly JsonSchema Schema = JsonSchema.FromJsonAsync(Text).GetAwaiter().GetResult();

    [Fact]
    public void Schema_GoodDocuments_AreValid()
    {
        Assert.Empty(Errors(Example.Full));
        Assert.Empty(Errors(Example.With("holdout", "holdout: none")));
        Assert.Empty(Errors(Example.With("holdout", "holdout: 50%")));
        Assert.Empty(Errors(Example.With("trigger", "trigger: { movement: { kinds: contraction } }")));
        Assert.Empty(Errors(Example.With("entry", "entry: { again: always }")));
    }

    [Theory]
    [MemberData(nameof(BadPlaybooksTests.Bad), MemberType = typeof(BadPlaybooksTests))]
    public void Schema_BadDocument_IsRefusedWhereItCanBe(string key, string lines, bool bySchema, string said)
    {
        var errors = Errors(Example.With(key, lines));
        Assert.True(bySchema == errors.Count > 0, $"{lines}\n{said}\n{string.Join('\n', errors)}");
    }

    [Fact]
    public void Schema_Keys_AreThoseOfTheReader()
    {
        var definitions = (JObject)JObject.Parse(Text)["definitions"]!;
        foreach (var field in typeof(Keys).GetFields(BindingFlags.Public | BindingFlags.Static))
        {
            var name = char.ToLowerInvariant(field.Name[0]) + field.Name[1..];
            var properties = definitions[name]?["properties"] as JObject;
            Assert.True(properties is not null, $"the schema has no definition '{name}'");
            Assert.Equal((string[])field.GetValue(null)!, properties.Properties().Select(property => property.Name));
            Assert.Equal(false, (bool?)definitions[name]!["additionalProperties"]);
        }

        var maps = definitions.Properties().Where(definition => definition.Value["properties"] is not null && definition.Name != "template").Select(definition => definition.Name);
        Assert.Equal(
            typeof(Keys).GetFields(BindingFlags.Public | BindingFlags.Static).Select(field => field.Name.ToUpperInvariant()).Order(StringComparer.Ordinal),
            maps.Select(name => name.ToUpperInvariant()).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Schema_Words_AreThoseOfTheReader()
    {
        var definitions = JObject.Parse(Text)["definitions"]!;
        Assert.Equal(EventFields.FactKinds, definitions["factKind"]!["enum"]!.Values<string>());
        Assert.Equal(Words.States.Keys, definitions["condition"]!["properties"]!["state"]!["anyOf"]![0]!["enum"]!.Values<string>());
        Assert.Equal(Words.Movements, definitions["movement"]!["properties"]!["kinds"]!["anyOf"]![0]!["enum"]!.Values<string>());
        Assert.Equal(Words.RenewalDays, definitions["renewal"]!["properties"]!["days_before"]!["enum"]!.Values<int>());
        Assert.Equal(Words.ScheduledEndDays, definitions["scheduledEnd"]!["properties"]!["days_before"]!["enum"]!.Values<int>());
        Assert.Equal(Words.ExpiryDays, definitions["paymentMethodExpiry"]!["properties"]!["days_before"]!["enum"]!.Values<int>());
        Assert.Equal(Words.AbsenceDays, definitions["absence"]!["properties"]!["days"]!["enum"]!.Values<int>());
        Assert.Equal(Words.AbsenceKinds, definitions["absence"]!["properties"]!["of"]!["enum"]!.Values<string>());
        Assert.Equal(Words.Channels, definitions["notify"]!["properties"]!["channel"]!["enum"]!.Values<string>());
        Assert.Equal(Words.Classes, definitions["notify"]!["properties"]!["class"]!["enum"]!.Values<string>());
    }

    [Fact]
    public void Schema_Properties_AreDescribed()
    {
        var definitions = (JObject)JObject.Parse(Text)["definitions"]!;
        var bare = definitions.Properties()
            .SelectMany(definition => ((JObject?)definition.Value["properties"])?.Properties().Select(property => (Of: definition.Name, property.Name, property.Value)) ?? [])
            .Where(property => property.Value["description"] is null && definitions[((string?)property.Value["$ref"])?.Split('/')[^1] ?? ""]?["description"] is null)
            .Select(property => $"{property.Of}.{property.Name}");
        Assert.Empty(bare);
    }

    public static IReadOnlyCollection<string> Errors(string yaml)
    {
        var stream = new YamlStream();
        stream.Load(new StringReader(yaml));
        return [.. stream.Documents.SelectMany(document => Schema.Validate(Json(document.RootNode).ToString())).Select(error => error.ToString())];
    }

    public static string Resource(string name)
    {
        using var reader = new StreamReader(typeof(Keys).Assembly.GetManifestResourceStream("Churn.Playbooks." + name)!);
        return reader.ReadToEnd();
    }

    // As an editor reads YAML 1.2: plain scalars may be numbers, truths or nothing.
    private static JToken Json(YamlNode node) => node switch
    {
        YamlMappingNode map => new JObject(map.Children.Select(entry => new JProperty(entry.Key.ToString(), Json(entry.Value)))),
        YamlSequenceNode list => new JArray(list.Children.Select(Json)),
        YamlScalarNode { Style: ScalarStyle.Plain, Value: null or "" or "~" or "null" } => JValue.CreateNull(),
        YamlScalarNode { Style: ScalarStyle.Plain, Value: "true" or "false" } truth => new JValue(truth.Value == "true"),
        YamlScalarNode { Style: ScalarStyle.Plain } plain when long.TryParse(plain.Value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole) => new JValue(whole),
        YamlScalarNode { Style: ScalarStyle.Plain } plain when double.TryParse(plain.Value, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) => new JValue(number),
        YamlScalarNode text => new JValue(text.Value),
        _ => throw new NotSupportedException(node.ToString()),
    };
}
