using System.CommandLine;
using Churn.Cli.Report;
using Churn.Cli.Report.Input;
using Churn.Cli.Report.Output.Terminal;
using Churn.Playbooks.V1;
using Churn.Suite.Calls;

namespace Churn.Suite.Playbooks;

/// <summary>The command <c>churn playbooks apply</c>: saves playbooks and templates.</summary>
internal static class ApplyCommand
{
    private const string Details =
        """
        A file holds playbooks and templates as YAML, separated by lines of "---"; docs/playbooks.md describes it, and churn
        playbooks schema prints its JSON Schema. All documents are saved, or none. One that changed makes a new version, and runs
        that go on finish on theirs; one that did not change makes none. A new playbook is paused until it is started. NAME is one
        of the ready-made playbooks that churn playbooks library lists.

        """ + Caller.ExitStatus + """
        Examples:
          churn playbooks apply failed-payment
          churn playbooks apply playbooks/*.yaml --dry-run
          churn playbooks apply winback.yaml --start

        """;

    public static Command Create(Caller caller)
    {
        var files = new Argument<string[]>("FILE|NAME")
        {
            Arity = ArgumentArity.OneOrMore,
            Description = "Files of YAML, - for standard input, or names of ready-made playbooks",
        };
        var start = new Option<bool>("--start") { Description = "Lets customers enter from now on" };
        var dryRun = new Option<bool>("--dry-run") { Description = "Checks alone and saves nothing" };
        return caller.Command("apply", "Save playbooks and templates from files, or ready-made ones by name", Details, [files, start, dryRun], async (parsed, call) =>
        {
            var request = new ApplyPlaybooksRequest { DryRun = parsed.GetValue(dryRun), Start = parsed.GetValue(start) };
            foreach (var file in parsed.GetValue(files)!)
            {
                request.Documents.Add(await Library.LoadAsync(call, file));
            }

            var answer = await call.AskAsync(options => call.Playbooks.ApplyPlaybooksAsync(request, options));
            foreach (var warning in answer.Applied.SelectMany(a => a.Warnings))
            {
                const int sentence = 1_000;
                call.Tell($"warning: {Printable.Of(warning, sentence)}");
            }

            Show(call, request, answer);
            return 0;
        });
    }

    private static void Show(Call call, ApplyPlaybooksRequest request, ApplyPlaybooksResponse answer)
    {
        switch (call.Format)
        {
            case ReportFormat.Csv:
                Shown.WriteCsv(call, "kind,name,version,changed", answer.Applied, (lines, a) =>
                    lines.Cell(a.Kind).Then(a.Name).Then(a.Version).Then(a.Changed ? "true" : "false"));
                break;
            case ReportFormat.Json:
                Shown.WriteJson(call, answer);
                break;
            default:
                Shown.Page(call, canvas => WritePage(canvas, request, answer));
                break;
        }
    }

    private static void WritePage(Canvas canvas, ApplyPlaybooksRequest request, ApplyPlaybooksResponse answer)
    {
        var grid = new Grid().Left(1).Left(2).Left(3);
        foreach (var applied in answer.Applied)
        {
            var (what, ink) = !applied.Changed ? ("unchanged", Ink.Faint)
                : request.DryRun ? ("would be saved", Ink.Plain)
                : applied.Version == 1 ? ("new", Ink.Gain)
                : ("changed", Ink.Gain);
            grid.Add(
                new Piece(Shown.Safe(canvas, applied.Kind), Ink.Faint), new Piece(Shown.Safe(canvas, applied.Name), Ink.Strong),
                FormattableString.Invariant($"version {applied.Version}"), new Piece(what, ink));
        }

        grid.Write(canvas);
        var playbooks = answer.Applied.Where(a => a.Kind == "playbook").ToArray();
        if (request.DryRun)
        {
            canvas.Line(new Piece("All of it is in order. Nothing was saved: this was a dry run.", Ink.Faint));
        }
        else if (request.Start && playbooks.Length > 0)
        {
            canvas.Line(new Piece("Started: customers enter from now on.", Ink.Faint));
        }
        else if (playbooks.FirstOrDefault(a => a is { Changed: true, Version: 1 }) is { } first)
        {
            var name = Shown.Safe(canvas, first.Name);
            canvas.Paragraph($"Paused until it is started. Try it on the past: churn playbooks simulate {name}. Then: churn playbooks start {name}", ink: Ink.Faint);
        }
    }
}
