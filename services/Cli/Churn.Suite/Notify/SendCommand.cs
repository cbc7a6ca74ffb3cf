using System.CommandLine;
using Churn.Cli;
using Churn.Cli.Report;
using Churn.Notifications.V1;
using Churn.Suite.Calls;

namespace Churn.Suite.Notify;

/// <summary>The command <c>churn notify send</c>: one message.</summary>
internal static class SendCommand
{
    private const string Details =
        """
        A message is known by its key: the same command with the same key sends nothing twice, so one that failed can be repeated.
        Without --key one is made and printed. Preferences, suppressions, caps and quiet hours hold; churn notify status tells what
        became of it.

        """ + Caller.ExitStatus + """
        Examples:
          churn notify send --customer acme --to ana@example.com --template welcome --var plan=Team
          churn notify send --customer acme --channel in-app --template welcome --var plan=Team
          churn notify send --customer acme --channel webhook --url https://example.com/hook --var score=12

        """;

    public static Command Create(Caller caller, Func<string> newKey)
    {
        var customer = NotifyCommand.CustomerOption("The customer that it is about", isRequired: true);
        var contact = NotifyCommand.ContactOption();
        var to = TypedOption.Text("--to", "EMAIL", "The e-mail address, for e-mail");
        var name = TypedOption.Text("--name", "NAME", "The person's name");
        var template = TypedOption.Text("--template", "NAME", "The template; a webhook needs none");
        var variables = Variables.Option();
        var channel = TypedOption.Choice("--channel", "The way it takes", NotifyCommand.Channels);
        var url = TypedOption.Text("--url", "URL", "The address of a webhook");
        var key = TypedOption.Text("--key", "KEY", "Names the message for ever [default: a new one, which is printed]");
        var locale = TypedOption.Text("--locale", "TAG", "The person's language, for example pt-BR [default: the template's]");
        var zone = TypedOption.Text("--time-zone", "ZONE", "The person's time zone, for example Europe/Lisbon [default: UTC]");
        return caller.Command(
            "send", "Send a message, once", Details, [customer, contact, to, name, template, variables, channel, url, key, locale, zone], async (parsed, call) =>
            {
                var request = new SendRequest
                {
                    Key = parsed.GetValue(key) ?? newKey(),
                    Channel = parsed.GetValue(channel) is var way && way == Channel.Unspecified ? Channel.Email : way,
                    Recipient = new Recipient
                    {
                        CustomerId = parsed.GetValue(customer),
                        ContactId = parsed.GetValue(contact) ?? "",
                        Name = parsed.GetValue(name) ?? "",
                        Email = parsed.GetValue(to) ?? "",
                        Locale = parsed.GetValue(locale) ?? "",
                        TimeZone = parsed.GetValue(zone) ?? "",
                    },
                    Template = parsed.GetValue(template) ?? "",
                    WebhookUrl = parsed.GetValue(url) ?? "",
                };
                request.Variables = await Variables.ReadAsync(call, request.Template, parsed.GetValue(variables));
                Show(call, await call.AskAsync(options => call.Messages.SendAsync(request, options)));
                return 0;
            });
    }

    private static void Show(Call call, SendResponse answer)
    {
        var message = answer.Message;
        switch (call.Format)
        {
            case ReportFormat.Csv:
                StatusCommand.WriteCsv(call, [message]);
                break;
            case ReportFormat.Json:
                Shown.WriteJson(call, answer);
                break;
            default:
                Shown.Page(call, canvas =>
                {
                    canvas.Paragraph(answer.Existing
                        ? $"There is this message already; it is not sent again: {MessageWords.Of(canvas, message)}."
                        : $"Taken, durably: {MessageWords.Of(canvas, message)}.");
                    canvas.Line($"  key {Shown.Safe(canvas, message.Key)}");
                    canvas.Line($"  id  {Shown.Safe(canvas, message.Id)}");
                });
                break;
        }
    }
}
