using System.CommandLine;
using Churn.Cli;
using Churn.Cli.Report;
using Churn.Cli.Report.Output;
using Churn.Cli.Report.Output.Terminal;
using Churn.Notifications.V1;
using Churn.Suite.Calls;
using Grpc.Core;

namespace Churn.Suite.Notify;

/// <summary>The command <c>churn notify status</c>: what became of messages.</summary>
internal static class StatusCommand
{
    private const int MessagesOfAPage = 30;

    private const string Details =
        """
        Without MESSAGE it lists messages, the latest first: the first 30 on a page, all for programs. With MESSAGE it shows one
        with its history and its text.

        """ + Caller.ExitStatus + """
        Examples:
          churn notify status --customer cus_0000021
          churn notify status --state failed --playbook failed-payment
          churn notify status cli-0199f3c2a4d57b8e9c3f

        """;

    private static readonly (string Word, MessageState Value)[] States =
    [
        ("any", MessageState.Unspecified),
        .. Shown.Words(
            MessageState.Queued, MessageState.Held, MessageState.Sending, MessageState.Sent, MessageState.Delivered, MessageState.Unknown, MessageState.Failed,
            MessageState.Suppressed, MessageState.Expired, MessageState.Bounced),
    ];

    public static Command Create(Caller caller)
    {
        var message = new Argument<string>("MESSAGE") { Arity = ArgumentArity.ZeroOrOne, Description = "The id or the key of one message [default: lists messages]" };
        var customer = NotifyCommand.CustomerOption("Only messages to this customer");
        var playbook = TypedOption.Text("--playbook", "NAME", "Only messages of this playbook");
        var state = TypedOption.Choice("--state", "Only messages that stand so", States);
        var limit = TypedOption.Number("--limit", $"At most N messages [default: {MessagesOfAPage} on a page, else all]");
        return caller.Command("status", "What became of messages, or of one with its history", Details, [message, customer, playbook, state, limit], async (parsed, call) =>
        {
            if (parsed.GetValue(message) is { } idOrKey)
            {
                ShowOne(call, await FindAsync(call, idOrKey));
                return 0;
            }

            var request = new ListMessagesRequest
            {
                CustomerId = parsed.GetValue(customer) ?? "",
                Playbook = parsed.GetValue(playbook) ?? "",
                State = parsed.GetValue(state),
            };
            var most = parsed.GetValue(limit) ?? (call.Format == ReportFormat.Table ? MessagesOfAPage : int.MaxValue);
            var (messages, hasMore) = await Pages.GatherAsync(most, async (size, token) =>
            {
                (request.PageSize, request.PageToken) = (size, token);
                var page = await call.AskAsync(options => call.Messages.ListMessagesAsync(request, options));
                return (page.Messages, page.NextPageToken);
            });
            ShowAll(call, messages, hasMore);
            return 0;
        });
    }

    public static void WriteCsv(Call call, IEnumerable<Message> messages) => Shown.WriteCsv(
        call, "message,key,channel,customer,contact,email,template,state,reason,detail,attempts,created_at,sent_at,next_at,playbook,run,subject", messages, (lines, m) => lines
            .Cell(m.Id).Then(m.Key).Then(Shown.Word(m.Channel)).Then(m.Recipient?.CustomerId ?? "").Then(m.Recipient?.ContactId ?? "").Then(m.Recipient?.Email ?? "")
            .Then(m.Template).Then(Shown.Word(m.State)).Then(m.Reason).Then(m.Detail).Then(m.AttemptCount).Then(m.CreateTime).Then(m.SendTime).Then(m.NextTime)
            .Then(m.Playbook).Then(m.RunId).Then(m.Subject));

    // Ids and keys look alike to who pastes one.
    private static async Task<GetMessageResponse> FindAsync(Call call, string idOrKey)
    {
        try
        {
            return await call.AskAsync(options => call.Messages.GetMessageAsync(new GetMessageRequest { Id = idOrKey }, options));
        }
        catch (RpcException e) when (e.StatusCode is StatusCode.NotFound or StatusCode.InvalidArgument)
        {
            return await call.AskAsync(options => call.Messages.GetMessageAsync(new GetMessageRequest { Key = idOrKey }, options));
        }
    }

