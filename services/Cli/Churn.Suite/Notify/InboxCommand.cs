using System.CommandLine;
using System.Globalization;
using Churn.Cli;
using Churn.Cli.Report;
using Churn.Cli.Report.Output;
using Churn.Cli.Report.Output.Terminal;
using Churn.Notifications.V1;
using Churn.Suite.Calls;

namespace Churn.Suite.Notify;

/// <summary>The command <c>churn notify inbox</c>: a person's inbox in the product, and the development mailbox.</summary>
internal static class InboxCommand
{
    private const int MailsOfAPage = 20;
    private const int MostMails = 1_000;

    private const string Details =
        """
        With --customer it shows the messages in a person's inbox within the product. --follow goes on showing new ones until
        Ctrl-C, and counts as the person's own look: what it shows is delivered. With --mail it shows the mails of the development
        mailbox, the latest last: churn serve keeps mails there unless it is told of a mail server.

        """ + Caller.ExitStatus + """
        Examples:
          churn notify inbox --mail
          churn notify inbox --mail --to ana@example.com --limit 1
          churn notify inbox --customer acme --contact ana --follow

        """;

    public static Command Create(Caller caller)
    {
        var mail = new Option<bool>("--mail") { Description = "Shows the development mailbox" };
        var to = TypedOption.Text("--to", "EMAIL", "Only mails to this address");
        var raw = new Option<bool>("--raw") { Description = "Prints whole mails, as they would go to a server" };
        var limit = TypedOption.Number("--limit", string.Create(CultureInfo.InvariantCulture, $"Shows at most the last N [default: {MailsOfAPage}]"));
        var customer = NotifyCommand.CustomerOption("The customer whose inbox to show");
        var contact = NotifyCommand.ContactOption();
        var follow = new Option<bool>("--follow") { Description = "Shows new messages as they come, until Ctrl-C" };
        var command = caller.Command(
            "inbox", "A person's inbox in the product, or the mails of the development mailbox", Details, [mail, to, raw, customer, contact, follow, limit], async (parsed, call) =>
            {
                var most = Math.Min(parsed.GetValue(limit) ?? MailsOfAPage, MostMails);
                if (parsed.GetValue(mail))
                {
                    var request = new ListMailRequest { To = parsed.GetValue(to) ?? "", Limit = most, Raw = parsed.GetValue(raw) };
                    ShowMails(call, await call.AskAsync(options => call.Messages.ListMailAsync(request, options)), request.Raw);
                    return 0;
                }

                var person = new Person { CustomerId = parsed.GetValue(customer), ContactId = parsed.GetValue(contact) ?? "" };
                await (parsed.GetValue(follow) ? FollowAsync(call, person) : ShowInboxAsync(call, person, most));
                return 0;
            });
        command.Validators.Add(result =>
        {
            if (result.GetValue(mail) == (result.GetResult(customer) is { Implicit: false }))
            {
                result.AddError("inbox takes --customer ID for a person's inbox, or --mail for the development mailbox.");
            }
            else if (result.GetValue(mail) && (result.GetValue(follow) || result.GetResult(contact) is { Implicit: false }))
            {
                result.AddError("--follow and --contact are for a person's inbox, not for --mail.");
            }
            else if (!result.GetValue(mail) && (result.GetValue(raw) || result.GetResult(to) is { Implicit: false }))
            {
                result.AddError("--to and --raw are for --mail.");
            }
        });
        return command;
    }

    /// <summary>Writes a mail as a person reads it.</summary>
    /// <param name="canvas">Where it goes.</param>
    /// <param name="mail">The mail.</param>
    /// <param name="indent">The blanks before every line.</param>
    public static void WriteMail(Canvas canvas, Mail mail, int indent = 0)
    {
        var blanks = new string(' ', indent);
        var latency = mail.Latency is { } took ? string.Create(CultureInfo.InvariantCulture, $", {took.ToTimeSpan().TotalMilliseconds:0} ms after it was asked for") : "";
        var grid = new Grid().Left(1);
        grid.Add(new Piece(blanks + "From", Ink.Faint), Shown.Safe(canvas, mail.From));
        grid.Add(new Piece(blanks + "To", Ink.Faint), Shown.Safe(canvas, mail.To));
        grid.Add(new Piece(blanks + "Date", Ink.Faint), $"{Shown.Time(mail.Time)} UTC{latency}");
        grid.Add(new Piece(blanks + "Subject", Ink.Faint), new Piece(Shown.Safe(canvas, mail.Subject), Ink.Strong));
        grid.Write(canvas);
        canvas.Blank();
        Shown.WriteText(canvas, mail.Text, indent + 2);
    }

