using System.CommandLine;
using System.Globalization;
using Churn.Cli.Report.Input;
using Churn.Notifications.V1;
using Churn.Suite.Calls;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;

namespace Churn.Suite.Notify;

/// <summary>Reads the variables of a message from the command line, each as the type that its template says.</summary>
internal static class Variables
{
    public static Option<string[]> Option()
    {
        var option = new Option<string[]>("--var")
        {
            Description = "A variable of the template; may be repeated",
            HelpName = "NAME=VALUE",
            Arity = ArgumentArity.OneOrMore,
            AllowMultipleArgumentsPerToken = false,
        };
        option.Validators.Add(result =>
        {
            foreach (var token in result.Tokens.Where(t => t.Value.IndexOf('=', StringComparison.Ordinal) < 1))
            {
                result.AddError($"--var takes NAME=VALUE, for example plan=Team, not '{token.Value}'.");
            }
        });
        return option;
    }

    /// <summary>Gives the variables; without a template, for a webhook's data, a value that is JSON is taken as that.</summary>
    public static async Task<Struct> ReadAsync(Call call, string template, string[]? given)
    {
        var variables = new Struct();
        if (given is null or [])
        {
            return variables;
        }

        var types = template.Length == 0 ? [] : await TypesAsync(call, template);
        foreach (var (name, text) in given.Select(Split))
        {
            variables.Fields[name] = template.Length == 0 ? Guess(text) : Of(name, text, types.GetValueOrDefault(name));
        }

        return variables;
    }

    private static (string Name, string Text) Split(string given)
    {
        var at = given.IndexOf('=', StringComparison.Ordinal);
        return (given[..at], given[(at + 1)..]);
    }

    // That there is no such template is said by the call that needs it.
    private static async Task<Dictionary<string, Variable.Types.Type>> TypesAsync(Call call, string template)
    {
        try
        {
            var answer = await call.AskAsync(options => call.Messages.GetTemplateAsync(new GetTemplateRequest { Name = template }, options));
            return answer.Template.Variables.ToDictionary(v => v.Name, v => v.Type, StringComparer.Ordinal);
        }
        catch (RpcException e) when (e.StatusCode == StatusCode.NotFound)
        {
            return [];
        }
    }

    private static Value Of(string name, string text, Variable.Types.Type type) => type switch
    {
        Variable.Types.Type.Number or Variable.Types.Type.Money => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number)
            ? Value.ForNumber(number)
            : throw Wrong(name, type == Variable.Types.Type.Money ? "micros of money, 20000000 for 20.00" : "a number", text),
        Variable.Types.Type.Truth => bool.TryParse(text, out var truth) ? Value.ForBool(truth) : throw Wrong(name, "true or false", text),
        _ => Value.ForString(text),
    };

    private static AnswerException Wrong(string name, string expected, string text) =>
        new($"--var {Printable.Of(name)} takes {expected}, not '{Printable.Of(text)}'");

    private static Value Guess(string text)
    {
        try
        {
            return Value.Parser.ParseJson(text);
        }
        catch (Exception e) when (e is InvalidProtocolBufferException or InvalidJsonException)
        {
            return Value.ForString(text);
        }
    }
}
