using System.Globalization;
using Churn.Cli.Report.Output.Terminal;
using Churn.Playbooks.V1;
using Churn.Suite.Calls;

namespace Churn.Suite.Playbooks;

/// <summary>Says in plain words what happens in runs.</summary>
internal static class RunWords
{
    /// <summary>Names the statuses for the command line.</summary>
    public static readonly (string Word, RunStatus Value)[] Statuses =
    [
        ("any", RunStatus.Unspecified),
        .. Shown.Words(
            RunStatus.Running, RunStatus.Completed, RunStatus.GoalReached, RunStatus.Exited, RunStatus.Retracted, RunStatus.Superseded, RunStatus.HeldOut),
    ];

    public static Piece Of(RunStatus status) => new(Shown.Word(status).Replace('_', ' '), status switch
    {
        RunStatus.GoalReached => Ink.Gain,
        RunStatus.HeldOut or RunStatus.Retracted or RunStatus.Superseded => Ink.Faint,
        _ => Ink.Plain,
    });

    public static string Of(RunEvent happened) => happened.Kind switch
    {
        RunEvent.Types.Kind.Entered => "entered",
        RunEvent.Types.Kind.HeldOut => "held out",
        RunEvent.Types.Kind.Notified => "message",
        RunEvent.Types.Kind.Capped => "no message: cap reached",
        RunEvent.Types.Kind.Waiting => "waits",
        RunEvent.Types.Kind.EventCame => "event came",
        RunEvent.Types.Kind.TimeCame => "time came",
        RunEvent.Types.Kind.Branched => "branch",
        RunEvent.Types.Kind.TaskMade => "task",
        RunEvent.Types.Kind.Webhook => "webhook",
        RunEvent.Types.Kind.Ended => "ended",
        _ => Shown.Word(happened.Kind),
    };

    /// <summary>Gives the cells of an event on a page: its time, step, what happened and more of it.</summary>
    public static Piece[] Cells(Canvas canvas, RunEvent happened, string indent = "")
    {
        var detail = Shown.Safe(canvas, happened.Detail);
        var more = happened.Kind switch
        {
            RunEvent.Types.Kind.Ended => End(Of(happened.Status).Text, detail),
            RunEvent.Types.Kind.Waiting when DateTime.TryParse(detail, CultureInfo.InvariantCulture, DateTimeStyles.AdjustToUniversal | DateTimeStyles.AssumeUniversal, out var until) =>
                until.ToString("'until' yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture),
            RunEvent.Types.Kind.TaskMade when detail.Length > 0 => $"for {detail}",
            _ => detail,
        };
        return [indent + Shown.Time(happened.Time), new Piece(Shown.Safe(canvas, happened.Step), Ink.Faint), new Piece(Of(happened), InkOf(happened.Kind)), more];
    }

    // The detail says by what, and may say again how.
    private static string End(string status, string detail)
    {
        var cause = detail.StartsWith("goal: ", StringComparison.Ordinal) || detail.StartsWith("exit: ", StringComparison.Ordinal) ? detail["goal: ".Length..] : detail;
        return cause.Length == 0 || string.Equals(status, cause, StringComparison.OrdinalIgnoreCase) ? status : $"{status}: {cause}";
    }

    private static Ink InkOf(RunEvent.Types.Kind kind) => kind switch
    {
        RunEvent.Types.Kind.Notified or RunEvent.Types.Kind.TaskMade or RunEvent.Types.Kind.Webhook => Ink.Strong,
        RunEvent.Types.Kind.HeldOut or RunEvent.Types.Kind.Waiting => Ink.Faint,
        _ => Ink.Plain,
    };
}
