using Churn.Notifications.Domain;
using Fluid;
using Fluid.Values;
using Google.Protobuf.WellKnownTypes;
using StringValue = Fluid.Values.StringValue;

namespace Churn.Notifications.Templates;

/// <summary>Holds a variable of a template.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">Its type.</param>
/// <param name="IsRequired">Whether it must be given.</param>
/// <param name="Currency">For money: a currency such as "USD", or the name of the variable that holds it; null where each value must hold its own.</param>
/// <param name="Sample">What a preview shows; null for nothing.</param>
internal sealed record TemplateVariable(string Name, V1.Variable.Types.Type Type, bool IsRequired, string? Currency, Value? Sample);

/// <summary>Holds the texts of one locale.</summary>
internal sealed record TemplateTexts(IFluidTemplate Subject, IFluidTemplate Text, IFluidTemplate? Html, IFluidTemplate? Title);

/// <summary>Holds what a template makes of variables.</summary>
internal sealed record Rendered(string Locale, string Subject, string Text, string Html);

/// <summary>Holds a version of a template, ready to be rendered.</summary>
internal sealed record Template
{
    public required string Name { get; init; }

    public int Version { get; init; }

    public required string Hash { get; init; }

    public required string Document { get; init; }

    public required MessageClass Class { get; init; }

    public string Category { get; init; } = "";

    public bool Track { get; init; }

    public required IReadOnlyDictionary<string, TemplateVariable> Variables { get; init; }

    public required string DefaultLocale { get; init; }

    public required IReadOnlyDictionary<string, TemplateTexts> Locales { get; init; }

    /// <summary>Renders the texts for a person.</summary>
    /// <param name="given">The variables.</param>
    /// <param name="channel">The channel: the inbox has a title of its own where there is one.</param>
    /// <param name="recipient">The person.</param>
    /// <param name="unsubscribeUrl">The address for unsubscribing; null where there is none.</param>
    /// <exception cref="VariableException">A variable is missing, unknown or of another type.</exception>
    public Rendered Render(Struct? given, Channel channel, V1.Recipient recipient, string? unsubscribeUrl)
    {
        var locale = Domain.Locales.Choose(recipient.Locale, [.. Locales.Keys], DefaultLocale);
        var texts = Locales[locale];
        var zone = TimeZoneInfo.TryFindSystemTimeZoneById(recipient.TimeZone, out var known) ? known : TimeZoneInfo.Utc;
        var values = VariableValues.Of(Variables, given, locale, zone);
        values["recipient"] = new DictionaryValue(new FluidValueDictionaryFluidIndexable(new Dictionary<string, FluidValue>(StringComparer.Ordinal)
        {
            ["name"] = StringValue.Create(recipient.Name),
            ["email"] = StringValue.Create(recipient.Email),
        }));
        values["unsubscribe_url"] = unsubscribeUrl is null ? NilValue.Instance : StringValue.Create(unsubscribeUrl);
        var subject = LiquidText.Plain(channel == Channel.InApp && texts.Title is { } title ? title : texts.Subject, values, zone);
        var text = LiquidText.Plain(texts.Text, values, zone).ReplaceLineEndings("\n");
        var html = texts.Html is { } own ? LiquidText.Html(own, values, zone) : HtmlFromText.Make(text, locale);
        return new Rendered(locale, OneLine(subject), text, html.ReplaceLineEndings("\n"));
    }

    // A line break in a value would end the header.
    private static string OneLine(string text)
    {
        var chars = text.Select(c => char.IsControl(c) || c is '\u2028' or '\u2029' ? ' ' : c).ToArray();
        var line = string.Join(' ', new string(chars).Split(' ', StringSplitOptions.RemoveEmptyEntries));
        return line.Length <= 400 ? line : line[..400];
    }
}
