using System.Globalization;
using Churn.Notifications.Domain;
using Fluid.Values;
using Google.Protobuf.WellKnownTypes;
using StringValue = Fluid.Values.StringValue;
using Type = Churn.Notifications.V1.Variable.Types.Type;

namespace Churn.Notifications.Templates;

/// <summary>Says that variables do not fit their template.</summary>
/// <param name="reason">VARIABLE_MISSING, VARIABLE_UNKNOWN or VARIABLE_INVALID.</param>
/// <param name="variable">The variable.</param>
/// <param name="message">What is wrong and what to do.</param>
internal sealed class VariableException(string reason, string variable, string message) : Exception(message)
{
    public string Reason => reason;

    public string Variable => variable;

    /// <summary>Gives the message as a sentence.</summary>
    public string Sentence => Message.EndsWith('?') ? Message : Message + ".";
}

/// <summary>Turns the variables of a request into what a template shows.</summary>
internal static class VariableValues
{
    private const decimal MostMicros = long.MaxValue;

    public static Dictionary<string, FluidValue> Of(
        IReadOnlyDictionary<string, TemplateVariable> variables, Struct? given, string locale, TimeZoneInfo zone)
    {
        var fields = given?.Fields;
        if (fields?.Keys.FirstOrDefault(name => !variables.ContainsKey(name)) is { } unknown)
        {
            throw new VariableException("VARIABLE_UNKNOWN", unknown, $"'{unknown}' is no variable of the template; {ServiceDefaults.Documents.Spelling.Hint(unknown, variables.Keys)}");
        }

        var values = new Dictionary<string, FluidValue>(StringComparer.Ordinal);
        foreach (var variable in variables.Values)
        {
            var value = fields?.GetValueOrDefault(variable.Name);
            if (value is null or { KindCase: Value.KindOneofCase.NullValue or Value.KindOneofCase.None } or { KindCase: Value.KindOneofCase.StringValue, StringValue: "" })
            {
                values[variable.Name] = variable.IsRequired
                    ? throw new VariableException("VARIABLE_MISSING", variable.Name, $"'{variable.Name}' is required and has no value; give {Example(variable.Type)}")
                    : NilValue.Instance;
                continue;
            }

            values[variable.Name] = variable.Type switch
            {
                Type.Text => Text(variable, value),
                Type.Number => NumberValue.Create(Number(variable, value)),
                Type.Money => Money(variable, value, fields!, locale),
                Type.Time => Time(variable, value, zone),
                Type.Truth => BooleanValue.Create(Truth(variable, value)),
                _ => Link(variable, value),
            };
        }

        return values;
    }

    private static StringValue Text(TemplateVariable variable, Value value) => value.KindCase switch
    {
        Value.KindOneofCase.StringValue => StringValue.Create(value.StringValue),
        Value.KindOneofCase.NumberValue => StringValue.Create(value.NumberValue.ToString(CultureInfo.InvariantCulture)),
        Value.KindOneofCase.BoolValue => StringValue.Create(value.BoolValue ? "true" : "false"),
        _ => throw Invalid(variable, value),
    };

    private static decimal Number(TemplateVariable variable, Value value)
    {
        const NumberStyles Plain = NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint;
        return value.KindCase switch
        {
            Value.KindOneofCase.NumberValue when Math.Abs(value.NumberValue) < 1e27 => (decimal)value.NumberValue,
            Value.KindOneofCase.StringValue when decimal.TryParse(value.StringValue, Plain, CultureInfo.InvariantCulture, out var number) => number,
            _ => throw Invalid(variable, value),
        };
    }

    private static StringValue Money(TemplateVariable variable, Value value, IReadOnlyDictionary<string, Value> all, string locale)
    {
        var amount = value;
        var currency = "";
        if (value.KindCase == Value.KindOneofCase.StructValue)
        {
            var fields = value.StructValue.Fields;
            if (!fields.TryGetValue("amount_micros", out var micros) || !fields.TryGetValue("currency", out var own) || fields.Count != 2)
            {
                throw Invalid(variable, value);
            }

            (amount, currency) = (micros, own.StringValue);
        }
        else if (variable.Currency is { } named)
        {
            currency = IsCurrency(named) ? named : all.GetValueOrDefault(named)?.StringValue ?? "";
        }

        var number = Number(variable, amount);
        if (Math.Abs(number) > MostMicros || number != decimal.Truncate(number))
        {
            throw Invalid(variable, value);
        }

        return IsCurrency(currency)
            ? StringValue.Create(MoneyText.Of((long)number, currency, locale))
            : throw new VariableException("VARIABLE_INVALID", variable.Name, variable.Currency is { } from && !IsCurrency(from)
                ? $"'{variable.Name}' has no currency: '{from}' is to be three capitals such as USD, and is '{Short(currency)}'"
                : $"'{variable.Name}' has no currency; give an object with amount_micros and currency, three capitals such as USD");
    }

    private static StringValue Time(TemplateVariable variable, Value value, TimeZoneInfo zone)
    {
        var text = value.KindCase == Value.KindOneofCase.StringValue ? value.StringValue : throw Invalid(variable, value);
        if (DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out _))
        {
            return StringValue.Create(text);
        }

        return text.Contains('T', StringComparison.Ordinal) && (text.EndsWith('Z') || text.LastIndexOfAny(['+', '-']) > 10)
            && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.None, out var instant)
                ? StringValue.Create(TimeZoneInfo.ConvertTime(instant, zone).ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture))
                : throw Invalid(variable, value);
    }

    private static bool Truth(TemplateVariable variable, Value value) => value switch
    {
        { KindCase: Value.KindOneofCase.BoolValue } => value.BoolValue,
        { KindCase: Value.KindOneofCase.StringValue, StringValue: "true" } => true,
        { KindCase: Value.KindOneofCase.StringValue, StringValue: "false" } => false,
        _ => throw Invalid(variable, value),
    };

    private static StringValue Link(TemplateVariable variable, Value value) =>
        value.KindCase == Value.KindOneofCase.StringValue && Uri.TryCreate(value.StringValue, UriKind.Absolute, out var uri)
        && uri.Scheme == Uri.UriSchemeHttps && uri.Host.Length > 0 && uri.UserInfo.Length == 0 && !value.StringValue.Any(c => char.IsControl(c) || char.IsWhiteSpace(c))
            ? StringValue.Create(value.StringValue)
            : throw Invalid(variable, value);

    public static bool IsCurrency(string text) => text.Length == 3 && text.All(char.IsAsciiLetterUpper);

    private static VariableException Invalid(TemplateVariable variable, Value value) => new(
        "VARIABLE_INVALID", variable.Name, $"'{variable.Name}' is {Shown(value)}; give {Example(variable.Type)}");

    private static string Shown(Value value) => value.KindCase switch
    {
        Value.KindOneofCase.StringValue => $"the text '{Short(value.StringValue)}'",
        Value.KindOneofCase.NumberValue => $"the number {value.NumberValue.ToString(CultureInfo.InvariantCulture)}",
        Value.KindOneofCase.BoolValue => "a truth",
        Value.KindOneofCase.ListValue => "a list",
        _ => "an object",
    };

    private static string Short(string text) => text.Length <= 40 ? text : text[..40] + "...";

    private static string Example(Type type) => type switch
    {
        Type.Text => "a text",
        Type.Number => "a number such as 12 or 0.5",
        Type.Money => "micros such as 49000000, or an object with amount_micros and currency",
        Type.Time => "an instant such as 2026-11-24T09:00:00Z, or a day such as 2026-11-24",
        Type.Truth => "true or false",
        _ => "an https address",
    };
}
