using System.CommandLine;
using Churn.Cli.Report;
using Churn.Cli.Report.Output.Terminal;
using Churn.Suite.Calls;

namespace Churn.Suite.Playbooks;

/// <summary>The command <c>churn playbooks library</c>: the ready-made playbooks.</summary>
internal static class LibraryCommand
{
    private const string Details =
        """
        They come with this program, with their texts; no server is asked. apply takes their names. To change one, write it to
        a file first.

        """ + Caller.ExitStatus + """
        Examples:
          churn playbooks library
          churn playbooks library failed-payment > failed-payment.yaml

        """;

    public static Command Create(Caller caller)
    {
        var name = new Argument<string>("NAME") { Arity = ArgumentArity.ZeroOrOne, Description = "Prints this one's document [default: lists all]" };
        return caller.Command("library", "The ready-made playbooks that come with this program", Details, [name], (parsed, call) =>
        {
            if (parsed.GetValue(name) is { } chosen)
            {
                var document = Library.Find(chosen) ?? throw new AnswerException($"there is no ready-made playbook of that name; they are {string.Join(", ", Library.Names)}");
                call.Streams.Output.Write(System.Text.Encoding.UTF8.GetBytes(document.Text));
                return Task.FromResult(0);
            }

            var all = Library.Names.Select(n => (Name: n, Title: TitleOf(Library.Find(n)!.Text))).ToArray();
            switch (call.Format)
            {
                case ReportFormat.Csv:
                    Shown.WriteCsv(call, "name,title", all, (lines, p) => lines.Cell(p.Name).Then(p.Title));
                    break;
                case ReportFormat.Json:
                    var list = new Churn.Playbooks.V1.ListPlaybooksResponse();
                    list.Playbooks.AddRange(all.Select(p => new Churn.Playbooks.V1.Playbook { Name = p.Name, Title = p.Title }));
                    Shown.WriteJson(call, list);
                    break;
                default:
                    Shown.Page(call, canvas => WritePage(canvas, all));
                    break;
            }

            return Task.FromResult(0);
        });
    }

    private static void WritePage(Canvas canvas, (string Name, string Title)[] all)
    {
        var grid = new Grid().Left(1);
        foreach (var (name, title) in all)
        {
            grid.Add(new Piece(name, Ink.Strong), title);
        }

        grid.Write(canvas);
        canvas.Line(new Piece("churn playbooks apply NAME saves one; churn playbooks library NAME prints it.", Ink.Faint));
    }

    // A document of the library has its title on a line of its own.
    private static string TitleOf(string document) =>
        document.Split('\n').FirstOrDefault(l => l.StartsWith("title:", StringComparison.Ordinal))?["title:".Length..].Trim().Trim('"', '\'') ?? "";
}
