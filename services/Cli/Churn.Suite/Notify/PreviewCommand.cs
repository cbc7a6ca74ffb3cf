using System.CommandLine;
using Churn.Cli;
using Churn.Cli.Report;
using Churn.Cli.Report.Output.Terminal;
using Churn.Notifications.V1;
using Churn.Suite.Calls;

namespace Churn.Suite.Notify;

/// <summary>The command <c>churn notify preview</c>: what a template makes of variables.</summary>
internal static class PreviewCommand
{
    private const string Details =
        """
        Nothing is sent. Variables that are left out are the template's samples.

        """ + Caller.ExitStatus + """
        Examples:
          churn notify preview failed-payment-1
          churn notify preview failed-payment-1 --locale pt --var amount=20000000
          churn notify preview failed-payment-1 --html > preview.html

        """;

    public static Command Create(Caller caller)
    {
        var template = new Argument<string>("TEMPLATE") { Description = "The template's name" };
        var locale = TypedOption.Text("--locale", "TAG", "The language, for example pt-BR [default: the template's]");
        var version = TypedOption.Number("--version", "An earlier version [default: the latest]");
        var html = new Option<bool>("--html") { Description = "Prints the HTML alone" };
        var variables = Variables.Option();
        return caller.Command("preview", "What a template makes of variables; nothing is sent", Details, [template, locale, variables, version, html], async (parsed, call) =>
        {
            var name = parsed.GetValue(template)!;
            var request = new PreviewMessageRequest
            {
                Template = name,
                Locale = parsed.GetValue(locale) ?? "",
                Version = parsed.GetValue(version) ?? 0,
                Variables = await Variables.ReadAsync(call, name, parsed.GetValue(variables)),
            };
            var answer = await call.AskAsync(options => call.Messages.PreviewMessageAsync(request, options));
            if (parsed.GetValue(html))
            {
                call.Streams.Output.Write(System.Text.Encoding.UTF8.GetBytes(answer.Html.TrimEnd('\n') + "\n"));
                return 0;
            }

            switch (call.Format)
            {
                case ReportFormat.Csv:
                    Shown.WriteCsv(call, "locale,subject,text,html", [answer], (lines, a) => lines.Cell(a.Locale).Then(a.Subject).Then(a.Text).Then(a.Html));
                    break;
                case ReportFormat.Json:
                    Shown.WriteJson(call, answer);
                    break;
                default:
                    Shown.Page(call, canvas =>
                    {
                        canvas.Line(new Piece(Shown.Safe(canvas, answer.Subject), Ink.Strong), new Piece($"  [{Shown.Safe(canvas, answer.Locale)}]", Ink.Faint));
                        canvas.Blank();
                        Shown.WriteText(canvas, answer.Text);
                    });
                    break;
            }

            return 0;
        });
    }
}