    private static void ShowMails(Call call, ListMailResponse answer, bool raw)
    {
        var mails = answer.Mails.Reverse();
        if (raw && call.Format == ReportFormat.Table)
        {
            foreach (var mail in mails)
            {
                call.Streams.Output.Write(mail.Raw.Span);
            }

            return;
        }

        switch (call.Format)
        {
            case ReportFormat.Csv:
                Shown.WriteCsv(call, "time,message,from,to,subject,text", mails, (lines, m) => lines.Instant(m.Time).Then(m.MessageId).Then(m.From).Then(m.To).Then(m.Subject).Then(m.Text));
                break;
            case ReportFormat.Json:
                Shown.WriteJson(call, answer);
                break;
            default:
                Shown.Page(call, canvas =>
                {
                    if (answer.Mails.Count == 0)
                    {
                        canvas.Paragraph("No mail. The mailbox has what churn serve sends while it is told of no mail server.");
                    }

                    foreach (var (mail, i) in mails.Select((m, i) => (m, i)))
                    {
                        if (i > 0)
                        {
                            canvas.Blank();
                            canvas.Line(new Piece(new string('-', Math.Min(canvas.Style.Width, 72)), Ink.Faint));
                        }

                        WriteMail(canvas, mail);
                    }
                });
                break;
        }
    }

    // Who looks from outside takes nothing away from the person: the stream, which counts as delivery, is left alone.
    private static async Task ShowInboxAsync(Call call, Person person, int most)
    {
        var request = new ListMessagesRequest { CustomerId = person.CustomerId };
        var found = new List<Message>();
        do
        {
            var page = await call.AskAsync(options => call.Messages.ListMessagesAsync(request, options));
            found.AddRange(page.Messages.Where(m => m.Channel == Channel.InApp && m.Recipient?.ContactId == person.ContactId && m.State is MessageState.Sent or MessageState.Delivered));
            request.PageToken = page.NextPageToken;
        }
        while (request.PageToken.Length > 0 && found.Count < most);

        var messages = new List<StreamInboxResponse>();
        foreach (var message in found.Take(most).Reverse())
        {
            var whole = await call.AskAsync(options => call.Messages.GetMessageAsync(new GetMessageRequest { Id = message.Id }, options));
            messages.Add(new StreamInboxResponse { MessageId = message.Id, Title = message.Subject, Text = whole.Text, Time = message.SendTime ?? message.CreateTime, Template = message.Template });
        }

        if (messages.Count == 0 && call.Format == ReportFormat.Table)
        {
            Shown.Page(call, canvas => canvas.Line("The inbox is empty."));
        }

        for (var i = 0; i < messages.Count || (i == 0 && call.Format == ReportFormat.Csv); i++)
        {
            Show(call, i < messages.Count ? messages[i] : null, isFirst: i == 0);
        }
    }

    private static async Task FollowAsync(Call call, Person person)
    {
        using var asked = call.Messages.StreamInbox(new StreamInboxRequest { Person = person }, cancellationToken: call.Stop);
        for (var isFirst = true; await asked.ResponseStream.MoveNext(call.Stop); isFirst = false)
        {
            Show(call, asked.ResponseStream.Current, isFirst);
            await call.Streams.Output.FlushAsync(call.Stop);
        }
    }

    private static void Show(Call call, StreamInboxResponse? message, bool isFirst)
    {
        switch (call.Format)
        {
            case ReportFormat.Csv:
                const string header = "time,message,template,title,text\n";
                var lines = new Lines().Text(isFirst ? System.Text.Encoding.ASCII.GetBytes(header) : []);
                if (message is not null)
                {
                    lines.Instant(message.Time).Then(message.MessageId).Then(message.Template).Then(message.Title).Then(message.Text).End();
                }

                Metrics.Answer.WriteCsv(call, lines);
                break;
            case ReportFormat.Json:
                Shown.WriteJson(call, message!);
                break;
            default:
                Shown.Page(call, canvas =>
                {
                    if (!isFirst)
                    {
                        canvas.Blank();
                    }

                    canvas.Line(new Piece(Shown.Time(message!.Time), Ink.Faint), "  ", new Piece(Shown.Safe(canvas, message.Title), Ink.Strong));
                    Shown.WriteText(canvas, message.Text);
                });
                break;
        }
    }
}