    private static void ShowAll(Call call, List<Message> messages, bool hasMore)
    {
        switch (call.Format)
        {
            case ReportFormat.Csv:
                WriteCsv(call, messages);
                break;
            case ReportFormat.Json:
                var all = new ListMessagesResponse();
                all.Messages.AddRange(messages);
                Shown.WriteJson(call, all);
                break;
            default:
                Shown.Page(call, canvas => WriteList(canvas, messages, hasMore));
                break;
        }
    }

    private static void WriteList(Canvas canvas, List<Message> messages, bool hasMore)
    {
        if (messages.Count == 0)
        {
            canvas.Line("No message.");
            return;
        }

        Shown.WriteGrid(
            canvas, new Grid().Left(1).Left(2).Left(3).Left(4).Left(5), ["message", "taken (UTC)", "state", "to", "channel", "template"],
            messages.Select(m => new[]
            {
                new Piece(Shown.Safe(canvas, m.Id), Ink.Faint), Shown.Minute(m.CreateTime),
                MessageWords.Of(m.State) with { Text = MessageWords.Of(m.State).Text + (m.Reason.Length == 0 ? "" : " " + Shown.Safe(canvas, m.Reason)) },
                new Piece(MessageWords.Recipient(canvas, m), Ink.Strong), Shown.Word(m.Channel).Replace('_', '-'), Shown.Safe(canvas, m.Template),
            }));
        if (hasMore)
        {
            canvas.Line(new Piece("... and more: --limit N shows more of them, --format csv all.", Ink.Faint));
        }
    }

    private static void ShowOne(Call call, GetMessageResponse answer)
    {
        switch (call.Format)
        {
            case ReportFormat.Csv:
                Shown.WriteCsv(call, "time,state,event,detail", answer.Events, (lines, e) =>
                    lines.Instant(e.Time).Then(Shown.Word(e.State)).Then(e.Event).Then(e.Detail));
                break;
            case ReportFormat.Json:
                Shown.WriteJson(call, answer);
                break;
            default:
                Shown.Page(call, canvas => WriteOne(canvas, call, answer));
                break;
        }
    }

    private static void WriteOne(Canvas canvas, Call call, GetMessageResponse answer)
    {
        var message = answer.Message;
        Shown.WriteHead(
            canvas, call, message.Subject.Length == 0 ? message.Key : message.Subject, $"message {Shown.Safe(canvas, message.Id)}", $"key {Shown.Safe(canvas, message.Key)}");
        canvas.Blank();
        var grid = new Grid().Left(1);
        grid.Add(new Piece("State", Ink.Faint), MessageWords.Of(message.State) with { Text = MessageWords.Of(canvas, message) });
        grid.Add(new Piece("To", Ink.Faint), $"{MessageWords.Recipient(canvas, message)}, by {Shown.Word(message.Channel).Replace('_', '-')}");
        if (message.Template.Length > 0)
        {
            grid.Add(new Piece("Template", Ink.Faint), FormattableString.Invariant($"{Shown.Safe(canvas, message.Template)}, version {message.TemplateVersion}, {Shown.Safe(canvas, message.Locale)}"));
        }

        grid.Add(new Piece("Tries", Ink.Faint), Numerals.Count(message.AttemptCount));
        if (message.Playbook.Length > 0)
        {
            grid.Add(new Piece("Asked by", Ink.Faint), $"playbook {Shown.Safe(canvas, message.Playbook)}, run {Shown.Safe(canvas, message.RunId)}");
        }

        grid.Write(canvas);
        canvas.Blank();
        Shown.WriteGrid(canvas, new Grid().Left(1).Left(2), ["time (UTC)", "what", ""], answer.Events.Select(e => new[]
        {
            Shown.Time(e.Time), new Piece(Shown.Safe(canvas, e.Event).ToLowerInvariant().Replace('_', ' '), Ink.Strong), Shown.Safe(canvas, e.Detail),
        }));
        if (answer.Text.Length > 0)
        {
            canvas.Blank();
            Shown.WriteText(canvas, answer.Text);
        }
    }
}
