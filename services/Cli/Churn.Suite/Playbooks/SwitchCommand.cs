using System.CommandLine;
using Churn.Cli.Report;
using Churn.Cli.Report.Output;
using Churn.Playbooks.V1;
using Churn.Suite.Calls;

namespace Churn.Suite.Playbooks;

/// <summary>The commands <c>churn playbooks start</c> and <c>churn playbooks pause</c>.</summary>
internal static class SwitchCommand
{
    private const string StartDetails =
        """
        Only what happens from now on lets customers enter: nobody enters for what is past.

        """ + Caller.ExitStatus + """
        Examples:
          churn playbooks start failed-payment

        """;

    private const string PauseDetails =
        """
        Nobody enters, and no run takes a step; goals and exits still end runs. Steps whose time comes meanwhile are taken when the
        playbook is started again.

        """ + Caller.ExitStatus + """
        Examples:
          churn playbooks pause failed-payment

        """;

    public static Command Create(Caller caller, bool starts)
    {
        var name = PlaybooksCommand.NameArgument();
        return caller.Command(
            starts ? "start" : "pause", starts ? "Let customers enter from now on" : "Let nobody enter, and no run take a step", starts ? StartDetails : PauseDetails,
            [name], async (parsed, call) =>
            {
                var playbook = starts
                    ? (await call.AskAsync(options => call.Playbooks.StartPlaybookAsync(new StartPlaybookRequest { Name = parsed.GetValue(name) }, options))).Playbook
                    : (await call.AskAsync(options => call.Playbooks.PausePlaybookAsync(new PausePlaybookRequest { Name = parsed.GetValue(name) }, options))).Playbook;
                Show(call, playbook);
                return 0;
            });
    }

    private static void Show(Call call, Playbook playbook)
    {
        switch (call.Format)
        {
            case ReportFormat.Csv:
                Shown.WriteCsv(call, "name,version,active,running", [playbook], (lines, p) =>
                    lines.Cell(p.Name).Then(p.Version).Then(p.Active ? "true" : "false").Then(p.RunningCount));
                break;
            case ReportFormat.Json:
                Shown.WriteJson(call, playbook);
                break;
            default:
                Shown.Page(call, canvas => canvas.Paragraph(playbook.Active
                    ? $"{Shown.Safe(canvas, playbook.Name)} is started: customers enter from now on, {Readouts.Percent(playbook.HoldoutShare)} of them held out."
                    : $"{Shown.Safe(canvas, playbook.Name)} is paused: nobody enters, and {Numerals.Count(playbook.RunningCount, "run")} that went on {(playbook.RunningCount == 1 ? "waits" : "wait")}."));
                break;
        }
    }
}
