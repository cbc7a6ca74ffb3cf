using System.CommandLine;
using System.Text;
using Churn.Cli;
using Churn.Cli.Report;
using Churn.Cli.Report.Output;
using Churn.Cli.Report.Output.Terminal;
using Churn.Playbooks.V1;
using Churn.Suite.Calls;

namespace Churn.Suite.Playbooks;

/// <summary>The command <c>churn playbooks show</c>: one playbook.</summary>
internal static class ShowCommand
{
    private const string Details = Caller.ExitStatus + """
        Examples:
          churn playbooks show failed-payment
          churn playbooks show failed-payment --document > failed-payment.yaml

        """;

    public static Command Create(Caller caller)
    {
        var name = PlaybooksCommand.NameArgument();
        var document = new Option<bool>("--document") { Description = "Prints the document alone, to be changed and applied again" };
        var version = TypedOption.Number("--version", "An earlier version [default: the latest]");
        return caller.Command("show", "One playbook: what it is for, how it stands, and its document", Details, [name, document, version], async (parsed, call) =>
        {
            var request = new GetPlaybookRequest { Name = parsed.GetValue(name), Version = parsed.GetValue(version) ?? 0 };
            var answer = await call.AskAsync(options => call.Playbooks.GetPlaybookAsync(request, options));
            if (parsed.GetValue(document))
            {
                call.Streams.Output.Write(Encoding.UTF8.GetBytes(answer.Document.TrimEnd('\n') + "\n"));
            }
            else if (call.Format == ReportFormat.Table)
            {
                Shown.Page(call, canvas => WritePage(canvas, call, answer));
            }
            else if (call.Format == ReportFormat.Json)
            {
                Shown.WriteJson(call, answer);
            }
            else
            {
                throw new AnswerException("a playbook is no table: leave --format csv out, or take json");
            }

            return 0;
        });
    }

    private static void WritePage(Canvas canvas, Call call, GetPlaybookResponse answer)
    {
        var playbook = answer.Playbook;
        var state = playbook.Active ? "started" : "paused";
        Shown.WriteHead(
            canvas, call, playbook.Title.Length == 0 ? playbook.Name : $"{playbook.Name}: {playbook.Title}", state, FormattableString.Invariant($"version {playbook.Version}"),
            $"saved {Shown.Time(playbook.SaveTime)} UTC");
        canvas.Blank();
        if (playbook.Description.Length > 0)
        {
            canvas.Paragraph(Shown.OneLine(canvas, playbook.Description), indent: 1);
            canvas.Blank();
        }

        var grid = new Grid().Left(1);
        grid.Add(new Piece("Starts with", Ink.Faint), Shown.Safe(canvas, playbook.Trigger));
        grid.Add(new Piece("Holdout", Ink.Faint), Readouts.Percent(playbook.HoldoutShare));
        grid.Add(
            new Piece("Customers", Ink.Faint),
            $"{Numerals.Count(playbook.RunningCount)} in a run, {Numerals.Count(playbook.TreatedCount)} treated so far, {Numerals.Count(playbook.HeldOutCount)} held out");
        grid.Write(canvas);
        canvas.Line(new Piece("--document prints its document.", Ink.Faint));
    }
}
