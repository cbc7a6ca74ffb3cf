using System.CommandLine;
using Churn.Cli;
using Churn.Cli.Report;
using Churn.Cli.Report.Output.Terminal;
using Churn.Playbooks.V1;
using Churn.Suite.Calls;

namespace Churn.Suite.Playbooks;

/// <summary>The command <c>churn playbooks runs</c>: customers' ways through playbooks.</summary>
internal static class RunsCommand
{
    private const int RunsOfAPage = 30;

    private const string Details =
        """
        Without RUN it lists runs, the latest entry first: the first 30 on a page, all for programs. With RUN it shows all that
        happened in that one.

        """ + Caller.ExitStatus + """
        Examples:
          churn playbooks runs --playbook failed-payment --status running
          churn playbooks runs --customer cus_0000021
          churn playbooks runs 5f0c2f9d6f1e4b7a

        """;

    public static Command Create(Caller caller)
    {
        var run = new Argument<string>("RUN") { Arity = ArgumentArity.ZeroOrOne, Description = "The id of one run [default: lists runs]" };
        var playbook = TypedOption.Text("--playbook", "NAME", "Only runs of this playbook");
        var customer = TypedOption.Text("--customer", "ID", "Only runs of this customer");
        var status = TypedOption.Choice("--status", "Only runs that stand so", RunWords.Statuses);
        var limit = TypedOption.Number("--limit", $"At most N runs [default: {RunsOfAPage} on a page, else all]");
        return caller.Command("runs", "Who is in a playbook and who was, or one run with all that happened", Details, [run, playbook, customer, status, limit], async (parsed, call) =>
        {
            if (parsed.GetValue(run) is { } id)
            {
                ShowOne(call, await call.AskAsync(options => call.Playbooks.GetRunAsync(new GetRunRequest { Id = id }, options)));
                return 0;
            }

            var request = new ListRunsRequest
            {
                Playbook = parsed.GetValue(playbook) ?? "",
                CustomerId = parsed.GetValue(customer) ?? "",
                Status = parsed.GetValue(status),
            };
            var most = parsed.GetValue(limit) ?? (call.Format == ReportFormat.Table ? RunsOfAPage : int.MaxValue);
            var (runs, hasMore) = await Pages.GatherAsync(most, async (size, token) =>
            {
                (request.PageSize, request.PageToken) = (size, token);
                var page = await call.AskAsync(options => call.Playbooks.ListRunsAsync(request, options));
                return (page.Runs, page.NextPageToken);
            });
            ShowAll(call, runs, hasMore);
            return 0;
        });
    }

    private static void ShowAll(Call call, List<Run> runs, bool hasMore)
    {
        switch (call.Format)
        {
            case ReportFormat.Csv:
                Shown.WriteCsv(call, "run,playbook,version,customer,status,entered_at,ended_at,step,due_at,signal", runs, (lines, r) => lines
                    .Cell(r.Id).Then(r.Playbook).Then(r.Version).Then(r.CustomerId).Then(Shown.Word(r.Status)).Then(r.EnterTime).Then(r.EndTime).Then(r.Step)
                    .Then(r.DueTime).Then(r.SignalId));
                break;
            case ReportFormat.Json:
                var all = new ListRunsResponse();
                all.Runs.AddRange(runs);
                Shown.WriteJson(call, all);
                break;
            default:
                Shown.Page(call, canvas => WriteRuns(canvas, runs, hasMore));
                break;
        }
    }

    private static void WriteRuns(Canvas canvas, List<Run> runs, bool hasMore)
    {
        if (runs.Count == 0)
        {
            canvas.Line("No run.");
            return;
        }

        Shown.WriteGrid(
            canvas, new Grid().Left(1).Left(2).Left(3).Left(4).Left(5), ["run", "entered (UTC)", "customer", "status", "playbook", "waits at, until"],
            runs.Select(r => new[]
            {
                new Piece(Shown.Safe(canvas, r.Id), Ink.Faint), Shown.Minute(r.EnterTime), new Piece(Shown.Safe(canvas, r.CustomerId), Ink.Strong), RunWords.Of(r.Status),
                Shown.Safe(canvas, r.Playbook), string.Join(", ", new[] { Shown.Safe(canvas, r.Step), Shown.Minute(r.DueTime) }.Where(t => t.Length > 0)),
            }));
        if (hasMore)
        {
            canvas.Line(new Piece("... and more: --limit N shows more of them, --format csv all.", Ink.Faint));
        }
    }

    private static void ShowOne(Call call, GetRunResponse answer)
    {
        switch (call.Format)
        {
            case ReportFormat.Csv:
                Shown.WriteCsv(call, SimulateCommand.EventsHeader, answer.Events, SimulateCommand.WriteEvent);
                break;
            case ReportFormat.Json:
                Shown.WriteJson(call, answer);
                break;
            default:
                Shown.Page(call, canvas => WriteRun(canvas, call, answer));
                break;
        }
    }

    private static void WriteRun(Canvas canvas, Call call, GetRunResponse answer)
    {
        var run = answer.Run;
        Shown.WriteHead(canvas, call, $"{run.CustomerId} in {run.Playbook}: {RunWords.Of(run.Status).Text}", FormattableString.Invariant($"version {run.Version}"), $"run {Shown.Safe(canvas, run.Id)}");
        canvas.Blank();
        if (answer.Signal is { } signal)
        {
            canvas.Paragraph($"Started by: {Shown.Safe(canvas, SignalWords.Of(signal))}", indent: 4);
            canvas.Blank();
        }

        var grid = new Grid().Left(1).Left(2).Left(3);
        Shown.WriteGrid(canvas, grid, ["time (UTC)", "step", "what", ""], answer.Events.Select(e => RunWords.Cells(canvas, e)));
        if (run.DueTime is not null)
        {
            canvas.Line(new Piece($"It waits at {Shown.Safe(canvas, run.Step)} until {Shown.Time(run.DueTime)} UTC at most.", Ink.Faint));
        }
    }
}
