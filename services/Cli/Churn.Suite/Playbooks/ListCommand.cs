using System.CommandLine;
using System.Globalization;
using Churn.Cli.Report;
using Churn.Cli.Report.Output;
using Churn.Cli.Report.Output.Terminal;
using Churn.Playbooks.V1;
using Churn.Suite.Calls;

namespace Churn.Suite.Playbooks;

/// <summary>The command <c>churn playbooks list</c>: the playbooks of a server.</summary>
internal static class ListCommand
{
    private const string Details = Caller.ExitStatus + """
        Examples:
          churn playbooks list
          churn playbooks list --format csv

        """;

    public static Command Create(Caller caller) => caller.Command("list", "The playbooks, and how many customers are in them", Details, [], async (_, call) =>
    {
        var answer = await call.AskAsync(options => call.Playbooks.ListPlaybooksAsync(new ListPlaybooksRequest(), options));
        switch (call.Format)
        {
            case ReportFormat.Csv:
                Shown.WriteCsv(call, "name,version,active,trigger,holdout_share,running,treated,held_out,saved_at,title", answer.Playbooks, (lines, p) => lines
                    .Cell(p.Name).Then(p.Version).Then(p.Active ? "true" : "false").Then(p.Trigger).Then(p.HoldoutShare.ToString(CultureInfo.InvariantCulture))
                    .Then(p.RunningCount).Then(p.TreatedCount).Then(p.HeldOutCount).Then(p.SaveTime).Then(p.Title));
                break;
            case ReportFormat.Json:
                Shown.WriteJson(call, answer);
                break;
            default:
                Shown.Page(call, canvas => WritePage(canvas, answer));
                break;
        }

        return 0;
    });

    private static void WritePage(Canvas canvas, ListPlaybooksResponse answer)
    {
        if (answer.Playbooks.Count == 0)
        {
            canvas.Paragraph("There is no playbook yet. churn playbooks library lists ready-made ones; churn playbooks apply NAME saves one.");
            return;
        }

        Shown.WriteGrid(
            canvas, new Grid().Left(1).Left(6), ["playbook", "state", "holdout", "running", "treated", "held out", "starts with"],
            answer.Playbooks.Select(p => new[]
            {
                new Piece(Shown.Safe(canvas, p.Name), Ink.Strong), new Piece(p.Active ? "started" : "paused", p.Active ? Ink.Gain : Ink.Faint),
                Readouts.Percent(p.HoldoutShare), Numerals.Count(p.RunningCount), Numerals.Count(p.TreatedCount), Numerals.Count(p.HeldOutCount),
                Shown.Safe(canvas, p.Trigger),
            }));
    }
}
