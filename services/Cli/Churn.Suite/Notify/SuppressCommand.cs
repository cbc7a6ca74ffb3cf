using System.CommandLine;
using Churn.Cli;
using Churn.Cli.Report;
using Churn.Notifications.V1;
using Churn.Suite.Calls;

namespace Churn.Suite.Notify;

/// <summary>The commands <c>churn notify suppress</c> and <c>churn notify unsuppress</c>: addresses that are sent nothing.</summary>
internal static class SuppressCommand
{
    private const string Details =
        """
        Bounces, complaints and unsubscriptions do it by themselves.

        """ + Caller.ExitStatus + """
        Examples:
          churn notify suppress ana@example.com --reason "asked by telephone"

        """;

    private const string UndoDetails = Caller.ExitStatus + """
        Examples:
          churn notify unsuppress ana@example.com

        """;

    public static Command Create(Caller caller)
    {
        var email = EmailArgument();
        var reason = TypedOption.Text("--reason", "WORD", "Why [default: unsubscribed]");
        var all = new Option<bool>("--transactional") { Description = "Holds back messages that belong to a contract too" };
        return caller.Command("suppress", "Send an address nothing more", Details, [email, reason, all], async (parsed, call) =>
        {
            var request = new AddSuppressionRequest
            {
                Suppression = new Suppression { Email = parsed.GetValue(email), Reason = parsed.GetValue(reason) ?? "unsubscribed", Transactional = parsed.GetValue(all) },
            };
            var suppression = (await call.AskAsync(options => call.Messages.AddSuppressionAsync(request, options))).Suppression;
            if (call.Format == ReportFormat.Table)
            {
                Shown.Page(call, canvas => canvas.Paragraph(
                    $"{Shown.Safe(canvas, suppression.Email)} is sent {(suppression.Transactional ? "nothing more" : "nothing more but what belongs to a contract")}: {Shown.Safe(canvas, suppression.Reason)}."));
            }
            else
            {
                SuppressionsCommand.Show(call, [suppression], hasMore: false);
            }

            return 0;
        });
    }

    public static Command CreateUndo(Caller caller)
    {
        var email = EmailArgument();
        return caller.Command("unsuppress", "Send to an address again", UndoDetails, [email], async (parsed, call) =>
        {
            var request = new RemoveSuppressionRequest { Email = parsed.GetValue(email) };
            await call.AskAsync(options => call.Messages.RemoveSuppressionAsync(request, options));
            if (call.Format == ReportFormat.Table)
            {
                Shown.Page(call, canvas => canvas.Paragraph($"{Shown.Safe(canvas, parsed.GetValue(email)!)} is sent to again."));
            }

            return 0;
        });
    }

    private static Argument<string> EmailArgument() => new("EMAIL") { Description = "The e-mail address" };
}
