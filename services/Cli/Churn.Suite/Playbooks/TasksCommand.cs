using System.CommandLine;
using System.CommandLine.Help;
using Churn.Cli;
using Churn.Cli.Report;
using Churn.Cli.Report.Output.Terminal;
using Churn.Playbooks.V1;
using Churn.Suite.Calls;
using Google.Protobuf.WellKnownTypes;
using V1 = Churn.Playbooks.V1;

namespace Churn.Suite.Playbooks;

/// <summary>The command <c>churn tasks</c>: what playbooks ask people to do.</summary>
internal static class TasksCommand
{
    private const int TasksOfAPage = 50;

    private const string ListDetails = Caller.ExitStatus + """
        Examples:
          churn tasks list --owner ana
          churn tasks list --state done --format csv

        """;

    private const string DoneDetails = Caller.ExitStatus + """
        Examples:
          churn tasks done 5f0c2f9d6f1e4b7a --note "renews for two years"

        """;

    private const string SnoozeDetails = Caller.ExitStatus + """
        Examples:
          churn tasks snooze 5f0c2f9d6f1e4b7a --for 2d

        """;

    private static readonly (string Word, V1.Task.Types.State Value)[] States =
        [("open", V1.Task.Types.State.Unspecified), ("done", V1.Task.Types.State.Done), ("cancelled", V1.Task.Types.State.Cancelled)];

    public static Command Create(ReportStreams? streams = null, TimeProvider? time = null)
    {
        var caller = new Caller("churn tasks", () => streams ?? ReportStreams.OfProcess(), time ?? TimeProvider.System);
        var tasks = new Command("tasks", "What playbooks ask people to do") { List(caller), Done(caller), Snooze(caller) };
        tasks.SetAction(new HelpAction().Invoke);
        return tasks;
    }

    private static Command List(Caller caller)
    {
        var owner = TypedOption.Text("--owner", "NAME", "Only those of this owner");
        var customer = TypedOption.Text("--customer", "ID", "Only those about this customer");
        var state = TypedOption.Choice("--state", "Only those that stand so", States);
        var limit = TypedOption.Number("--limit", $"At most N tasks [default: {TasksOfAPage} on a page, else all]");
        return caller.Command("list", "The tasks, the one that is due first on top", ListDetails, [owner, customer, state, limit], async (parsed, call) =>
        {
            var request = new ListTasksRequest { Owner = parsed.GetValue(owner) ?? "", CustomerId = parsed.GetValue(customer) ?? "", State = parsed.GetValue(state) };
            var most = parsed.GetValue(limit) ?? (call.Format == ReportFormat.Table ? TasksOfAPage : int.MaxValue);
            var (all, hasMore) = await Pages.GatherAsync(most, async (size, token) =>
            {
                (request.PageSize, request.PageToken) = (size, token);
                var page = await call.AskAsync(options => call.Playbooks.ListTasksAsync(request, options));
                return (page.Tasks, page.NextPageToken);
            });
            Show(call, all, canvas => WriteList(canvas, call, all, hasMore));
            return 0;
        });
    }

    private static Command Done(Caller caller)
    {
        var id = new Argument<string>("TASK") { Description = "The task's id, as churn tasks list shows it" };
        var note = TypedOption.Text("--note", "TEXT", "What came of it");
        return caller.Command("done", "Say that a task is done", DoneDetails, [id, note], async (parsed, call) =>
        {
            var request = new CompleteTaskRequest { Id = parsed.GetValue(id), Note = parsed.GetValue(note) ?? "" };
            var task = (await call.AskAsync(options => call.Playbooks.CompleteTaskAsync(request, options))).Task;
            Show(call, [task], canvas => canvas.Paragraph($"Done: {Shown.Safe(canvas, task.Title)}"));
            return 0;
        });
    }

    private static Command Snooze(Caller caller)
    {
        var id = new Argument<string>("TASK") { Description = "The task's id, as churn tasks list shows it" };
        var span = Spans.Option("--for", "For how long from now");
        span.Required = true;
        return caller.Command("snooze", "Put a task off", SnoozeDetails, [id, span], async (parsed, call) =>
        {
            var request = new SnoozeTaskRequest { Id = parsed.GetValue(id), DueTime = Timestamp.FromDateTimeOffset(call.Now + parsed.GetValue(span)!.Value) };
            var task = (await call.AskAsync(options => call.Playbooks.SnoozeTaskAsync(request, options))).Task;
            Show(call, [task], canvas => canvas.Paragraph($"Due {Shown.Time(task.DueTime)} UTC instead: {Shown.Safe(canvas, task.Title)}"));
            return 0;
        });
    }

    private static void Show(Call call, IReadOnlyList<V1.Task> tasks, Action<Canvas> page)
    {
        switch (call.Format)
        {
            case ReportFormat.Csv:
                Shown.WriteCsv(call, "task,due_at,state,owner,customer,title,note,playbook,run,created_at,closed_at,close_note", tasks, (lines, t) => lines
                    .Cell(t.Id).Then(t.DueTime).Then(Shown.Word(t.State)).Then(t.Owner).Then(t.CustomerId).Then(t.Title).Then(t.Note).Then(t.Playbook).Then(t.RunId)
                    .Then(t.CreateTime).Then(t.CloseTime).Then(t.CloseNote));
                break;
            case ReportFormat.Json:
                var all = new ListTasksResponse();
                all.Tasks.AddRange(tasks);
                Shown.WriteJson(call, all);
                break;
            default:
                Shown.Page(call, page);
                break;
        }
    }

    private static void WriteList(Canvas canvas, Call call, List<V1.Task> tasks, bool hasMore)
    {
        if (tasks.Count == 0)
        {
            canvas.Line("No task.");
            return;
        }

        var now = Timestamp.FromDateTimeOffset(call.Now);
        Shown.WriteGrid(
            canvas, new Grid().Left(1).Left(2).Left(3), ["task", "due (UTC)", "owner", "what"],
            tasks.Select(t => new[]
            {
                new Piece(Shown.Safe(canvas, t.Id), Ink.Faint), new Piece(Shown.Minute(t.DueTime), t.State == V1.Task.Types.State.Open && t.DueTime < now ? Ink.Loss : Ink.Plain),
                Shown.Safe(canvas, t.Owner), new Piece(Shown.Safe(canvas, t.Title), Ink.Strong),
            }));
        if (hasMore)
        {
            canvas.Line(new Piece("... and more: --limit N shows more of them, --format csv all.", Ink.Faint));
        }
    }
}
