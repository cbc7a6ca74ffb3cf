using System.CommandLine;
using Churn.Admin.V1;
using Churn.Cli;
using Churn.Cli.Report;
using Churn.Cli.Report.Output.Terminal;
using Churn.Suite.Calls;

namespace Churn.Suite.Admin;

/// <summary>The command <c>churn admin audit</c>: what administrators did.</summary>
internal static class AuditCommand
{
    private const int EntriesOfAPage = 50;

    private const string Examples =
        """
        Examples:
          churn admin audit
          churn admin audit --about "tenant acme" --format csv

        """;

    public static Command Create(AdminCaller caller)
    {
        var about = TypedOption.Text("--about", "SUBJECT", "Only what was done about this: \"key ID\" or \"tenant ID\"");
        var limit = TypedOption.Number("--limit", $"At most N entries [default: {EntriesOfAPage} on a page, else all]");
        return caller.Command("audit", "What administrators did, latest first", Examples, [about, limit], async (parsed, call) =>
        {
            var request = new ListAuditRequest { Subject = parsed.GetValue(about) ?? "" };
            var most = parsed.GetValue(limit) ?? (call.Format == ReportFormat.Table ? EntriesOfAPage : int.MaxValue);
            var (all, hasMore) = await Pages.GatherAsync(most, async (size, token) =>
            {
                (request.PageSize, request.PageToken) = (size, token);
                var page = await call.AskAsync(options => call.Admin.ListAuditAsync(request, options));
                return (page.Entries, page.NextPageToken);
            });
            Show(call, all, hasMore);
            return 0;
        });
    }

    private static void Show(Call call, List<AuditEntry> entries, bool hasMore)
    {
        switch (call.Format)
        {
            case ReportFormat.Csv:
                Shown.WriteCsv(call, "time,actor,action,subject,detail", entries, (lines, entry) =>
                    lines.Instant(entry.Time).Then(entry.Actor).Then(entry.Action).Then(entry.Subject).Then(entry.Detail));
                break;
            case ReportFormat.Json:
                var all = new ListAuditResponse();
                all.Entries.AddRange(entries);
                Shown.WriteJson(call, all);
                break;
            default:
                Shown.Page(call, canvas =>
                {
                    if (entries.Count == 0)
                    {
                        canvas.Line("Nothing was done.");
                        return;
                    }

                    Shown.WriteGrid(
                        canvas, new Grid().Left(1).Left(2).Left(3).Left(4), ["time (UTC)", "who", "what", "about", "particulars"],
                        entries.Select(entry => new Piece[] { Shown.Time(entry.Time), Shown.Safe(canvas, entry.Actor), entry.Action, Shown.Safe(canvas, entry.Subject), Shown.Safe(canvas, entry.Detail) }));
                    if (hasMore)
                    {
                        canvas.Line(new Piece("... and more: --limit N shows more of them, --format csv all.", Ink.Faint));
                    }
                });
                break;
        }
    }
}
