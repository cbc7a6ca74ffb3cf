using System.CommandLine;
using Churn.Cli;
using Churn.Cli.Report;
using Churn.Cli.Report.Output.Terminal;
using Churn.Notifications.V1;
using Churn.Suite.Calls;

namespace Churn.Suite.Notify;

/// <summary>The command <c>churn notify templates</c>: the texts of messages.</summary>
internal static class TemplatesCommand
{
    private const string Details =
        """
        Templates are saved by churn playbooks apply, from files that hold them alone or beside playbooks.

        """ + Caller.ExitStatus + """
        Examples:
          churn notify templates
          churn notify templates failed-payment-1 > failed-payment-1.yaml

        """;

    public static Command Create(Caller caller)
    {
        var name = new Argument<string>("NAME") { Arity = ArgumentArity.ZeroOrOne, Description = "Prints this one's document [default: lists all]" };
        var version = TypedOption.Number("--version", "An earlier version of it [default: the latest]");
        return caller.Command("templates", "The templates, with their variables and languages", Details, [name, version], async (parsed, call) =>
        {
            if (parsed.GetValue(name) is { } chosen)
            {
                var request = new GetTemplateRequest { Name = chosen, Version = parsed.GetValue(version) ?? 0 };
                var one = await call.AskAsync(options => call.Messages.GetTemplateAsync(request, options));
                if (call.Format == ReportFormat.Json)
                {
                    Shown.WriteJson(call, one);
                }
                else
                {
                    call.Streams.Output.Write(System.Text.Encoding.UTF8.GetBytes(one.Document.TrimEnd('\n') + "\n"));
                }

                return 0;
            }

            Show(call, await call.AskAsync(options => call.Messages.ListTemplatesAsync(new ListTemplatesRequest(), options)));
            return 0;
        });
    }

    private static void Show(Call call, ListTemplatesResponse answer)
    {
        switch (call.Format)
        {
            case ReportFormat.Csv:
                Shown.WriteCsv(call, "name,version,class,category,locales,variables", answer.Templates, (lines, t) => lines
                    .Cell(t.Name).Then(t.Version).Then(Shown.Word(t.MessageClass)).Then(t.Category).Then(string.Join(' ', t.Locales)).Then(VariablesOf(t)));
                break;
            case ReportFormat.Json:
                Shown.WriteJson(call, answer);
                break;
            default:
                Shown.Page(call, canvas =>
                {
                    if (answer.Templates.Count == 0)
                    {
                        canvas.Paragraph("There is no template yet. churn playbooks apply saves those of a file.");
                        return;
                    }

                    Shown.WriteGrid(
                        canvas, new Grid().Left(1).Left(2).Left(3).Left(4), ["template", "class", "category", "languages", "variables"],
                        answer.Templates.Select(t => new[]
                        {
                            new Piece(Shown.Safe(canvas, t.Name), Ink.Strong), Shown.Word(t.MessageClass), Shown.Safe(canvas, t.Category),
                            Shown.Safe(canvas, string.Join(' ', t.Locales)), Shown.Safe(canvas, VariablesOf(t)),
                        }));
                });
                break;
        }
    }

    private static string VariablesOf(Template template) => string.Join(' ', template.Variables.Select(v => v.Required ? v.Name : v.Name + "?"));
}
