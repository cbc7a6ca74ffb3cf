using System.CommandLine;
using Churn.Cli;
using Churn.Cli.Report;
using Churn.Cli.Report.Output.Terminal;
using Churn.Notifications.V1;
using Churn.Suite.Calls;

namespace Churn.Suite.Notify;

/// <summary>The command <c>churn notify suppressions</c>: the addresses that are sent nothing.</summary>
internal static class SuppressionsCommand
{
    private const int AddressesOfAPage = 50;

    private const string Details = Caller.ExitStatus + """
        Examples:
          churn notify suppressions
          churn notify suppressions --format csv > suppressions.csv

        """;

    public static Command Create(Caller caller)
    {
        var limit = TypedOption.Number("--limit", $"At most N addresses [default: {AddressesOfAPage} on a page, else all]");
        return caller.Command("suppressions", "The addresses that are sent nothing, and why", Details, [limit], async (parsed, call) =>
        {
            var most = parsed.GetValue(limit) ?? (call.Format == ReportFormat.Table ? AddressesOfAPage : int.MaxValue);
            var (all, hasMore) = await Pages.GatherAsync(most, async (size, token) =>
            {
                var request = new ListSuppressionsRequest { PageSize = size, PageToken = token };
                var page = await call.AskAsync(options => call.Messages.ListSuppressionsAsync(request, options));
                return (page.Suppressions, page.NextPageToken);
            });
            Show(call, all, hasMore);
            return 0;
        });
    }

    public static void Show(Call call, IReadOnlyList<Suppression> suppressions, bool hasMore)
    {
        switch (call.Format)
        {
            case ReportFormat.Csv:
                Shown.WriteCsv(call, "email,reason,since,transactional", suppressions, (lines, s) =>
                    lines.Cell(s.Email).Then(s.Reason).Then(s.Time).Then(s.Transactional ? "true" : "false"));
                break;
            case ReportFormat.Json:
                var all = new ListSuppressionsResponse();
                all.Suppressions.AddRange(suppressions);
                Shown.WriteJson(call, all);
                break;
            default:
                Shown.Page(call, canvas =>
                {
                    if (suppressions.Count == 0)
                    {
                        canvas.Line("No address is suppressed.");
                        return;
                    }

                    Shown.WriteGrid(
                        canvas, new Grid().Left(1).Left(2).Left(3), ["address", "reason", "since (UTC)", "holds back"],
                        suppressions.Select(s => new[]
                        {
                            new Piece(Shown.Safe(canvas, s.Email), Ink.Strong), Shown.Safe(canvas, s.Reason), Shown.Time(s.Time), s.Transactional ? "everything" : "marketing",
                        }));
                    if (hasMore)
                    {
                        canvas.Line(new Piece("... and more: --limit N shows more of them, --format csv all.", Ink.Faint));
                    }
                });
                break;
        }
    }
}
